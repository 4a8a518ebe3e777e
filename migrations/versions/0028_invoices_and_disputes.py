"""Statements are paid in parts, disputed and corrected; invoices and credit notes; the term of payment"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
AMOUNT = app.core.models.MinorUnits()
APPEND_ONLY = ("statement_payment", "correction", "invoice")
DISPUTE = sa.Enum(
    "raised", "answered", "stands", "corrected", "returned", name="disputestate", native_enum=False, length=30
)
KIND = sa.Enum("invoice", "credit_note", name="invoicekind", native_enum=False, length=30)
# The receipt of a statement that was paid at once is the one transfer to the bank account; its payment has its id.
PAID = """
    INSERT INTO statement_payment (id, created_at, statement_id, amount_minor, received_on)
    SELECT t.id, t.created_at, s.id, t.amount_minor, s.paid_on
    FROM transfer t JOIN account a ON a.id = t.debit_id JOIN statement s ON s.id = t.cause_id
    WHERE t.cause_type = 'statement' AND t.kind = 'posted' AND a.kind = 'bank' AND s.paid_on IS NOT NULL
"""


def upgrade():
    for table, name, kind, value in (
        ("statement", "vat_minor", AMOUNT, "0"),
        ("agreement", "payment_days", sa.Integer(), "30"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, existing_type=kind, server_default=None)
    create(
        "statement_payment",
        {"statement_id": "statement"},
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_statement_payment_amount")),
    )
    op.execute(PAID)
    create_dispute()
    create(
        "correction",
        {"statement_id": "statement", "dispute_id": "dispute"},
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("vat_minor", AMOUNT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_correction_amount")),
        sa.UniqueConstraint("dispute_id", name=op.f("uq_correction_dispute_id")),
    )
    create_invoice()
    for table in APPEND_ONLY:
        guard(table)


def create_dispute():
    create(
        "dispute",
        {"statement_id": "statement", "programme_id": "programme", "raised_by_id": "user"},
        *(sa.Column(name, sa.String(), nullable=False) for name in ("reason", "answer", "returned_because")),
        sa.Column("lower_minor", AMOUNT, nullable=True),
        sa.Column("state", DISPUTE, nullable=False),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_dispute_answered_by_id")),
    )
    waiting = sa.text("state IN ('raised', 'answered')")
    op.create_index(
        "uq_dispute_open", "dispute", ["statement_id"], unique=True, sqlite_where=waiting, postgresql_where=waiting
    )


def create_invoice():
    numbers = ("year", "sequence")
    create(
        "invoice",
        {"statement_id": "statement", "programme_id": "programme", "issuer_id": "organisation"},
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("corrects_id", "correction_id")),
        sa.Column("kind", KIND, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("amount_minor", "vat_minor")),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("locale", "digest")),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f("ck_invoice_corrects")),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_invoice_amount")),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoice.id"], name=op.f("fk_invoice_corrects_id")),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], name=op.f("fk_invoice_correction_id")),
        sa.UniqueConstraint("correction_id", name=op.f("uq_invoice_correction_id")),
        sa.UniqueConstraint("issuer_id", *numbers, name=op.f("uq_invoice_issuer_id_year_sequence")),
    )
    op.create_index(op.f("ix_invoice_programme_id"), "invoice", ["programme_id"])


def create(name, keys, *rest):
    """A table with an id, a moment, required keys to other tables and an index on its statement."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(key, sa.Uuid(), nullable=False) for key in keys),
        *rest,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(sa.ForeignKeyConstraint([key], [f"{to}.id"], name=op.f(f"fk_{name}_{key}")) for key, to in keys.items()),
        info={"append_only": name in APPEND_ONLY},
    )
    op.create_index(op.f(f"ix_{name}_statement_id"), name, ["statement_id"])


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
    for name in ("invoice", "correction", "dispute", "statement_payment"):
        op.drop_table(name)
    for table, column in (("agreement", "payment_days"), ("statement", "vat_minor")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)


def expect_nothing_lost():
    """The schema before this one holds a statement that is paid at once, and no more."""
    kept = {
        "dispute": "SELECT count(*) FROM dispute",
        "invoice": "SELECT count(*) FROM invoice",
        "part of a payment": "SELECT count(*) FROM statement WHERE state IN ('partly_paid', 'disputed')",
        "term of payment": "SELECT count(*) FROM agreement WHERE payment_days <> 30",
        "VAT": "SELECT count(*) FROM statement WHERE vat_minor <> 0",
    }
    for name, query in kept.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold this: {name}")
