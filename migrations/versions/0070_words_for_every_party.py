"""How an assessor verified, in words that every party reads"""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0065"
branch_labels = None
depends_on = None

TABLES, COLUMN = ("batch", "prepared_signature"), "method"


def upgrade():
    for table in TABLES:
        op.add_column(table, sa.Column(COLUMN, sa.String(), nullable=False, server_default=""))


def downgrade():
    for table in TABLES:
        told = sa.text(f"SELECT count(*) FROM {table} WHERE {COLUMN} != ''")
        if op.get_bind().execute(told).scalar():
            raise RuntimeError("the schema before this one cannot hold what an assessor says to every party")
    for table in TABLES:
        op.drop_column(table, COLUMN)
