"""By which statement of the bank everything was paid at the close"""

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("closing", sa.Column("bank_seen", sa.String(), nullable=True))


def downgrade():
    told = sa.text("SELECT count(*) FROM closing WHERE bank_seen IS NOT NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold what was stated of the bank at a close")
    op.drop_column("closing", "bank_seen")
