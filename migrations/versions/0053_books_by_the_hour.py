"""The books of each bond and each account by the hour, kept by the database itself, so that a balance of any day is read
without adding up transfers; and transfers found by account or bond in the order of the books

A day of the parties begins on a whole hour of UTC. The triggers stand on `transfer`, as that of 0042 does: a later
migration that makes `transfer` or `account` anew, or gives a kind of account or transfer another word, begins with
`unguard` and ends with `fill` and `guard`, copied from here too. tests/ledger/test_kept_hours.py fails without them.
"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0053"
down_revision = "0051"
branch_labels = None
depends_on = None

BOOK, ACCOUNT, TRIGGER = "book_hour", "account_hour", "hour_transfer_insert"
MOMENT = app.core.models.Moment(timezone=True)
MINOR = app.core.models.MinorUnits()
KEYS = {BOOK: ("programme_id", "hour", "kind", "debit", "credit"), ACCOUNT: ("account_id", "hour")}
SUMS = {BOOK: ("number", "amount_minor"), ACCOUNT: ("number", "debit_minor", "credit_minor")}
MOVED = "('posted', 'post_pending', 'reversal', 'closing')"  # as in `ledger.balances`: what is pending is in no balance
COLUMNS = ("programme_id", "created_at", "kind", "debit_id", "credit_id", "amount_minor")
LEADING = ("programme_id", "debit_id", "credit_id")


def upgrade():
    op.create_table(
        BOOK,
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        *(sa.Column(name, sa.String(length=30), nullable=False) for name in KEYS[BOOK][2:]),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", MINOR, nullable=False),
        sa.PrimaryKeyConstraint(*KEYS[BOOK], name=op.f(f"pk_{BOOK}")),
    )
    op.create_table(
        ACCOUNT,
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, MINOR, nullable=False) for name in SUMS[ACCOUNT][1:]),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{ACCOUNT}_account_id")),
        sa.PrimaryKeyConstraint(*KEYS[ACCOUNT], name=op.f(f"pk_{ACCOUNT}")),
    )
    for name in LEADING:
        op.create_index(f"ix_transfer_{name}_created_at", "transfer", [name, "created_at", "id"])
        op.drop_index(f"ix_transfer_{name}", table_name="transfer")
    fill()
    guard()


def downgrade():
    """What was kept can be added up again."""
    unguard()
    for name in LEADING:
        op.create_index(f"ix_transfer_{name}", "transfer", [name])
        op.drop_index(f"ix_transfer_{name}_created_at", table_name="transfer")
    op.drop_table(ACCOUNT)
    op.drop_table(BOOK)


def fill():
    """Adds everything up anew."""
    for table, statement in ((BOOK, of_books("transfer")), (ACCOUNT, of_accounts("transfer"))):
        op.execute(f"DELETE FROM {table}")
        op.execute(statement)


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def hour_of(row):
    """As SQLAlchemy writes a moment on SQLite."""
    if is_postgresql():
        return f"date_trunc('hour', {row}.created_at, 'UTC')"
    return f"(substr({row}.created_at, 1, 13) || ':00:00.000000')"


def of_books(rows):
    """`rows` of the books by bond, hour and kinds."""
    return (
        f"INSERT INTO {BOOK} ({', '.join((*KEYS[BOOK], *SUMS[BOOK]))})"
        f" SELECT moved.programme_id, {hour_of('moved')}, moved.kind, debit.kind, credit.kind,"
        " count(*), CAST(sum(moved.amount_minor) AS BIGINT)"
        f" FROM {rows} AS moved JOIN account AS debit ON debit.id = moved.debit_id"
        " JOIN account AS credit ON credit.id = moved.credit_id WHERE true"
        f" GROUP BY moved.programme_id, {hour_of('moved')}, moved.kind, debit.kind, credit.kind {more(BOOK)}"
    )


def of_accounts(rows):
    """`rows` of the books by account and hour: how many touch it, and what moved on either side."""
    counted = f"CASE WHEN moved.kind IN {MOVED} THEN moved.amount_minor ELSE 0 END"
    sides = (
        f"SELECT moved.debit_id AS account_id, {hour_of('moved')} AS hour, {counted} AS debit_minor, 0 AS credit_minor"
        f" FROM {rows} AS moved UNION ALL"
        f" SELECT moved.credit_id, {hour_of('moved')}, 0, {counted} FROM {rows} AS moved"
    )
    return (
        f"INSERT INTO {ACCOUNT} ({', '.join((*KEYS[ACCOUNT], *SUMS[ACCOUNT]))})"
        " SELECT side.account_id, side.hour, count(*), CAST(sum(side.debit_minor) AS BIGINT),"
        f" CAST(sum(side.credit_minor) AS BIGINT) FROM ({sides}) AS side WHERE true"
        f" GROUP BY side.account_id, side.hour {more(ACCOUNT)}"
    )


def more(table):
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUMS[table])
    return f"ON CONFLICT ({', '.join(KEYS[table])}) DO UPDATE SET {added}"


def guard():
    """Once for all rows of a statement on PostgreSQL, for each row on SQLite."""
    if is_postgresql():
        body = f"BEGIN {of_books('new_rows')}; {of_accounts('new_rows')}; RETURN NULL; END"
        op.execute(f"CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
        op.execute(
            f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer REFERENCING NEW TABLE AS new_rows"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()"
        )
        return
    row = f"(SELECT {', '.join(f'new.{name} AS {name}' for name in COLUMNS)})"
    op.execute(f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer BEGIN {of_books(row)}; {of_accounts(row)}; END")


def unguard():
    if is_postgresql():
        op.execute(f"DROP TRIGGER {TRIGGER} ON transfer")
        op.execute(f"DROP FUNCTION {TRIGGER}()")
    else:
        op.execute(f"DROP TRIGGER {TRIGGER}")
