"""Which files with participants were imported: a fingerprint of each"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "imported_file",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("imported_by_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["imported_by_id"], ["user.id"], name=op.f("fk_imported_file_imported_by_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_imported_file_programme_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_imported_file_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imported_file")),
    )
    op.create_index("ix_imported_file_same", "imported_file", ["programme_id", "provider_id", "sha256"])


def downgrade():
    op.drop_index("ix_imported_file_same", table_name="imported_file")
    op.drop_table("imported_file")
