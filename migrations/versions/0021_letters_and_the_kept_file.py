"""Letters name their reference, court and advantages per criterion; organisations have an address; archives are known"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXTS = {"organisation": ("street", "postal_code"), "evaluation": ("reference", "court")}


def upgrade():
    for table, names in TEXTS.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.alter_column(name, existing_type=sa.String(), server_default=None)
    with op.batch_alter_table("opened_proposal") as opened:
        opened.add_column(sa.Column("advantages", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("opened_proposal") as opened:
        opened.alter_column("advantages", existing_type=sa.JSON(), server_default=None)
