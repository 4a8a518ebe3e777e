"""Until when capital is asked again that was booked back"""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0087"
branch_labels = None
depends_on = None

TABLE, COLUMN = "capital_call_part", "due_again_on"


def upgrade():
    op.add_column(TABLE, sa.Column(COLUMN, sa.Date(), nullable=True))


def downgrade():
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {TABLE} WHERE {COLUMN} IS NOT NULL")).scalar():
        raise RuntimeError("the schema before this one cannot hold until when capital is asked again")
    op.drop_column(TABLE, COLUMN)
