"""The VAT number of an organisation; money that nobody asked for, taken back by two people"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

STATES = sa.Enum("booked", "reversing", "reversed", name="otherreceiptstate", native_enum=False, length=30)
# What only the new schema can say.
LOST = {
    "a VAT number": "SELECT count(*) FROM organisation WHERE vat_number <> ''",
    "a receipt that was taken back or is to be": "SELECT count(*) FROM other_receipt WHERE state <> 'booked'",
}


def upgrade():
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("vat_number", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("organisation") as organisation:
        organisation.alter_column("vat_number", server_default=None)
    with op.batch_alter_table("other_receipt") as receipt:
        receipt.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        receipt.add_column(sa.Column("state", STATES, nullable=False, server_default="booked"))
        receipt.add_column(sa.Column("reversal_reason", sa.String(), nullable=False, server_default=""))
        receipt.add_column(sa.Column("reversed_at", app.core.models.Moment(timezone=True), nullable=True))
    with op.batch_alter_table("other_receipt") as receipt:
        for name in ("version", "state", "reversal_reason"):
            receipt.alter_column(name, server_default=None)


def downgrade():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    with op.batch_alter_table("other_receipt") as receipt:
        for name in ("reversed_at", "reversal_reason", "state", "version"):
            receipt.drop_column(name)
    with op.batch_alter_table("organisation") as organisation:
        organisation.drop_column("vat_number")
