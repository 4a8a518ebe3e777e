"""A reopening is proposed by one person of the assessor and confirmed by another one"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
KEYS = {
    "programme_id": "programme",
    "claim_id": "claim",
    "measurement_id": "measurement",
    "proposed_by_id": "user",
    "decided_by_id": "user",
}
OPTIONAL = ("claim_id", "measurement_id", "decided_by_id")
WAITING = sa.text("state = 'waiting'")


def word(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def upgrade():
    op.create_table(
        "reopening_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=name in OPTIONAL) for name in KEYS),
        sa.Column("reason", word("reopenreason", "falsified", "mistaken", "appeal"), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("state", word("proposalstate", "waiting", "confirmed", "withdrawn"), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening_proposal")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_reopening_proposal_{name}"))
            for name, to in KEYS.items()
        ),
        sa.CheckConstraint(
            "(claim_id IS NULL) <> (measurement_id IS NULL)", name=op.f("ck_reopening_proposal_one_proof")
        ),
        sa.CheckConstraint(
            "decided_by_id <> proposed_by_id OR state <> 'confirmed'", name=op.f("ck_reopening_proposal_another_person")
        ),
    )
    op.create_index("ix_reopening_proposal_programme_id", "reopening_proposal", ["programme_id"])
    for proof in ("claim", "measurement"):
        op.create_index(
            f"uq_reopening_proposal_{proof}",
            "reopening_proposal",
            [f"{proof}_id"],
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        )


def downgrade():
    """What was confirmed stands as a reopening; who proposed it, and what waits, would be lost."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM reopening_proposal")).scalar():
        raise RuntimeError("the schema before this one cannot hold reopening_proposal")
    op.drop_table("reopening_proposal")
