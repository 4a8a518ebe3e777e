"""Milestones by day and claims with their provider, counted; why one document proves several; the group compared with

The triggers below stand on `milestone`, `claim` and `participant` and keep `milestone_tally` and `held_tally`. On
SQLite a table that is made anew loses them, and those of the others stand in the way. So a later migration of one of
these three that does more than adding columns begins with `unguard` and ends with `fill` and `guard`, copied from here
and from 0035. tests/outcomes/test_tallies.py fails when a trigger is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

STATES = (
    *("registered", "submitted", "questioned", "verified", "rejected"),
    *("signed_off", "settled", "withdrawn", "reopened"),
)
HELD = "('registered', 'questioned')"  # the provider has to do something with it
KEYS = {
    "milestone_tally": ("provider_id", "programme_id", "due_on", "lapses_on"),
    "held_tally": ("provider_id", "programme_id", "state"),
}
# What a change of a row can move it by, where a trigger looks at each row.
WATCHED = {
    "milestone": ("provider_id", "programme_id", "due_on", "lapses_on"),
    "claim": ("programme_id", "participant_id", "state"),
    "participant": ("id", "provider_id"),
}
EVENTS = {"insert": ("new",), "delete": ("old",), "update": ("old", "new")}
# What only the new schema can say.
LOST = {
    "why one document proves several claims": "SELECT count(*) FROM claim WHERE same_document_because IS NOT NULL",
    "the figure of a comparison group": "SELECT count(*) FROM measurement_basis WHERE compared_value IS NOT NULL",
}


def upgrade():
    kinds = {"due_on": sa.Date(), "lapses_on": sa.Date()}
    kinds["state"] = sa.Enum(*STATES, name="claimstate", native_enum=False, length=30)
    for tally, keys in KEYS.items():
        op.create_table(
            tally,
            *(sa.Column(name, kinds.get(name, sa.Uuid()), nullable=False) for name in keys),
            sa.Column("number", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{tally}")),
        )
    fill()
    guard()
    op.add_column("claim", sa.Column("same_document_because", sa.String(), nullable=True))
    op.add_column("measurement_basis", sa.Column("compared_value", sa.String(), nullable=True))


def downgrade():
    """What was kept can be counted again; words that were given cannot."""
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    op.drop_column("measurement_basis", "compared_value")
    op.drop_column("claim", "same_document_because")
    unguard()
    for tally in KEYS:
        op.drop_table(tally)


def fill():
    """Counts everything anew."""
    for tally, table in (("milestone_tally", "milestone"), ("held_tally", "claim")):
        op.execute(f"DELETE FROM {tally}")
        op.execute(added(table, f"(SELECT *, 1 AS sign FROM {table})"))


def added(table, changed):
    """What `changed` rows of `table` move, each as often as its `sign` says: -1 takes it off."""
    tally = "milestone_tally" if table == "milestone" else "held_tally"
    keys = ", ".join(KEYS[tally])
    source = {"participant": "participant", "claim": "claim"} | {table: changed}
    counted = f"SELECT {keys}, CAST(sum(sign) AS INTEGER) AS number FROM {changed} AS one GROUP BY {keys}"
    if tally == "held_tally":
        counted = (
            f"SELECT person.provider_id, held.programme_id, held.state, CAST(sum(sign) AS INTEGER) AS number"
            f" FROM {source['claim']} AS held JOIN {source['participant']} AS person ON person.id = held.participant_id"
            f" WHERE held.state IN {HELD} GROUP BY person.provider_id, held.programme_id, held.state"
        )
    return (
        f"INSERT INTO {tally} ({keys}, number) SELECT * FROM ({counted}) AS counted WHERE number <> 0"
        f" ON CONFLICT ({keys}) DO UPDATE SET number = {tally}.number + excluded.number"
    )


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def guard():
    """Of a participant only a change matters: nobody comes or goes with claims."""
    for table, columns in WATCHED.items():
        for event in ("update",) if table == "participant" else EVENTS:
            if is_postgresql():
                guard_on_postgresql(table, event)
            else:
                guard_on_sqlite(table, event, columns)


def name_of(table, event):
    return f"tally_{table}_{event}" if table == "milestone" else f"tally_held_{table}_{event}"


def guard_on_postgresql(table, event):
    """Once for all rows of a statement. EXECUTE plans anew each time, by how many rows there are."""
    name, sides = name_of(table, event), EVENTS[event]
    rows = " UNION ALL ".join(f"SELECT *, {-1 if side == 'old' else 1} AS sign FROM {side}_rows" for side in sides)
    body = f"EXECUTE $sql${added(table, f'({rows})')}$sql$; RETURN NULL;"
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body} END $body$")
    given = " ".join(f"{side.upper()} TABLE AS {side}_rows" for side in sides)
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} REFERENCING {given}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def guard_on_sqlite(table, event, columns):
    """For each row, and only when what is counted changes: a batch that is signed moves nothing here."""
    sides = EVENTS[event]
    rows = " UNION ALL ".join(
        f"SELECT {', '.join(f'{side}.{name} AS {name}' for name in columns)}, {-1 if side == 'old' else 1} AS sign"
        for side in sides
    )
    moved = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns) if event == "update" else ""
    held = " OR ".join(f"{side}.state IN {HELD}" for side in sides) if table == "claim" else ""
    when = " AND ".join(f"({one})" for one in (moved, held) if one)
    op.execute(
        f"CREATE TRIGGER {name_of(table, event)} AFTER {event.upper()} ON {table}"
        f"{f' WHEN {when}' if when else ''} BEGIN {added(table, f'({rows})')}; END"
    )


def unguard():
    for table in WATCHED:
        for event in ("update",) if table == "participant" else EVENTS:
            if is_postgresql():
                op.execute(f"DROP TRIGGER {name_of(table, event)} ON {table}")
                op.execute(f"DROP FUNCTION {name_of(table, event)}()")
            else:
                op.execute(f"DROP TRIGGER {name_of(table, event)}")
