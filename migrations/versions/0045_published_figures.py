"""Figures that everybody reads stand for a month

Nothing is published by the migration itself: the worker publishes each bond that runs within its next round, and until
then pages say that nothing was published yet.
"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None

NAME = "publication"


def upgrade():
    op.create_table(
        NAME,
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum("people", "effects", name="publishedkind", native_enum=False, length=30), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("as_of", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f(f"fk_{NAME}_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        sa.UniqueConstraint("programme_id", "kind", "month", name=op.f(f"uq_{NAME}_programme_id_kind_month")),
        info={"append_only": True},
    )
    op.create_index(op.f(f"ix_{NAME}_programme_id"), NAME, ["programme_id"])
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {NAME}_append_only BEFORE UPDATE OR DELETE ON {NAME} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{NAME} is append-only')"
        op.execute(f"CREATE TRIGGER {NAME}_no_{act} BEFORE {act.upper()} ON {NAME} BEGIN {refuse}; END")


def downgrade():
    """What was published can be reckoned anew from what it was made of, as of another day."""
    op.drop_table(NAME)
