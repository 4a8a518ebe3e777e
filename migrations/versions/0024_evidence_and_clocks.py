"""Documents of evidence, clocks of effects, and what follows from them"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)


def upgrade():
    op.add_column("agreement", sa.Column("files_kept_days", sa.Integer(), nullable=True))
    _add_clock_to_effects()
    _make_files()
    _make_clocks()
    _make_milestones()
    caseload = ["programme_id", "provider_id", "started_on", "code"]
    op.create_index("ix_participant_caseload", "participant", caseload)


def _add_clock_to_effects():
    """Effects that stand already are reached on one day: their texts say what they said. The table is not made anew,
    which would lose the triggers of published tables on SQLite; so the defaults stay."""
    units = sa.Enum("days", "weeks", "months", name="lasts", native_enum=False, length=30)
    op.add_column("effect", sa.Column("lasts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("effect", sa.Column("lasts_unit", units, nullable=False, server_default="days"))


def _make_files():
    states = sa.Enum("kept", "removed", "deleted", name="filestate", native_enum=False, length=30)
    op.create_table(
        "evidence_file",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("ending", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("kept_sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("kept_by_id", sa.Uuid(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("gone_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_evidence_file_programme_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_evidence_file_participant_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_evidence_file_claim_id")),
        sa.ForeignKeyConstraint(["kept_by_id"], ["user.id"], name=op.f("fk_evidence_file_kept_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
        sa.UniqueConstraint("claim_id", "number", name=op.f("uq_evidence_file_claim_id_number")),
        sa.UniqueConstraint("stored_as", name=op.f("uq_evidence_file_stored_as")),
    )
    op.create_index("ix_evidence_file_due", "evidence_file", ["state", "keep_until"])
    op.create_index(op.f("ix_evidence_file_participant_id"), "evidence_file", ["participant_id"])


def _make_clocks():
    op.create_table(
        "clock_run",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("stopped_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noted_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("stopped_on IS NULL OR stopped_on >= started_on", name=op.f("ck_clock_run_order")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_clock_run_programme_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_clock_run_participant_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["user.id"], name=op.f("fk_clock_run_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_run")),
        sa.UniqueConstraint("participant_id", "chain", "started_on", name=op.f("uq_clock_run_participant_id_chain_started_on")),
    )
    op.create_index(op.f("ix_clock_run_participant_id"), "clock_run", ["participant_id"])


def _make_milestones():
    op.create_table(
        "milestone",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("effect_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("told_due_at", MOMENT, nullable=True),
        sa.Column("told_lapse_at", MOMENT, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_milestone_programme_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_milestone_participant_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_milestone_provider_id")),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_milestone_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("participant_id", "effect_id", name=op.f("uq_milestone_participant_id_effect_id")),
    )
    op.create_index("ix_milestone_due", "milestone", ["provider_id", "programme_id", "due_on", "lapses_on"])
    op.create_index("ix_milestone_untold", "milestone", ["told_due_at", "due_on"])


def downgrade():
    op.drop_index("ix_participant_caseload", "participant")
    op.drop_table("milestone")
    op.drop_table("clock_run")
    op.drop_table("evidence_file")
    op.drop_column("effect", "lasts_unit")
    op.drop_column("effect", "lasts")
    op.drop_column("agreement", "files_kept_days")
