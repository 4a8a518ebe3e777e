"""Which lines the refusal of a statement is about"""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

TABLE, COLUMN = "statement", "refused_about"


def upgrade():
    op.add_column(TABLE, sa.Column(COLUMN, sa.JSON(), nullable=False, server_default="[]"))


def downgrade():
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {TABLE} WHERE CAST({COLUMN} AS TEXT) <> '[]'")).scalar():
        raise RuntimeError("the schema before this one cannot hold which lines a refusal is about")
    op.drop_column(TABLE, COLUMN)
