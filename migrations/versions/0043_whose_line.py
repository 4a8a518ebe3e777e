"""Whose participant a line of a settlement is about: a provider finds its own without a search

Of the tables that 0035 guards only a column is added, so that its triggers stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

NAME = "ix_settlement_line_of_provider"
FILL = """
    UPDATE settlement_line SET provider_id = (
        SELECT person.provider_id FROM claim JOIN participant AS person ON person.id = claim.participant_id
        WHERE claim.id = settlement_line.claim_id
    ) WHERE claim_id IS NOT NULL
"""


def upgrade():
    op.add_column("settlement_line", sa.Column("provider_id", sa.Uuid(), nullable=True))
    op.execute(FILL)
    op.create_index(NAME, "settlement_line", ["settlement_id", "provider_id", "position"])


def downgrade():
    op.drop_index(NAME, "settlement_line")
    op.drop_column("settlement_line", "provider_id")
