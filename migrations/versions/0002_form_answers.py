"""Form answers"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "answered_form",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_answered_form_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answered_form")),
    )


def downgrade():
    op.drop_table("answered_form")
