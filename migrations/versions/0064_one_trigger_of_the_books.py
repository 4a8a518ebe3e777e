"""One trigger keeps all sums of the books: by kind, and by the hour of each bond and account

It looks the kind of an account up by its key. Before, PostgreSQL kept the plan that suited a distribution of ten
thousand parts, which reads all accounts, for every single payment after it; and SQLite grouped each row by itself.

The trigger stands on `transfer`, as those of 0042 and 0053 did, in whose place it comes: a later migration that makes
`transfer` or `account` anew, or gives a kind of account or transfer another word, begins with `unguard` and ends with
`guard`, copied from here, and `fill` of both. tests/ledger/test_kept_sums.py and test_kept_hours.py fail without them.
"""

from alembic import op

revision = "0064"
down_revision = "0062"
branch_labels = None
depends_on = None

SUM, BOOK, ACCOUNT = "book_sum", "book_hour", "account_hour"
TRIGGER, BEFORE = "book_transfer_insert", ("sum_transfer_insert", "hour_transfer_insert")
KINDS = ("programme_id", "kind", "debit", "credit")
KEYS = {SUM: KINDS, BOOK: ("programme_id", "hour", *KINDS[1:]), ACCOUNT: ("account_id", "hour")}
SUMS = {
    SUM: ("amount_minor",),
    BOOK: ("number", "amount_minor"),
    ACCOUNT: ("number", "debit_minor", "credit_minor"),
}
MOVED = "('posted', 'post_pending', 'reversal', 'closing')"  # as in `ledger.balances`: what is pending is in no balance
COLUMNS = ("programme_id", "created_at", "kind", "debit_id", "credit_id", "amount_minor")


def upgrade():
    unguard(*BEFORE)
    guard()


def downgrade():
    unguard(TRIGGER)
    guard_before()


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def into(table, source):
    added = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in SUMS[table])
    return (
        f"INSERT INTO {table} ({', '.join((*KEYS[table], *SUMS[table]))}) {source}"
        f" ON CONFLICT ({', '.join(KEYS[table])}) DO UPDATE SET {added}"
    )


