"""Days of a participant that were typed wrong, and why they were corrected"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0060"
down_revision = "0057"
branch_labels = None
depends_on = None

TABLE = "day_correction"


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Enum("start", "exit", name="correctedday", native_enum=False, length=30), nullable=False),
        sa.Column("before", sa.Date(), nullable=False),
        sa.Column("after", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("corrected_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["corrected_by_id"], ["user.id"], name=op.f("fk_day_correction_corrected_by_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_day_correction_participant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_correction")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_day_correction_participant_id"), TABLE, ["participant_id"])
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{TABLE} is append-only')"
        op.execute(f"CREATE TRIGGER {TABLE}_no_{act} BEFORE {act.upper()} ON {TABLE} BEGIN {refuse}; END")


def downgrade():
    if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {TABLE}")).scalar():
        raise RuntimeError("the schema before this one cannot hold a corrected day")
    op.drop_table(TABLE)
