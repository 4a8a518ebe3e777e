"""The books of each bond added up by kind of account, kept by the database itself

The trigger below stands on `transfer`, whose rows are only ever added. On SQLite a table that is made anew loses it. So
a later migration that makes `transfer` or `account` anew, or gives a kind of account or transfer another word, begins
with `unguard` and ends with `fill` and `guard`, copied from here. tests/ledger/test_kept_sums.py fails without them.
"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

NAME, TRIGGER = "book_sum", "sum_transfer_insert"
KEYS = ("programme_id", "kind", "debit", "credit")
MORE = f"ON CONFLICT ({', '.join(KEYS)}) DO UPDATE SET amount_minor = {NAME}.amount_minor + excluded.amount_minor"


def upgrade():
    op.create_table(
        NAME,
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(length=30), nullable=False) for name in KEYS[1:]),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.PrimaryKeyConstraint(*KEYS, name=op.f(f"pk_{NAME}")),
    )
    fill()
    guard()


def downgrade():
    """What was kept can be added up again."""
    unguard()
    op.drop_table(NAME)


def fill():
    """Adds everything up anew."""
    op.execute(f"DELETE FROM {NAME}")
    op.execute(added("transfer"))


def added(rows, more=""):
    """`rows` of the books, by bond and kinds; WHERE tells SQLite that what follows is no join."""
    return (
        f"INSERT INTO {NAME} ({', '.join(KEYS)}, amount_minor)"
        " SELECT moved.programme_id, moved.kind, debit.kind, credit.kind, CAST(sum(moved.amount_minor) AS BIGINT)"
        f" FROM {rows} AS moved JOIN account AS debit ON debit.id = moved.debit_id"
        " JOIN account AS credit ON credit.id = moved.credit_id WHERE true"
        f" GROUP BY moved.programme_id, moved.kind, debit.kind, credit.kind {more}"
    )


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def guard():
    """Once for all rows of a statement on PostgreSQL, for each row on SQLite."""
    if is_postgresql():
        body = f"BEGIN {added('new_rows', MORE)}; RETURN NULL; END"
        op.execute(f"CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $body$ {body} $body$")
        op.execute(
            f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer REFERENCING NEW TABLE AS new_rows"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {TRIGGER}()"
        )
        return
    columns = ("programme_id", "kind", "debit_id", "credit_id", "amount_minor")
    row = f"(SELECT {', '.join(f'new.{name} AS {name}' for name in columns)})"
    op.execute(f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON transfer BEGIN {added(row, MORE)}; END")


def unguard():
    if is_postgresql():
        op.execute(f"DROP TRIGGER {TRIGGER} ON transfer")
        op.execute(f"DROP FUNCTION {TRIGGER}()")
    else:
        op.execute(f"DROP TRIGGER {TRIGGER}")
