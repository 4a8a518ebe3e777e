"""The terms of a call: the route of its bond, the day whose law counts, what changed, outages and reminders"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ROUTE = sa.Enum("contract", "subsidy", "no_tender", name="route", native_enum=False, length=30)
MOMENT = app.core.models.Moment(timezone=True)


def upgrade() -> None:
    # Every bond so far was tendered as a public contract; every call went by the law of its publication.
    with op.batch_alter_table("programme") as batch:
        batch.add_column(sa.Column("route", ROUTE, nullable=False, server_default="contract"))
        batch.add_column(sa.Column("route_reason", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("call") as batch:
        batch.add_column(sa.Column("answers_days", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("essential_changes", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("rules_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("bindings", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("rectification") as batch:
        batch.add_column(sa.Column("is_essential", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("changes", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("outage_from", MOMENT, nullable=True))
        batch.add_column(sa.Column("outage_until", MOMENT, nullable=True))
        batch.create_check_constraint(op.f("ck_rectification_outage"), "outage_until > outage_from")
    _fill()
    for table, columns in ADDED.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.alter_column(column, server_default=None)
    _make_reminder()


ADDED = {
    "programme": ("route", "route_reason"),
    "call": ("answers_days", "essential_changes", "bindings"),
    "rectification": ("is_essential", "changes"),
}


def _fill() -> None:
    """Art. 2.54 Aw: ten days in the Netherlands; Belgium leaves it to the call."""
    op.execute(
        "UPDATE call SET answers_days = 10 WHERE programme_id IN (SELECT id FROM programme WHERE jurisdiction = 'NL')"
    )
    op.execute("UPDATE call SET rules_on = DATE(published_at) WHERE published_at IS NOT NULL")


def _make_reminder() -> None:
    op.create_table(
        "reminder",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_reminder_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_reminder_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("call_id", "user_id", "term", "days_before", "ends_at", name=op.f("uq_reminder_call_id_user_id_term_days_before_ends_at")),
    )


def downgrade() -> None:
    op.drop_table("reminder")
    with op.batch_alter_table("rectification") as batch:
        batch.drop_constraint(op.f("ck_rectification_outage"), type_="check")
        batch.drop_column("outage_until")
        batch.drop_column("outage_from")
        batch.drop_column("changes")
        batch.drop_column("is_essential")
    with op.batch_alter_table("call") as batch:
        batch.drop_column("bindings")
        batch.drop_column("rules_on")
        batch.drop_column("essential_changes")
        batch.drop_column("answers_days")
    with op.batch_alter_table("programme") as batch:
        batch.drop_column("route_reason")
        batch.drop_column("route")
