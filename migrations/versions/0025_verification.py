"""Verification: how an agreement wants it, dockets and their samples, judgements, declarations, cases left to others"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
REASONS = ("no_evidence", "not_independent", "too_late", "not_sustained", "double")
KEPT = ("recusal", "docket_declaration", "judgement")


def upgrade():
    with op.batch_alter_table("claim") as claim:
        claim.add_column(sa.Column("accepted_unseen", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("claim") as claim:
        claim.alter_column("accepted_unseen", existing_type=sa.Boolean(), server_default=None)
    create_terms()
    create_docket()
    create_strata()
    create_items()
    create_kept()


def row(table):
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def number(*names):
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def refers(table, column, to):
    return [
        sa.Column(column, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}")),
    ]


def word(name, kind, *values, nullable=False):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=nullable)


def create_terms():
    op.create_table(
        "verification_terms",
        *row("verification_terms"),
        *refers("verification_terms", "agreement_id", "agreement"),
        sa.Column("sampling", sa.Boolean(), nullable=False),
        *number("least", "share_bp", "tolerance_bp", "assessors", "version"),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_verification_terms_agreement_id")),
        sa.CheckConstraint("assessors IN (1, 2)", name=op.f("ck_verification_terms_assessors")),
    )


def create_docket():
    op.create_table(
        "docket",
        *row("docket"),
        *refers("docket", "programme_id", "programme"),
        *refers("docket", "organisation_id", "organisation"),
        *refers("docket", "locked_by_id", "user"),
        sa.Column("sampling", sa.Boolean(), nullable=False),
        *number("number", "least", "share_bp", "tolerance_bp", "assessors", "version"),
        sa.Column("list_digest", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=True),
        word("state", "docketstate", "locked", "checking", "ready", "signed"),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_docket_batch_id")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_docket_programme_id_number")),
    )
    op.create_index(op.f("ix_docket_batch_id"), "docket", ["batch_id"])


def create_strata():
    op.create_table(
        "docket_stratum",
        *row("docket_stratum"),
        *refers("docket_stratum", "docket_id", "docket"),
        *refers("docket_stratum", "effect_id", "effect"),
        *number("position", "size", "drawn"),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=True),
        word("finding", "finding", "open", "within", "above", "whole"),
        sa.UniqueConstraint("docket_id", "effect_id", name=op.f("uq_docket_stratum_docket_id_effect_id")),
        sa.CheckConstraint("drawn <= size", name=op.f("ck_docket_stratum_drawn")),
    )


def create_items():
    op.create_table(
        "docket_item",
        *refers("docket_item", "docket_id", "docket"),
        *refers("docket_item", "claim_id", "claim"),
        *refers("docket_item", "effect_id", "effect"),
        sa.Column("is_drawn", sa.Boolean(), nullable=False),
        sa.Column("to_judge", sa.Boolean(), nullable=False),
        *number("risk"),
        sa.PrimaryKeyConstraint("docket_id", "claim_id", name=op.f("pk_docket_item")),
    )
    op.create_index(op.f("ix_docket_item_claim_id"), "docket_item", ["claim_id"])
    op.create_index("ix_docket_item_work", "docket_item", ["docket_id", "to_judge", "risk"])


def create_kept():
    op.create_table(
        "recusal",
        *row("recusal"),
        *refers("recusal", "participant_id", "participant"),
        *refers("recusal", "user_id", "user"),
        sa.UniqueConstraint("participant_id", "user_id", name=op.f("uq_recusal_participant_id_user_id")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_recusal_user_id"), "recusal", ["user_id"])
    op.create_table(
        "docket_declaration",
        *row("docket_declaration"),
        *refers("docket_declaration", "docket_id", "docket"),
        *refers("docket_declaration", "user_id", "user"),
        sa.UniqueConstraint("docket_id", "user_id", name=op.f("uq_docket_declaration_docket_id_user_id")),
        info={"append_only": True},
    )
    op.create_table(
        "judgement",
        *row("judgement"),
        *refers("judgement", "claim_id", "claim"),
        *refers("judgement", "user_id", "user"),
        word("verdict", "verdict", "verified", "rejected"),
        word("reason", "rejectionreason", *REASONS, nullable=True),
        sa.Column("explanation", sa.String(), nullable=False),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_judgement_claim_id"), "judgement", ["claim_id"])
    for table in KEPT:
        guard(table)


def guard(name):
    """The database refuses to change or delete a row."""
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")


def downgrade():
    expect_nothing_lost()
    for table in (*reversed(KEPT), "docket_item", "docket_stratum", "docket", "verification_terms"):
        op.drop_table(table)
    with op.batch_alter_table("claim") as claim:
        claim.drop_column("accepted_unseen")


def expect_nothing_lost():
    for table in ("docket", "recusal", "judgement", "verification_terms"):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {table}")
