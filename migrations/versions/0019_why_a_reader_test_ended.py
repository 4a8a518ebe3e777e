"""Who withdrew a two-reader test, when and why"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("reader_test") as test:
        test.add_column(sa.Column("withdrawn_at", app.core.models.Moment(timezone=True), nullable=True))
        test.add_column(sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True))
        test.add_column(sa.Column("withdrawn_why", sa.String(), nullable=False, server_default=""))
        test.create_foreign_key(op.f("fk_reader_test_withdrawn_by_id"), "user", ["withdrawn_by_id"], ["id"])
    with op.batch_alter_table("reader_test") as test:
        test.alter_column("withdrawn_why", existing_type=sa.String(), server_default=None)


def downgrade():
    with op.batch_alter_table("reader_test") as test:
        test.drop_constraint(op.f("fk_reader_test_withdrawn_by_id"), type_="foreignkey")
        for column in ("withdrawn_why", "withdrawn_by_id", "withdrawn_at"):
            test.drop_column(column)
