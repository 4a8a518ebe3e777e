"""How an assessor verified, in words that every party reads; when an appeal was told to be late"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None

TABLES, COLUMN = ("batch", "prepared_signature"), "method"


def upgrade():
    for table in TABLES:
        op.add_column(table, sa.Column(COLUMN, sa.String(), nullable=False, server_default=""))
    op.add_column("appeal", sa.Column("reminded_at", app.core.models.Moment(), nullable=True))


def downgrade():
    for table in TABLES:
        told = sa.text(f"SELECT count(*) FROM {table} WHERE {COLUMN} != ''")
        if op.get_bind().execute(told).scalar():
            raise RuntimeError("the schema before this one cannot hold what an assessor says to every party")
    for table in TABLES:
        op.drop_column(table, COLUMN)
    op.drop_column("appeal", "reminded_at")  # the trail keeps when it was told
