"""Accounts that are paid to, payment batches, statements of the bank and what each line is"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "payout_account",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("named_by_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=True),
        sa.Column("spoken_with", sa.String(), nullable=False),
        sa.Column("usable_from", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum("named", "confirmed", "withdrawn", name="payoutstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("withdrawn_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["user.id"], name=op.f("fk_payout_account_confirmed_by_id")),
        sa.ForeignKeyConstraint(["named_by_id"], ["user.id"], name=op.f("fk_payout_account_named_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_payout_account_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_account")),
    )
    op.create_index(op.f("ix_payout_account_organisation_id"), "payout_account", ["organisation_id"], unique=False)
    op.create_table(
        "bank_statement",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("imported_by_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("known_already", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["imported_by_id"], ["user.id"], name=op.f("fk_bank_statement_imported_by_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_bank_statement_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statement")),
        sa.UniqueConstraint("programme_id", "sha256", name=op.f("uq_bank_statement_programme_id_sha256")),
    )
    op.create_table(
        "payment_batch",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("execution_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("prepared", "approved", "rejected", name="paymentbatchstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_batch_amount")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_payment_batch_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_batch")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_payment_batch_programme_id_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_batch_reference")),
    )
    op.create_table(
        "bank_balance",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("warned_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_bank_balance_programme_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_balance_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_balance")),
        sa.UniqueConstraint("programme_id", "on_day", name=op.f("uq_bank_balance_programme_id_on_day")),
    )
    op.create_table(
        "bank_entry",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("iban", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("end_to_end", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "matched", "set_aside", name="entrystate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("refused_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_bank_entry_programme_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statement.id"], name=op.f("fk_bank_entry_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_entry")),
        sa.UniqueConstraint("programme_id", "reference", name=op.f("uq_bank_entry_programme_id_reference")),
    )
    op.create_index(op.f("ix_bank_entry_statement_id"), "bank_entry", ["statement_id"], unique=False)
    op.create_table(
        "batch_payment",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cause_type", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("held_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_batch_payment_amount")),
        sa.ForeignKeyConstraint(["account_id"], ["payout_account.id"], name=op.f("fk_batch_payment_account_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name=op.f("fk_batch_payment_batch_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_batch_payment_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_payment")),
        sa.UniqueConstraint("held_id", name=op.f("uq_batch_payment_held_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_batch_payment_reference")),
    )
    op.create_index(op.f("ix_batch_payment_batch_id"), "batch_payment", ["batch_id"], unique=False)
    op.create_index(op.f("ix_batch_payment_cause_id"), "batch_payment", ["cause_id"], unique=False)
    op.create_table(
        "bank_match",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("cause_type", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_bank_match_amount")),
        sa.ForeignKeyConstraint(["entry_id"], ["bank_entry.id"], name=op.f("fk_bank_match_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_match")),
        sa.UniqueConstraint("entry_id", "cause_id", name=op.f("uq_bank_match_entry_id_cause_id")),
    )
    op.create_index(op.f("ix_bank_match_cause_id"), "bank_match", ["cause_id"], unique=False)
    op.create_index(op.f("ix_bank_match_entry_id"), "bank_match", ["entry_id"], unique=False)


def downgrade():
    expect_nothing_lost()
    op.drop_table("bank_match")
    op.drop_table("batch_payment")
    op.drop_table("bank_entry")
    op.drop_table("bank_balance")
    op.drop_table("payment_batch")
    op.drop_table("bank_statement")
    op.drop_table("payout_account")


def expect_nothing_lost():
    for table in ("payout_account", "payment_batch", "bank_statement"):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():
            raise RuntimeError(f"the schema before this one cannot hold a {table}")
