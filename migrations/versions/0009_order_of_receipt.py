"""The opening record is read in the order of receipt, without sorting every plan of the call"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_proposal_receipt", "proposal", ["call_id", "submitted_at", "id"])


def downgrade():
    op.drop_index("ix_proposal_receipt", table_name="proposal")
