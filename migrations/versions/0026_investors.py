"""Investors: maximum, tickets and allotment of a round, term sheet as a file, interest, what was signed, transfers"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
MONEY = app.core.models.MinorUnits()


def upgrade():
    change_round()
    change_tranche()
    with op.batch_alter_table("commitment") as commitment:
        commitment.add_column(sa.Column("signed_digest", sa.String(), nullable=False, server_default=""))
        commitment.add_column(sa.Column("explained", sa.JSON(none_as_null=True), nullable=True))
    drop_defaults("commitment", {"signed_digest": sa.String()})
    create_term_sheet()
    create_interest()
    create_assignment()


def downgrade():
    expect_nothing_lost()
    for table in ("assignment", "interest", "term_sheet"):
        op.drop_table(table)
    with op.batch_alter_table("commitment") as commitment:
        for column in ("explained", "signed_digest"):
            commitment.drop_column(column)
    with op.batch_alter_table("tranche") as tranche:
        for column in ("guarantor", "guarantee_minor", "day_count"):
            tranche.drop_column(column)
    with op.batch_alter_table("investor_round") as round:
        for check in ("maximum", "ticket"):
            round.drop_constraint(op.f(f"ck_investor_round_{check}"), type_="check")
        for column in ("opens_on", "allotment", "ticket_step_minor", "ticket_least_minor", "maximum_minor"):
            round.drop_column(column)


def expect_nothing_lost():
    for what, query in {
        "transfers of commitments": "SELECT count(*) FROM assignment",
        "interest of investors": "SELECT count(*) FROM interest",
        "term sheets as files": "SELECT count(*) FROM term_sheet",
        "what investors signed": "SELECT count(*) FROM commitment WHERE signed_digest <> ''",
        "how commitments were allotted": "SELECT count(*) FROM commitment WHERE explained IS NOT NULL",
        "a guarantee": "SELECT count(*) FROM tranche WHERE guarantee_minor <> 0",
        "a maximum above the target": "SELECT count(*) FROM investor_round WHERE maximum_minor <> target_minor",
        "a round that is cut pro rata": "SELECT count(*) FROM investor_round WHERE allotment <> 'first_come'",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def change_round():
    """Until now a round took its target and not a cent more, from whoever came first."""
    with op.batch_alter_table("investor_round") as round:
        round.add_column(sa.Column("maximum_minor", MONEY, nullable=True))
        round.add_column(sa.Column("ticket_least_minor", MONEY, nullable=False, server_default="1"))
        round.add_column(sa.Column("ticket_step_minor", MONEY, nullable=False, server_default="1"))
        round.add_column(word("allotment", "allotmentrule", "first_come", "pro_rata", server_default="first_come"))
        round.add_column(sa.Column("opens_on", sa.Date(), nullable=True))
    op.execute("UPDATE investor_round SET maximum_minor = target_minor")
    with op.batch_alter_table("investor_round") as round:
        round.alter_column("maximum_minor", existing_type=MONEY, nullable=False)
        round.alter_column("ticket_least_minor", existing_type=MONEY, server_default=None)
        round.alter_column("ticket_step_minor", existing_type=MONEY, server_default=None)
        round.alter_column("allotment", existing_type=sa.String(30), server_default=None)
        round.create_check_constraint(op.f("ck_investor_round_maximum"), "target_minor <= maximum_minor")
        round.create_check_constraint(
            op.f("ck_investor_round_ticket"), "0 < ticket_least_minor AND 0 < ticket_step_minor"
        )


def change_tranche():
    with op.batch_alter_table("tranche") as tranche:
        tranche.add_column(word("day_count", "daycount", "ACT/365F", "30E/360", server_default="ACT/365F"))
        tranche.add_column(sa.Column("guarantee_minor", MONEY, nullable=False, server_default="0"))
        tranche.add_column(sa.Column("guarantor", sa.String(), nullable=False, server_default=""))
    drop_defaults("tranche", {"day_count": sa.String(30), "guarantee_minor": MONEY, "guarantor": sa.String()})


def drop_defaults(table, columns):
    with op.batch_alter_table(table) as changed:
        for column, kind in columns.items():
            changed.alter_column(column, existing_type=kind, server_default=None)


def word(name, kind, *words, **options):
    options = {"nullable": False} | options
    return sa.Column(name, sa.Enum(*words, name=kind, native_enum=False, length=30), **options)


def create_term_sheet():
    op.create_table(
        "term_sheet",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["investor_round.id"], name=op.f("fk_term_sheet_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term_sheet")),
        sa.UniqueConstraint("round_id", name=op.f("uq_term_sheet_round_id")),
    )


def create_interest():
    parents = {
        "round_id": "investor_round",
        "programme_id": "programme",
        "organisation_id": "organisation",
        "stated_by_id": "user",
    }
    op.create_table(
        "interest",
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in parents),
        sa.Column("amount_minor", MONEY, nullable=False),
        sa.Column("conditions", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        word("state", "intereststate", "stated", "committed", "withdrawn", "lapsed"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_interest_amount")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_interest_{column}"))
            for column, table in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
    )
    with op.batch_alter_table("interest") as interest:
        for column in ("organisation_id", "programme_id", "round_id"):
            interest.create_index(op.f(f"ix_interest_{column}"), [column])


def create_assignment():
    parents = {
        "programme_id": "programme",
        "commitment_id": "commitment",
        "giver_id": "organisation",
        "receiver_id": "organisation",
        "proposed_by_id": "user",
        "accepted_by_id": "user",
        "consented_by_id": "user",
        "made_id": "commitment",
    }
    later = ("accepted_by_id", "consented_by_id", "made_id")
    op.create_table(
        "assignment",
        *(sa.Column(column, sa.Uuid(), nullable=column in later) for column in parents),
        sa.Column("amount_minor", MONEY, nullable=False),
        *(sa.Column(column, sa.String(), nullable=False) for column in ("reason", "digest", "refused_because")),
        word("state", "assignmentstate", "proposed", "accepted", "done", "refused", "withdrawn"),
        *(sa.Column(column, MOMENT, nullable=True) for column in ("accepted_at", "consented_at")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_assignment_amount")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_assignment_{column}"))
            for column, table in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment") as assignment:
        for column in ("commitment_id", "programme_id"):
            assignment.create_index(op.f(f"ix_assignment_{column}"), [column])
