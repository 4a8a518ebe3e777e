"""A payment to who is no party of the portal comes back: it is owed again; running costs in an agreement without a tender"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("returned_payment") as table:
        table.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=True)
    with op.batch_alter_table("agreement") as table:
        table.add_column(sa.Column("costs", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("agreement") as table:
        table.alter_column("costs", server_default=None)


# What only the new schema can say.
LOST = {
    "what came back from who is no party": "SELECT count(*) FROM returned_payment WHERE organisation_id IS NULL",
    "running costs in an agreement": "SELECT count(*) FROM agreement WHERE CAST(costs AS TEXT) <> '[]'",
}


def downgrade():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    with op.batch_alter_table("agreement") as table:
        table.drop_column("costs")
    with op.batch_alter_table("returned_payment") as table:
        table.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=False)
