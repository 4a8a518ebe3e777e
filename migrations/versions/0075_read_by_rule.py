"""Claims of a person of whom an effect was falsified are read whatever is drawn; what waits for an answer is set aside"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

COLUMNS = (
    ("docket", "reads_by_rule", sa.Boolean()),
    ("docket_stratum", "by_rule", sa.Integer()),
    ("docket_item", "by_rule", sa.Boolean()),
    ("docket_item", "is_added", sa.Boolean()),
    ("docket_item", "is_set_aside", sa.Boolean()),
)


def upgrade():
    for table, column, kind in COLUMNS:
        none = "0" if isinstance(kind, sa.Integer) else sa.false()
        op.add_column(table, sa.Column(column, kind, nullable=False, server_default=none))


def downgrade():
    read = sa.text("SELECT count(*) FROM docket_item WHERE by_rule OR is_added OR is_set_aside")
    if op.get_bind().execute(read).scalar():
        raise RuntimeError("the schema before this one cannot hold which claims are read outside the draw or set aside")
    for table, column, _kind in reversed(COLUMNS):
        op.drop_column(table, column)
