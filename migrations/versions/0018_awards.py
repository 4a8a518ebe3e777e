"""A letter to every bidder that another official reviewed, who read it, stages of an objection, and what suspends an award"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)


def upgrade():
    op.create_table(
        "award_letter",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("evaluation_id", "opened_id", "reviewed_by_id")),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("locale", "digest")),
        sa.Column("content", sa.JSON(), nullable=False),
        word("state", "letterstate", "reviewed", "sent", "overtaken"),
        sa.Column("reviewed_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("last_sent_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *row("award_letter"),
        refers("award_letter", "evaluation_id", "evaluation"),
        refers("award_letter", "opened_id", "opened_proposal"),
        refers("award_letter", "reviewed_by_id", "user"),
        sa.UniqueConstraint("opened_id", "number", name=op.f("uq_award_letter_opened_id_number")),
    )
    op.create_index(op.f("ix_award_letter_evaluation_id"), "award_letter", ["evaluation_id"])
    op.create_table(
        "letter_reading",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("letter_id", "user_id", "organisation_id")),
        *row("letter_reading"),
        refers("letter_reading", "letter_id", "award_letter"),
        refers("letter_reading", "user_id", "user"),
        refers("letter_reading", "organisation_id", "organisation"),
        sa.UniqueConstraint("letter_id", "user_id", name=op.f("uq_letter_reading_letter_id_user_id")),
    )
    op.create_index(op.f("ix_letter_reading_letter_id"), "letter_reading", ["letter_id"])
    op.create_table(
        "award_suspension",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        word("cause", "suspends", "court", "complaint", "authority"),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("explanation", "outcome")),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *row("award_suspension"),
        refers("award_suspension", "evaluation_id", "evaluation"),
    )
    op.create_index(op.f("ix_award_suspension_evaluation_id"), "award_suspension", ["evaluation_id"])
    with op.batch_alter_table("objection") as objection:
        objection.add_column(sa.Column("examined_at", MOMENT, nullable=True))
        objection.add_column(sa.Column("examined_by_id", sa.Uuid(), nullable=True))
        objection.add_column(sa.Column("heard_on", sa.Date(), nullable=True))
        objection.add_column(sa.Column("hearing", sa.String(), nullable=False, server_default=""))
        objection.create_foreign_key(op.f("fk_objection_examined_by_id"), "user", ["examined_by_id"], ["id"])
    with op.batch_alter_table("objection") as objection:
        objection.alter_column("hearing", existing_type=sa.String(), server_default=None)


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
    with op.batch_alter_table("objection") as objection:
        objection.drop_constraint(op.f("fk_objection_examined_by_id"), type_="foreignkey")
        for name in ("examined_at", "examined_by_id", "heard_on", "hearing"):
            objection.drop_column(name)
    for table in ("award_suspension", "letter_reading", "award_letter"):
        op.drop_table(table)


def expect_nothing_lost():
    for table in ("award_letter", "award_suspension"):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():
            raise RuntimeError("the schema before this one cannot hold letters or suspensions")
