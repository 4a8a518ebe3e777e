"""Choosing: screening, questions to one bidder, conflicts found, consensus meetings, quality frozen, lots, proof"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0016"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
DETECTED = ("same_organisation", "former_member", "former_partner", "named_person")
PROOFS = ("register", "conduct", "tax", "espd")


def upgrade():
    change_evaluation()
    change_opened_proposal()
    for table in ("score", "consensus"):
        with op.batch_alter_table(table) as points:
            points.drop_constraint(op.f(f"ck_{table}_points"), type_="check")
            points.create_check_constraint(op.f(f"ck_{table}_points"), "points >= 0")
    create_conflict_finding()
    create_consensus_meeting()
    create_tie_draw()
    create_enquiry()
    create_award_proof()
    carry_over()


def downgrade():
    expect_nothing_lost()
    for table in ("award_proof", "enquiry", "tie_draw", "consensus_meeting", "conflict_finding"):
        op.drop_table(table)
    for table in ("score", "consensus"):
        with op.batch_alter_table(table) as points:
            points.drop_constraint(op.f(f"ck_{table}_points"), type_="check")
            points.create_check_constraint(op.f(f"ck_{table}_points"), "points >= 0 AND points <= 10")
    with op.batch_alter_table("opened_proposal") as opened:
        opened.drop_constraint(op.f("fk_opened_proposal_screened_by_id"), type_="foreignkey")
        for column in ("shortfall", "discount_points", "screened_by_id", "screened_at", "verdict", "exclusion"):
            opened.drop_column(column)
        for column in ("admission", "discount"):
            opened.drop_column(column)
    with op.batch_alter_table("evaluation") as evaluation:
        for column in ("is_tied", "ranked_at", "frozen_at", "agreed_at"):
            evaluation.drop_column(column)


def expect_nothing_lost():
    for what, query in {
        "questions to a bidder": "SELECT count(*) FROM enquiry",
        "records of consensus meetings": "SELECT count(*) FROM consensus_meeting",
        "lots drawn": "SELECT count(*) FROM tie_draw",
        "proof of a winner": "SELECT count(*) FROM award_proof",
        "conflicts that were found": "SELECT count(*) FROM conflict_finding",
        "plans that were excluded": "SELECT count(*) FROM opened_proposal WHERE admission = 'excluded'",
        "discounts that were opened": "SELECT count(*) FROM opened_proposal WHERE discount IS NOT NULL",
        "an evaluation whose quality is frozen": "SELECT count(*) FROM evaluation WHERE state = 'frozen'",
        "points above ten": "SELECT count(*) FROM score WHERE points > 10",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def change_evaluation():
    with op.batch_alter_table("evaluation") as evaluation:
        for column in ("agreed_at", "frozen_at", "ranked_at"):
            evaluation.add_column(sa.Column(column, MOMENT, nullable=True))
        evaluation.add_column(sa.Column("is_tied", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("evaluation") as evaluation:
        evaluation.alter_column("is_tied", server_default=None)


def change_opened_proposal():
    with op.batch_alter_table("opened_proposal") as opened:
        opened.add_column(sa.Column("discount", sa.JSON(), nullable=True))
        opened.add_column(word("admission", "admission", "open", "admitted", "excluded", server_default="open"))
        opened.add_column(sa.Column("exclusion", sa.JSON(), nullable=False, server_default="{}"))
        opened.add_column(sa.Column("verdict", sa.String(), nullable=False, server_default=""))
        opened.add_column(sa.Column("screened_at", MOMENT, nullable=True))
        opened.add_column(sa.Column("screened_by_id", sa.Uuid(), nullable=True))
        opened.add_column(sa.Column("discount_points", sa.Integer(), nullable=True))
        opened.add_column(word("shortfall", "shortfall", "criterion", "total", "seal", nullable=True))
        opened.create_foreign_key(op.f("fk_opened_proposal_screened_by_id"), "user", ["screened_by_id"], ["id"])
    with op.batch_alter_table("opened_proposal") as opened:
        for column in ("admission", "exclusion", "verdict"):
            opened.alter_column(column, server_default=None)


def carry_over():
    """What was opened before was scored without a screening: it counts as admitted. Decisions stand on frozen quality."""
    op.execute("UPDATE opened_proposal SET admission = 'admitted'")
    decided = "state IN ('standstill', 'final')"
    frozen = ", ".join(f"{column} = decided_at" for column in ("agreed_at", "frozen_at", "ranked_at"))
    op.execute(f"UPDATE evaluation SET {frozen} WHERE {decided}")
    agreed = (
        "NOT EXISTS (SELECT 1 FROM opened_proposal WHERE evaluation_id = evaluation.id AND rank IS NULL) "
        "AND EXISTS (SELECT 1 FROM opened_proposal WHERE evaluation_id = evaluation.id)"
    )
    op.execute(f"UPDATE evaluation SET agreed_at = CURRENT_TIMESTAMP WHERE state = 'consensus' AND {agreed}")
    undecided = "SELECT id FROM evaluation WHERE state = 'consensus'"
    op.execute(f"UPDATE opened_proposal SET rank = NULL, total_hundredths = NULL WHERE evaluation_id IN ({undecided})")


def create_conflict_finding():
    create(
        "conflict_finding",
        {"evaluation_id": "evaluation", "user_id": "user", "consortium_id": "consortium", "dismissed_by_id": "user"},
        word("kind", "detected", *DETECTED),
        sa.Column("dismissed_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "evaluation_id",
            "user_id",
            "consortium_id",
            "kind",
            name=op.f("uq_conflict_finding_evaluation_id_user_id_consortium_id_kind"),
        ),
        indexed=("evaluation_id",),
    )


def create_consensus_meeting():
    create(
        "consensus_meeting",
        {"evaluation_id": "evaluation", "recorded_by_id": "user"},
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("present_ids", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("private_notes", sa.String(), nullable=False),
        indexed=("evaluation_id",),
    )


def create_tie_draw():
    create(
        "tie_draw",
        {"evaluation_id": "evaluation", "first_by_id": "user", "second_by_id": "user"},
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("first_words", "first_digest", "second_words", "seed")
        ),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        indexed=("evaluation_id",),
    )


DOCUMENT = (
    *(("filename", sa.String(), False), ("media_type", sa.String(), False), ("sha256", sa.String(), False)),
    ("document", sa.LargeBinary(), True),
)


def create_enquiry():
    create(
        "enquiry",
        {"opened_id": "opened_proposal", "asked_by_id": "user", "answered_by_id": "user", "judged_by_id": "user"},
        word("kind", "enquirykind", "repair", "low_price"),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("question", "basis", "answer", "reasons")),
        sa.Column("asked_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("answer_until", "counted_to")),
        *(sa.Column(name, kind, nullable=empty) for name, kind, empty in DOCUMENT),
        *(sa.Column(name, MOMENT, nullable=True) for name in ("answered_at", "judged_at")),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("opened_id", "kind", name=op.f("uq_enquiry_opened_id_kind")),
        indexed=("opened_id",),
    )


def create_award_proof():
    people = {"handed_in_by_id": "user", "checked_by_id": "user"}
    create(
        "award_proof",
        {"opened_id": "opened_proposal", "organisation_id": "organisation"} | people,
        word("kind", "proofkind", *PROOFS),
        sa.Column("months", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Date(), nullable=True) for name in ("oldest_on", "issued_on")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("basis", "remark")),
        *(sa.Column(name, kind, nullable=empty) for name, kind, empty in DOCUMENT),
        *(sa.Column(name, MOMENT, nullable=True) for name in ("handed_in_at", "checked_at")),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "opened_id", "organisation_id", "kind", name=op.f("uq_award_proof_opened_id_organisation_id_kind")
        ),
        indexed=("opened_id", "organisation_id"),
    )


EMPTY = ("dismissed_by_id", "second_by_id", "answered_by_id", "judged_by_id", "handed_in_by_id", "checked_by_id")


def create(table, references, *columns, indexed):
    op.create_table(
        table,
        *(sa.Column(name, sa.Uuid(), nullable=name in EMPTY) for name in references),
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
            for name, other in references.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for name in indexed:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def word(name, kind, *values, nullable=False, **options):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=nullable, **options)
