"""A payment to who is no party of the portal comes back: it is owed again"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("returned_payment") as table:
        table.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=True)


def downgrade():
    told = sa.text("SELECT count(*) FROM returned_payment WHERE organisation_id IS NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold what came back from who is no party")
    with op.batch_alter_table("returned_payment") as table:
        table.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=False)
