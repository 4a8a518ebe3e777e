"""A pause that ran until the exit has no end of its own: taking the exit back finds it as it was; corrected baselines"""

from collections import Counter

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


TABLE = "baseline_correction"


def upgrade():
    let_pauses_run_until_the_exit()
    op.create_table(
        TABLE,
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("corrected_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(), nullable=False),
        sa.ForeignKeyConstraint(["corrected_by_id"], ["user.id"], name=op.f(f"fk_{TABLE}_corrected_by_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f(f"fk_{TABLE}_participant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
        info={"append_only": True},
    )
    op.create_index(op.f(f"ix_{TABLE}_participant_id"), TABLE, ["participant_id"])
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{TABLE} is append-only')"
        op.execute(f"CREATE TRIGGER {TABLE}_no_{act} BEFORE {act.upper()} ON {TABLE} BEGIN {refuse}; END")


def let_pauses_run_until_the_exit():
    """Who was resumed as often as paused ended every pause before leaving; of who was not, the exit ended the last."""
    bind = op.get_bind()
    ends = "SELECT p.id, p.participant_id, p.until_on, q.exited_on FROM pause p"
    ends += " JOIN participant q ON q.id = p.participant_id WHERE q.exited_on IS NOT NULL"
    pauses = bind.execute(sa.text(f"{ends} ORDER BY p.participant_id, p.from_on, p.created_at")).all()
    resumed = bind.execute(sa.text("SELECT subject_id FROM audit_entry WHERE action = 'participant.resume'")).scalars()
    ended, paused = Counter(resumed), Counter(one.participant_id for one in pauses)
    last = {one.participant_id: one for one in pauses}
    for person, one in last.items():
        if one.until_on == one.exited_on and ended[person] < paused[person]:
            bind.execute(sa.text("UPDATE pause SET until_on = NULL WHERE id = :id"), {"id": one.id})


def downgrade():
    for kept in ("day_correction WHERE what IN ('pause', 'resume')", TABLE):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {kept}")).scalar():
            raise RuntimeError("the schema before this one cannot hold a corrected pause or baseline")
    op.drop_table(TABLE)
    left = "SELECT exited_on FROM participant WHERE participant.id = pause.participant_id"
    op.execute(f"UPDATE pause SET until_on = ({left}) WHERE until_on IS NULL")
