"""The sealed statement: certificates of the portal, documents under its seal, signatures that wait for a second one"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
KEPT = ("seal_certificate", "sealed_statement")


def upgrade():
    with op.batch_alter_table("verification_terms") as terms:
        terms.add_column(sa.Column("counter_signed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("verification_terms") as terms:
        terms.alter_column("counter_signed", existing_type=sa.Boolean(), server_default=None)
    create_kept()
    create_prepared()


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


def texts(*names):
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def create_kept():
    op.create_table(
        "seal_certificate",
        *row("seal_certificate"),
        *texts("fingerprint", "pem"),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_seal_certificate_fingerprint")),
        info={"append_only": True},
    )
    op.create_table(
        "sealed_statement",
        *row("sealed_statement"),
        *refers("sealed_statement", "batch_id", "batch"),
        sa.Column("edition", sa.Enum("full", "own", "plain", name="edition", native_enum=False, length=30), nullable=False),
        *refers("sealed_statement", "payer_id", "organisation", nullable=True),
        *refers("sealed_statement", "certificate_id", "seal_certificate"),
        *texts("code", "digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("batch_id", "edition", "payer_id", name=op.f("uq_sealed_statement_batch_id_edition_payer_id")),
        sa.UniqueConstraint("code", name=op.f("uq_sealed_statement_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_sealed_statement_digest")),
        sa.CheckConstraint("(edition = 'own') = (payer_id IS NOT NULL)", name=op.f("ck_sealed_statement_payer")),
        info={"append_only": True},
    )  # fmt: skip
    op.create_index(op.f("ix_sealed_statement_batch_id"), "sealed_statement", ["batch_id"])
    for table in KEPT:
        guard(table)


def create_prepared():
    name = "prepared_signature"
    state = sa.Enum("waiting", "signed", "withdrawn", name="signaturestate", native_enum=False, length=30)
    op.create_table(
        name,
        *row(name),
        *refers(name, "programme_id", "programme"),
        *refers(name, "organisation_id", "organisation"),
        *refers(name, "signed_by_id", "user"),
        *texts("statement", "digest"),
        sa.Column("state", state, nullable=False),
        *refers(name, "counter_signed_by_id", "user", nullable=True),
        *refers(name, "batch_id", "batch", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("batch_id", name=op.f(f"uq_{name}_batch_id")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        f"uq_{name}_waiting", name, ["programme_id"], unique=True, sqlite_where=waiting, postgresql_where=waiting
    )


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
    for table in ("prepared_signature", *reversed(KEPT)):
        op.drop_table(table)
    with op.batch_alter_table("verification_terms") as terms:
        terms.drop_column("counter_signed")


def expect_nothing_lost():
    kept = {
        "sealed_statement": "SELECT count(*) FROM sealed_statement",
        "prepared_signature": "SELECT count(*) FROM prepared_signature",
        "counter-signature": "SELECT count(*) FROM verification_terms WHERE counter_signed",
    }
    for name, query in kept.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold this: {name}")
