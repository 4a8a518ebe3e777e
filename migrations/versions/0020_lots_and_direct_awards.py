"""Agreements on a direct award, with volumes of their own; providers that are named without a tender; the lot of a
participant"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)


def upgrade():
    op.create_table(
        "direct_award",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("programme_id", "lead_id")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "reason")),
        word("state", "directstate", "open", "agreed"),
        sa.Column("version", sa.Integer(), nullable=False),
        *row("direct_award"),
        refers("direct_award", "programme_id", "programme"),
        refers("direct_award", "lead_id", "organisation"),
        sa.UniqueConstraint("programme_id", name=op.f("uq_direct_award_programme_id")),
    )
    op.create_table(
        "named_provider",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("award_id", "organisation_id")),
        word("state", "namedstate", "asked", "accepted", "declined", "withdrawn"),
        sa.Column("contribution", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *row("named_provider"),
        refers("named_provider", "award_id", "direct_award"),
        refers("named_provider", "organisation_id", "organisation"),
        refers("named_provider", "answered_by_id", "user"),
        sa.UniqueConstraint("award_id", "organisation_id", name=op.f("uq_named_provider_award_id_organisation_id")),
    )
    for column in ("award_id", "organisation_id"):
        op.create_index(op.f(f"ix_named_provider_{column}"), "named_provider", [column])
    with op.batch_alter_table("agreement") as agreement:
        agreement.alter_column("evaluation_id", existing_type=sa.Uuid(), nullable=True)
        agreement.add_column(sa.Column("direct_award_id", sa.Uuid(), nullable=True))
        agreement.add_column(sa.Column("volumes", sa.JSON(), nullable=False, server_default="{}"))
        agreement.create_foreign_key(
            op.f("fk_agreement_direct_award_id"), "direct_award", ["direct_award_id"], ["id"]
        )
        agreement.create_check_constraint(
            op.f("ck_agreement_one_award"), "(evaluation_id IS NULL) <> (direct_award_id IS NULL)"
        )
    with op.batch_alter_table("agreement") as agreement:
        agreement.alter_column("volumes", existing_type=sa.JSON(), server_default=None)
    with op.batch_alter_table("participant") as participant:
        participant.add_column(sa.Column("lot_id", sa.Uuid(), nullable=True))
        participant.create_foreign_key(op.f("fk_participant_lot_id"), "lot", ["lot_id"], ["id"])


def word(name, kind, *values):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=False)


def row(table):
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def refers(table, column, to):
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def downgrade():
    expect_nothing_lost()
    with op.batch_alter_table("participant") as participant:
        participant.drop_constraint(op.f("fk_participant_lot_id"), type_="foreignkey")
        participant.drop_column("lot_id")
    with op.batch_alter_table("agreement") as agreement:
        agreement.drop_constraint(op.f("ck_agreement_one_award"), type_="check")
        agreement.drop_constraint(op.f("fk_agreement_direct_award_id"), type_="foreignkey")
        agreement.drop_column("volumes")
        agreement.drop_column("direct_award_id")
        agreement.alter_column("evaluation_id", existing_type=sa.Uuid(), nullable=False)
    for table in ("named_provider", "direct_award"):
        op.drop_table(table)


def expect_nothing_lost():
    held = "SELECT (SELECT count(*) FROM direct_award) + (SELECT count(*) FROM participant WHERE lot_id IS NOT NULL)"
    if op.get_bind().execute(sa.text(held)).scalar():
        raise RuntimeError("the schema before this one cannot hold direct awards or lots of participants")
