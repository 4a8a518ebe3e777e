"""Which lines a dispute and its answer are about"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

COLUMNS = ("about", "answer_about")


def upgrade():
    for column in COLUMNS:
        op.add_column("dispute", sa.Column(column, sa.JSON(), nullable=False, server_default="[]"))


def downgrade():
    named = " OR ".join(f"CAST({column} AS TEXT) <> '[]'" for column in COLUMNS)
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM dispute WHERE {named}")).scalar():
        raise RuntimeError("the schema before this one cannot hold which lines a dispute is about")
    for column in COLUMNS:
        op.drop_column("dispute", column)
