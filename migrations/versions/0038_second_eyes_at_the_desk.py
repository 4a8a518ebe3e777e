"""What was booked for the bank can be taken back; what waits long at the bank warns; the account of a bond waits; a
second signature under a commitment"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
# What only the new schema can say.
LOST = {
    "a charge that was taken back": "SELECT count(*) FROM bank_charge WHERE reversed_on IS NOT NULL",
    "a guarantee that was withdrawn": "SELECT count(*) FROM guarantee_call WHERE state IN ('withdrawn', 'given_up')",
    "an account that waits or was withdrawn": "SELECT count(*) FROM bank_account"
    " WHERE state = 'withdrawn' OR usable_from > CURRENT_TIMESTAMP",
    "a second signature": "SELECT count(*) FROM commitment WHERE state = 'signed_once' OR co_signed_by_id IS NOT NULL",
}


def upgrade():
    with op.batch_alter_table("bank_charge") as charge:
        charge.add_column(sa.Column("reversed_on", sa.Date(), nullable=True))
        charge.add_column(sa.Column("reversed_because", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("bank_account") as account:
        account.add_column(sa.Column("usable_from", MOMENT, nullable=True))
        account.add_column(sa.Column("spoken_with", sa.String(), nullable=False, server_default=""))
    for table, column in (("bank_charge", "reversed_because"), ("bank_account", "spoken_with")):
        with op.batch_alter_table(table) as changed:
            changed.alter_column(column, existing_type=sa.String(), server_default=None)
    for table in ("bank_entry", "payment_batch"):
        op.add_column(table, sa.Column("warned_at", MOMENT, nullable=True))
    with op.batch_alter_table("commitment") as commitment:
        commitment.add_column(sa.Column("co_signed_by_id", sa.Uuid(), nullable=True))
        commitment.add_column(sa.Column("co_signed_at", MOMENT, nullable=True))
        commitment.create_foreign_key(op.f("fk_commitment_co_signed_by_id"), "user", ["co_signed_by_id"], ["id"])


def downgrade():
    expect_nothing_lost()
    with op.batch_alter_table("commitment") as commitment:
        commitment.drop_constraint(op.f("fk_commitment_co_signed_by_id"), type_="foreignkey")
        commitment.drop_column("co_signed_at")
        commitment.drop_column("co_signed_by_id")
    for table in ("bank_entry", "payment_batch"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("warned_at")
    with op.batch_alter_table("bank_account") as account:
        account.drop_column("spoken_with")
        account.drop_column("usable_from")
    with op.batch_alter_table("bank_charge") as charge:
        charge.drop_column("reversed_because")
        charge.drop_column("reversed_on")


def expect_nothing_lost():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
