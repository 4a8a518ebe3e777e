"""The account of a receiver that is no party of the portal: VAT goes into a payment batch"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0065"
branch_labels = None
depends_on = None

# What only the new schema can say.
LOST = {
    "the account of the tax authority": "SELECT count(*) FROM remittance_part WHERE iban <> ''",
    "a payment to who is no party": "SELECT count(*) FROM batch_payment WHERE organisation_id IS NULL",
}
OF_A_PARTY = ("organisation_id", "account_id")


def upgrade():
    with op.batch_alter_table("remittance_part") as part:
        part.add_column(sa.Column("iban", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("remittance_part") as part:
        part.alter_column("iban", server_default=None)
    with op.batch_alter_table("batch_payment") as payment:
        for name in OF_A_PARTY:
            payment.alter_column(name, existing_type=sa.Uuid(), nullable=True)


def downgrade():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    with op.batch_alter_table("batch_payment") as payment:
        for name in OF_A_PARTY:
            payment.alter_column(name, existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("remittance_part") as part:
        part.drop_column("iban")
