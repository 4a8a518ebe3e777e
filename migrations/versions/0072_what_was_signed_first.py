"""How many decisions a first signature is for: it waits while others are taken"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

TABLE, COLUMNS = "prepared_signature", ("verified_count", "unseen_count", "rejected_count", "measured_count")


def upgrade():
    for column in COLUMNS:
        op.add_column(TABLE, sa.Column(column, sa.Integer(), nullable=True))


def downgrade():
    told = sa.text(f"SELECT count(*) FROM {TABLE} WHERE verified_count IS NOT NULL")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold for how many decisions somebody signed first")
    for column in COLUMNS:
        op.drop_column(TABLE, column)
