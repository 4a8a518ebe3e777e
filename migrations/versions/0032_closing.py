"""The end of a bond: default, reminders, guarantee, VAT and what is left, costs of the bank, returns, close"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
AMOUNT = app.core.models.MinorUnits()
TABLES = (
    *("closing", "payment_reminder", "returned_payment", "investor_default", "remittance_part", "remittance"),
    *("guarantee_call", "bank_charge"),
)


def words(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def upgrade():
    add_columns()
    create(
        "bank_charge",
        {"programme_id": "programme"},
        sa.Column("kind", words("chargekind", "costs", "interest"), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        checks={"amount": "amount_minor > 0"},
        version=True,
    )
    create_guarantee()
    create_remittance()
    create_default()
    create(
        "returned_payment",
        {"programme_id": "programme", "organisation_id": "organisation"},
        sa.Column("cause_type", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("repaid_at", MOMENT, nullable=True),
        checks={"amount": "amount_minor > 0"},
        unique=(("cause_id",),),
        version=True,
    )
    create(
        "payment_reminder",
        {"programme_id": "programme"},
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        unique=(("subject_id", "days"),),
    )
    create_closing()


def downgrade():
    expect_nothing_lost()
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("distribution") as distribution:
        distribution.drop_column("guarantee_minor")
    with op.batch_alter_table("investor_round") as round:
        round.drop_constraint(op.f("ck_investor_round_excess"), type_="check")
        round.drop_column("excess_to_providers_bp")
        round.drop_column("recycles")


def expect_nothing_lost():
    queries = {f"what stands in {table}": f"SELECT count(*) FROM {table}" for table in TABLES}
    queries["a distribution with money of a guarantor"] = "SELECT count(*) FROM distribution WHERE guarantee_minor <> 0"
    queries["a round that splits the excess"] = "SELECT count(*) FROM investor_round WHERE excess_to_providers_bp <> 0"
    queries["a round that does not recycle"] = "SELECT count(*) FROM investor_round WHERE NOT recycles"
    for what, query in queries.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def add_columns():
    for table, name, kind, value in (
        ("distribution", "guarantee_minor", AMOUNT, "0"),
        ("investor_round", "recycles", sa.Boolean(), sa.true()),
        ("investor_round", "excess_to_providers_bp", sa.Integer(), "0"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(name, kind, nullable=False, server_default=value))
        with op.batch_alter_table(table) as batch:
            batch.alter_column(name, existing_type=kind, server_default=None)
    with op.batch_alter_table("investor_round") as round:
        within = "0 <= excess_to_providers_bp AND excess_to_providers_bp <= 10000"
        round.create_check_constraint(op.f("ck_investor_round_excess"), within)


def create(table, keys, *columns, checks=None, unique=(), version=False, nullable=(), index=("programme_id",)):
    """A table with an id, its moment, foreign keys `keys` (column -> table) and what else it holds."""
    op.create_table(
        table,
        *([sa.Column("version", sa.Integer(), nullable=False)] if version else []),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(key, sa.Uuid(), nullable=key in nullable) for key in keys),
        *columns,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in (checks or {}).items()),
        *(
            sa.ForeignKeyConstraint([key], [f"{of}.id"], name=op.f(f"fk_{table}_{key}_{of}"))
            for key, of in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(*some, name=op.f(f"uq_{table}_{'_'.join(some)}")) for some in unique),
    )
    for key in index:
        with op.batch_alter_table(table) as batch:
            batch.create_index(batch.f(f"ix_{table}_{key}"), [key])


def create_guarantee():
    states = words("guaranteestate", "prepared", "called", "received", "rejected")
    create(
        "guarantee_call",
        {"programme_id": "programme", "tranche_id": "tranche"},
        sa.Column("guarantor", sa.String(), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        checks={"amount": "amount_minor > 0"},
        unique=(("reference",),),
        version=True,
    )


def create_remittance():
    create(
        "remittance",
        {"programme_id": "programme"},
        sa.Column("kind", words("remittancekind", "vat", "excess", "guarantee_back"), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("state", words("paymentstate", "prepared", "approved", "rejected"), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        checks={"amount": "amount_minor > 0"},
        version=True,
    )
    create(
        "remittance_part",
        {"remittance_id": "remittance", "organisation_id": "organisation"},
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("amount_minor", AMOUNT, nullable=False),
        checks={"amount": "amount_minor > 0"},
        nullable=("organisation_id",),
        index=("remittance_id",),
    )


def create_default():
    create(
        "investor_default",
        {"programme_id": "programme", "part_id": "capital_call_part", "organisation_id": "organisation"},
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", words("defaultstate", "declared", "confirmed", "rejected"), nullable=False),
        sa.Column("lapsed_minor", AMOUNT, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        version=True,
    )
    one_standing("investor_default", "uq_investor_default_part", "part_id")


def create_closing():
    create(
        "closing",
        {"programme_id": "programme"},
        sa.Column("key_deleted_by", sa.Date(), nullable=False),
        sa.Column("files_deleted_by", sa.Date(), nullable=False),
        sa.Column("lessons", sa.String(), nullable=False),
        sa.Column("state", words("closingstate", "prepared", "approved", "rejected"), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=True),
        version=True,
    )
    one_standing("closing", "uq_closing_standing", "programme_id")


def one_standing(table, name, column):
    standing = sa.text("state <> 'rejected'")
    op.create_index(name, table, [column], unique=True, sqlite_where=standing, postgresql_where=standing)
