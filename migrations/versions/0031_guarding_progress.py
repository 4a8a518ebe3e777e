"""Guarding progress: milestones, corrective actions, early warnings, the cash plan"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "cash_line",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("capital", "effects", "costs", "distributions", name="cashkind", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("month_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_cash_line_amount")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cash_line_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_line")),
    )
    op.create_index(op.f("ix_cash_line_programme_id"), "cash_line", ["programme_id"], unique=False)

    op.create_table(
        "corrective_action",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column(
            "about",
            sa.Enum(
                "intake_behind",
                "effect_behind",
                "milestone_late",
                "cash_short",
                "claims_wait",
                "statement_late",
                "capital_late",
                "corrective_late",
                name="warningkind",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("agreed_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "agreed",
                "done",
                "declined",
                "withdrawn",
                name="correctivestate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reminded_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreed_by_id"], ["user.id"], name=op.f("fk_corrective_action_agreed_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_corrective_action_owner_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_corrective_action_programme_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_corrective_action_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrective_action")),
    )
    op.create_index("ix_corrective_action_due", "corrective_action", ["state", "due_on"], unique=False)
    op.create_index(op.f("ix_corrective_action_owner_id"), "corrective_action", ["owner_id"], unique=False)
    op.create_index(op.f("ix_corrective_action_programme_id"), "corrective_action", ["programme_id"], unique=False)

    op.create_table(
        "early_warning",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "intake_behind",
                "effect_behind",
                "milestone_late",
                "cash_short",
                "claims_wait",
                "statement_late",
                "capital_late",
                "corrective_late",
                name="warningkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=True),
        sa.Column("ended_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_early_warning_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_warning")),
        sa.UniqueConstraint("standing", name=op.f("uq_early_warning_standing")),
    )
    op.create_index(op.f("ix_early_warning_programme_id"), "early_warning", ["programme_id"], unique=False)

    op.create_table(
        "progress_milestone",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "met", "dropped", name="milestonestate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("reminded_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'met') = (met_on IS NOT NULL)", name=op.f("ck_progress_milestone_met")),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_progress_milestone_owner_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_progress_milestone_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_milestone")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_progress_milestone_programme_id_code")),
    )
    op.create_index("ix_progress_milestone_due", "progress_milestone", ["state", "due_on"], unique=False)
    op.create_index(op.f("ix_progress_milestone_owner_id"), "progress_milestone", ["owner_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_progress_milestone_owner_id"), table_name="progress_milestone")
    op.drop_index("ix_progress_milestone_due", table_name="progress_milestone")

    op.drop_table("progress_milestone")
    op.drop_index(op.f("ix_early_warning_programme_id"), table_name="early_warning")

    op.drop_table("early_warning")
    op.drop_index(op.f("ix_corrective_action_programme_id"), table_name="corrective_action")
    op.drop_index(op.f("ix_corrective_action_owner_id"), table_name="corrective_action")
    op.drop_index("ix_corrective_action_due", table_name="corrective_action")

    op.drop_table("corrective_action")
    op.drop_index(op.f("ix_cash_line_programme_id"), table_name="cash_line")

    op.drop_table("cash_line")
