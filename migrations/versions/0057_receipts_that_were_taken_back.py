"""Money that came in and was taken back, by two people; a reversal that the bank names"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0057"
down_revision = "0055"
branch_labels = None
depends_on = None

STATES = sa.Enum("prepared", "booked", "rejected", name="slipstate", native_enum=False, length=30)
MOMENT = app.core.models.Moment(timezone=True)
# What only the new schema can say.
LOST = {
    "a receipt that was taken back or is to be": "SELECT count(*) FROM taken_back",
    "a payment below zero": "SELECT count(*) FROM statement_payment WHERE amount_minor < 0",
}


def upgrade():
    with op.batch_alter_table("bank_entry") as entry:
        entry.add_column(sa.Column("is_reversal", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("bank_entry") as entry:
        entry.alter_column("is_reversal", server_default=None)
    with op.batch_alter_table("statement_payment") as payment:
        payment.add_column(sa.Column("takes_back_id", sa.Uuid(), nullable=True))
        payment.drop_constraint(op.f("ck_statement_payment_amount"), type_="check")
        payment.create_check_constraint("amount", "(amount_minor > 0) = (takes_back_id IS NULL)")
        payment.create_unique_constraint("uq_statement_payment_takes_back_id", ["takes_back_id"])
        payment.create_foreign_key(
            "fk_statement_payment_takes_back_id", "statement_payment", ["takes_back_id"], ["id"]
        )
    guard()
    create_taken_back()


def create_taken_back():
    op.create_table(
        "taken_back",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("taken_by_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("undone", sa.JSON(), nullable=False),
        sa.Column("state", STATES, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_taken_back_amount")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_taken_back_programme_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["bank_entry.id"], name=op.f("fk_taken_back_entry_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["bank_entry.id"], name=op.f("fk_taken_back_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taken_back")),
    )
    for name in ("programme_id", "entry_id", "taken_by_id"):
        op.create_index(op.f(f"ix_taken_back_{name}"), "taken_back", [name])


def downgrade():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    op.drop_table("taken_back")
    with op.batch_alter_table("statement_payment") as payment:
        payment.drop_constraint("fk_statement_payment_takes_back_id", type_="foreignkey")
        payment.drop_constraint("uq_statement_payment_takes_back_id", type_="unique")
        payment.drop_constraint(op.f("ck_statement_payment_amount"), type_="check")
        payment.drop_column("takes_back_id")
        payment.create_check_constraint("amount", "amount_minor > 0")
    guard()
    with op.batch_alter_table("bank_entry") as entry:
        entry.drop_column("is_reversal")


def guard():
    """On SQLite a table that is made anew loses its triggers."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for verb in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER statement_payment_no_{verb} BEFORE {verb.upper()} ON statement_payment "
            "BEGIN SELECT RAISE(ABORT, 'statement_payment is append-only'); END"
        )
