"""A receipt that was booked by hand, without a line of the bank, is taken back by two people too"""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

TABLE = "taken_back"


def upgrade():
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("entry_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("transfer_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_taken_back_transfer_id"), "transfer", ["transfer_id"], ["id"])
        table.create_check_constraint("of_one", "(entry_id IS NULL) <> (transfer_id IS NULL)")
        table.create_index(op.f("ix_taken_back_transfer_id"), ["transfer_id"])


def downgrade():
    told = sa.text(f"SELECT count(*) FROM {TABLE} WHERE entry_id IS NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold a receipt by hand that was taken back or is to be")
    with op.batch_alter_table(TABLE) as table:
        table.drop_index(op.f("ix_taken_back_transfer_id"))
        table.drop_constraint(op.f("ck_taken_back_of_one"), type_="check")
        table.drop_constraint(op.f("fk_taken_back_transfer_id"), type_="foreignkey")
        table.drop_column("transfer_id")
        table.alter_column("entry_id", existing_type=sa.Uuid(), nullable=False)