def guard():
    """Once for all rows of a statement on PostgreSQL, for each row on SQLite."""
    if is_postgresql():
        body = f"BEGIN {of_rows()}; RETURN NULL; END"
        op.execute(f"CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
        op.execute(
            f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer REFERENCING NEW TABLE AS new_rows"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()"
        )
        return
    op.execute(f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer BEGIN {of_row()}; END")


def of_rows():
    """All new rows, added up by hour and kinds once, and from that by kinds; and each side by account."""
    hour = "date_trunc('hour', moved.created_at, 'UTC')"
    kinds = ", ".join(f"(SELECT kind FROM account WHERE id = moved.{one}_id) AS {one}" for one in ("debit", "credit"))
    added = (
        f"SELECT programme_id, hour, kind, debit, credit, count(*) AS number, CAST(sum(amount_minor) AS BIGINT) AS"
        f" amount_minor FROM (SELECT moved.programme_id, {hour} AS hour, moved.kind, {kinds}, moved.amount_minor"
        " FROM new_rows AS moved) AS one GROUP BY programme_id, hour, kind, debit, credit"
    )
    whole = f"SELECT {', '.join(KINDS)}, CAST(sum(amount_minor) AS BIGINT) FROM added GROUP BY {', '.join(KINDS)}"
    by_hour = f"SELECT {', '.join((*KEYS[BOOK], *SUMS[BOOK]))} FROM added"
    counted = f"CASE WHEN moved.kind IN {MOVED} THEN moved.amount_minor ELSE 0 END"
    sides = (
        f"SELECT moved.debit_id AS account_id, {hour} AS hour, {counted} AS debit_minor, 0 AS credit_minor"
        f" FROM new_rows AS moved UNION ALL SELECT moved.credit_id, {hour}, 0, {counted} FROM new_rows AS moved"
    )
    of_accounts = (
        "SELECT account_id, hour, count(*), CAST(sum(debit_minor) AS BIGINT), CAST(sum(credit_minor) AS BIGINT)"
        f" FROM ({sides}) AS side GROUP BY account_id, hour"
    )
    books = f"WITH added AS MATERIALIZED ({added}), hours AS ({into(BOOK, by_hour)}) {into(SUM, whole)}"
    return f"{books}; {into(ACCOUNT, of_accounts)}"


def of_row():
    """WHERE tells SQLite that what follows is no join. The hour is as SQLAlchemy writes a moment."""
    hour = "(substr(new.created_at, 1, 13) || ':00:00.000000')"
    kinds = ", ".join(f"(SELECT kind FROM account WHERE id = new.{one}_id)" for one in ("debit", "credit"))
    counted = f"CASE WHEN new.kind IN {MOVED} THEN new.amount_minor ELSE 0 END"
    return "; ".join(
        (
            into(SUM, f"SELECT new.programme_id, new.kind, {kinds}, new.amount_minor WHERE true"),
            into(BOOK, f"SELECT new.programme_id, {hour}, new.kind, {kinds}, 1, new.amount_minor WHERE true"),
            into(ACCOUNT, f"VALUES (new.debit_id, {hour}, 1, {counted}, 0)"),
            into(ACCOUNT, f"VALUES (new.credit_id, {hour}, 1, 0, {counted})"),
        )
    )


def unguard(*triggers):
    for name in triggers:
        if is_postgresql():
            op.execute(f"DROP TRIGGER {name} ON transfer")
            op.execute(f"DROP FUNCTION {name}()")
        else:
            op.execute(f"DROP TRIGGER {name}")


# --- As it was: 0042 and 0053 ----------------------------------------------------------------------------------------


def guard_before():
    rows = "new_rows" if is_postgresql() else f"(SELECT {', '.join(f'new.{name} AS {name}' for name in COLUMNS)})"
    hour = "(substr(moved.created_at, 1, 13) || ':00:00.000000')"
    if is_postgresql():
        hour = "date_trunc('hour', moved.created_at, 'UTC')"
    bodies = (by_kinds(SUM, rows), f"{by_kinds(BOOK, rows, hour)}; {by_accounts(rows, hour)}")
    for name, body in zip(BEFORE, bodies, strict=True):
        if is_postgresql():
            whole = f"BEGIN {body}; RETURN NULL; END"
            op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ {whole} $body$")
            op.execute(
                f"CREATE TRIGGER {name} AFTER INSERT ON transfer REFERENCING NEW TABLE AS new_rows"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        else:
            op.execute(f"CREATE TRIGGER {name} AFTER INSERT ON transfer BEGIN {body}; END")


def by_kinds(table, rows, *hour):
    keys = ", ".join(("moved.programme_id", *hour, "moved.kind", "debit.kind", "credit.kind"))
    number = "count(*), " if hour else ""
    return into(
        table,
        f"SELECT {keys}, {number}CAST(sum(moved.amount_minor) AS BIGINT) FROM {rows} AS moved"
        " JOIN account AS debit ON debit.id = moved.debit_id JOIN account AS credit ON credit.id = moved.credit_id"
        f" WHERE true GROUP BY {keys}",
    )


def by_accounts(rows, hour):
    counted = f"CASE WHEN moved.kind IN {MOVED} THEN moved.amount_minor ELSE 0 END"
    sides = (
        f"SELECT moved.debit_id AS account_id, {hour} AS hour, {counted} AS debit_minor, 0 AS credit_minor"
        f" FROM {rows} AS moved UNION ALL SELECT moved.credit_id, {hour}, 0, {counted} FROM {rows} AS moved"
    )
    sums = "count(*), CAST(sum(debit_minor) AS BIGINT), CAST(sum(credit_minor) AS BIGINT)"
    source = f"SELECT account_id, hour, {sums} FROM ({sides}) AS side WHERE true GROUP BY account_id, hour"
    return into(ACCOUNT, source)
