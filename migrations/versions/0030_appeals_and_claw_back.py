"""Appeals against what was signed, effects that are reopened, and the term of the agreement for an appeal"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
STATES = ("filed", "upheld", "dismissed", "withdrawn")
REASONS = ("falsified", "mistaken", "appeal")
ONE_PROOF = "(claim_id IS NULL) <> (measurement_id IS NULL)"


def upgrade():
    with op.batch_alter_table("verification_terms") as terms:
        terms.add_column(sa.Column("appeal_days", sa.Integer(), nullable=False, server_default="30"))
    with op.batch_alter_table("verification_terms") as terms:
        terms.alter_column("appeal_days", existing_type=sa.Integer(), server_default=None)
    create_appeal()
    create_reopening()
    guard("reopening")


def create_appeal():
    op.create_table(
        "appeal",
        *row("appeal"),
        *refers("appeal", "programme_id", "programme"),
        *refers("appeal", "claim_id", "claim", nullable=True),
        *refers("appeal", "measurement_id", "measurement", nullable=True),
        *refers("appeal", "organisation_id", "organisation"),
        *refers("appeal", "filed_by_id", "user"),
        sa.Column("by_provider", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("reason", "decision_words")),
        word("state", "appealstate", *STATES),
        *refers("appeal", "decided_by_id", "user", nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        *refers("appeal", "anew_claim_id", "claim", nullable=True),
        *refers("appeal", "anew_measurement_id", "measurement", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(ONE_PROOF, name=op.f("ck_appeal_one_proof")),
        sa.CheckConstraint("anew_claim_id IS NULL OR anew_measurement_id IS NULL", name=op.f("ck_appeal_one_anew")),
    )
    op.create_index(op.f("ix_appeal_programme_id"), "appeal", ["programme_id"])
    waiting = sa.text("state = 'filed'")
    for name in ("claim", "measurement"):
        op.create_index(
            f"uq_appeal_open_{name}",
            "appeal",
            [f"{name}_id"],
            unique=True,
            sqlite_where=waiting,
            postgresql_where=waiting,
        )


def create_reopening():
    op.create_table(
        "reopening",
        *row("reopening"),
        *refers("reopening", "programme_id", "programme"),
        *refers("reopening", "claim_id", "claim", nullable=True),
        *refers("reopening", "measurement_id", "measurement", nullable=True),
        word("reason", "reopenreason", *REASONS),
        sa.Column("explanation", sa.String(), nullable=False),
        *refers("reopening", "by_id", "user"),
        *refers("reopening", "appeal_id", "appeal", nullable=True),
        sa.CheckConstraint(ONE_PROOF, name=op.f("ck_reopening_one_proof")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_reopening_claim_id")),
        sa.UniqueConstraint("measurement_id", name=op.f("uq_reopening_measurement_id")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_reopening_programme_id"), "reopening", ["programme_id"])


def row(table):
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def refers(table, column, to, nullable=False):
    return [
        sa.Column(column, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}")),
    ]


def word(name, kind, *values):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=False)


def guard(name):
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")


def downgrade():
    expect_nothing_lost()
    op.drop_table("reopening")
    op.drop_table("appeal")
    with op.batch_alter_table("verification_terms") as terms:
        terms.drop_column("appeal_days")


def expect_nothing_lost():
    """The schema before this one ends with the sign-off."""
    kept = {
        "appeal": "SELECT count(*) FROM appeal",
        "reopening": "SELECT count(*) FROM reopening",
        "term for an appeal": "SELECT count(*) FROM verification_terms WHERE appeal_days <> 30",
    }
    for name, query in kept.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold this: {name}")
