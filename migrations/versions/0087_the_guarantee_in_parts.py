"""A guarantee that was called comes in in parts"""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0080"
branch_labels = None
depends_on = None

TABLE, FIRST = "guarantee_call", sa.text("paid_of_id IS NULL")


def upgrade():
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("paid_of_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_guarantee_call_paid_of_id"), TABLE, ["paid_of_id"], ["id"])
        table.drop_constraint("uq_guarantee_call_reference", type_="unique")
    kept = {"sqlite_where": FIRST, "postgresql_where": FIRST}
    op.create_index("uq_guarantee_call_reference", TABLE, ["reference"], unique=True, **kept)


def downgrade():
    told = sa.text(f"SELECT count(*) FROM {TABLE} WHERE paid_of_id IS NOT NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold a guarantee that came in in parts")
    op.drop_index("uq_guarantee_call_reference", table_name=TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.create_unique_constraint("uq_guarantee_call_reference", ["reference"])
        table.drop_constraint("fk_guarantee_call_paid_of_id", type_="foreignkey")
        table.drop_column("paid_of_id")
