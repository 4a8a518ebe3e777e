"""What the books answered, night by night"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

NAME = "books_check"


def upgrade():
    op.create_table(
        NAME,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("failed", sa.JSON(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("day", name=op.f(f"uq_{NAME}_day")),
        info={"append_only": True},
    )
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {NAME}_append_only BEFORE UPDATE OR DELETE ON {NAME} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{NAME} is append-only')"
        op.execute(f"CREATE TRIGGER {NAME}_no_{act} BEFORE {act.upper()} ON {NAME} BEGIN {refuse}; END")


def downgrade():
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {NAME}")).scalar():
        raise RuntimeError(f"the schema before this one cannot hold this: {NAME}")
    op.drop_table(NAME)
