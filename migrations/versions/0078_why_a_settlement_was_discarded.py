"""Why a settlement was discarded"""

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("settlement", sa.Column("discarded_because", sa.String(), nullable=False, server_default=""))


def downgrade():
    told = sa.text("SELECT count(*) FROM settlement WHERE discarded_because <> ''")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold why a settlement was discarded")
    op.drop_column("settlement", "discarded_because")
