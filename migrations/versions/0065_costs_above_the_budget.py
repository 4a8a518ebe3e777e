"""Why running costs above the budget of the plan are asked all the same"""

import sqlalchemy as sa
from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

TABLE, COLUMN = "cost_payment", "over_budget_because"


def upgrade():
    op.add_column(TABLE, sa.Column(COLUMN, sa.String(), nullable=False, server_default=""))


def downgrade():
    told = sa.text(f"SELECT count(*) FROM {TABLE} WHERE {COLUMN} != ''")
    if op.get_bind().execute(told).scalar():
        raise RuntimeError("the schema before this one cannot hold why costs are above their budget")
    op.drop_column(TABLE, COLUMN)
