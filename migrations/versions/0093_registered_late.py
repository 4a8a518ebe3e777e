"""Why somebody was registered long after the start"""

import sqlalchemy as sa
from alembic import op

revision = "0093"
down_revision = "0091"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("participant", sa.Column("late_reason", sa.String(), nullable=True))


def downgrade():
    told = sa.text("SELECT count(*) FROM participant WHERE late_reason IS NOT NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold why somebody was registered late")
    op.drop_column("participant", "late_reason")
