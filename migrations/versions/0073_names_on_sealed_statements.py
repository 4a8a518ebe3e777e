"""The names of the signers as they stand on the sealed file: an account may change its name afterwards"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

TABLE, COLUMNS = "sealed_statement", ("signed_by_name", "counter_signed_by_name")


def upgrade():
    for column in COLUMNS:
        op.add_column(TABLE, sa.Column(column, sa.String(), nullable=True))


def downgrade():
    """Nothing is lost: the names stand on the file itself."""
    for column in COLUMNS:
        op.drop_column(TABLE, column)
