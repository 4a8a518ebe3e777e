"""Counts of claims, measurements, lines and participants that the database keeps itself; milestones in their order

The triggers below stand on `participant`, `claim`, `measurement` and `settlement_line`. On SQLite a table that is made
anew loses them, and those of the others stand in the way. So a later migration that does more to one of these four
than adding columns begins with `unguard` and ends with `fill` and `guard`, copied from here; on PostgreSQL too when it
renames a column that is named here. tests/outcomes/test_tallies.py fails when a trigger is gone.
"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

MONEY = app.core.models.MinorUnits()
STATES = (
    *("registered", "submitted", "questioned", "verified", "rejected"),
    *("signed_off", "settled", "withdrawn", "reopened"),
)
NONE = "'00000000000000000000000000000000'"  # a key holds no NULL
# What is not here is counted under its own name.
STAGE = "CASE proof.state WHEN 'questioned' THEN 'submitted' WHEN 'settled' THEN 'signed_off' ELSE proof.state END"
DUE = ["provider_id", "programme_id", "due_on", "lapses_on"]
LAPSE = ["provider_id", "programme_id", "lapses_on", "due_on"]

KEYS = {
    "start_tally": ("programme_id", "payer_id"),
    "proof_tally": ("programme_id", "kind", "state", "payer_id", "effect_id", "batch_id"),
    "line_tally": (
        *("programme_id", "settlement_id", "owing_id", "payer_id", "effect_id"),
        *("stage", "batch_id", "first_settlement_id"),
    ),
}
SUMS = {"start_tally": ("number",), "proof_tally": ("number",), "line_tally": ("number", "paid_minor")}
# What a change of a row can move it by; other columns never matter.
WATCHED = {
    "participant": ("id", "programme_id", "payer_id"),
    "claim": ("id", "programme_id", "participant_id", "effect_id", "state", "batch_id"),
    "measurement": ("id", "programme_id", "payer_id", "effect_id", "state", "batch_id"),
    "settlement_line": (
        *("id", "settlement_id", "claim_id", "measurement_id", "payer_id"),
        *("first_settlement_id", "paid_minor"),
    ),
}
EVENTS = {"insert": ("new",), "delete": ("old",), "update": ("old", "new")}


def upgrade():
    create_tallies()
    fill()
    guard()
    op.drop_index("ix_milestone_due", "milestone")
    op.create_index("ix_milestone_due", "milestone", [*DUE, "id"])
    op.create_index("ix_milestone_lapse", "milestone", [*LAPSE, "id"])


def downgrade():
    """What was kept can be counted again."""
    op.drop_index("ix_milestone_lapse", "milestone")
    op.drop_index("ix_milestone_due", "milestone")
    op.create_index("ix_milestone_due", "milestone", DUE)
    unguard()
    for tally in KEYS:
        op.drop_table(tally)


def create_tallies():
    kinds = {
        "kind": sa.Enum("claim", "measurement", native_enum=False, length=30),
        "state": sa.Enum(*STATES, name="claimstate", native_enum=False, length=30),
        "stage": sa.String(),
        "number": sa.Integer(),
        "paid_minor": MONEY,
    }
    for tally, keys in KEYS.items():
        op.create_table(
            tally,
            *(sa.Column(name, kinds.get(name, sa.Uuid()), nullable=False) for name in (*keys, *SUMS[tally])),
            sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{tally}")),
        )


def fill():
    """Counts everything anew."""
    for tally in KEYS:
        op.execute(f"DELETE FROM {tally}")
    filled = {"participant": "start_tally", "claim": "proof_tally", "measurement": "proof_tally"}
    for table, tally in (filled | {"settlement_line": "line_tally"}).items():
        for one, counted in counts(table, f"(SELECT *, 1 AS sign FROM {table})"):
            if one == tally:  # a claim counts once, not for its participant as well
                op.execute(added(one, counted))


# --- What is counted --------------------------------------------------------------------------------------------------


def counts(table, changed):
    """(tally, what `changed` rows of `table` add to it), each as often as its `sign` says: -1 takes it off."""
    if table == "participant":
        yield "start_tally", f"SELECT programme_id, payer_id, {totals()} FROM {changed} AS person"
    if table in ("participant", "claim"):
        yield "proof_tally", proofs_of_claims(table, changed)
    if table == "measurement":
        yield "proof_tally", proofs("measurement", "proof", f"{changed} AS proof")
    if table != "measurement":
        yield "line_tally", lines_of_claims(table, changed)
    if table in ("measurement", "settlement_line"):
        yield "line_tally", lines_of_measurements(table, changed)


def added(tally, counted):
    keys, sums = KEYS[tally], SUMS[tally]
    grouped = ", ".join(str(place) for place in range(1, len(keys) + 1))
    more = ", ".join(f"{name} = {tally}.{name} + excluded.{name}" for name in sums)
    return (
        f"INSERT INTO {tally} ({', '.join((*keys, *sums))}) SELECT * FROM ({counted} GROUP BY {grouped}) AS counted"
        f" WHERE {' OR '.join(f'{name} <> 0' for name in sums)}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {more}"
    )


def totals(paid=""):
    number = "CAST(sum(sign) AS INTEGER) AS number"
    return f"{number}, CAST(sum(sign * {paid}) AS BIGINT) AS paid_minor" if paid else number


def proofs(kind, payer, source):
    return (
        f"SELECT proof.programme_id, '{kind}' AS kind, proof.state, {payer}.payer_id, proof.effect_id,"
        f" coalesce(proof.batch_id, {NONE}) AS batch_id, {totals()} FROM {source}"
    )


def proofs_of_claims(table, changed):
    source = {"participant": "participant", "claim": "claim"} | {table: changed}
    people = f"{source['participant']} AS person ON person.id = proof.participant_id"
    return proofs("claim", "person", f"{source['claim']} AS proof JOIN {people}")


def lines(payer, source):
    return (
        f"SELECT proof.programme_id, line.settlement_id, line.payer_id AS owing_id, {payer}.payer_id, proof.effect_id,"
        f" {STAGE} AS stage, coalesce(proof.batch_id, {NONE}) AS batch_id,"
        f" coalesce(line.first_settlement_id, {NONE}) AS first_settlement_id, {totals('line.paid_minor')} FROM {source}"
    )


def lines_of_claims(table, changed):
    source = {name: name for name in ("participant", "claim", "settlement_line")} | {table: changed}
    people = f"{source['participant']} AS person ON person.id = proof.participant_id"
    of_claim = f"{source['settlement_line']} AS line ON line.claim_id = proof.id"
    return lines("person", f"{source['claim']} AS proof JOIN {people} JOIN {of_claim}")


def lines_of_measurements(table, changed):
    source = {name: name for name in ("measurement", "settlement_line")} | {table: changed}
    of_measurement = f"{source['settlement_line']} AS line ON line.measurement_id = proof.id"
    return lines("proof", f"{source['measurement']} AS proof JOIN {of_measurement}")


# --- The triggers -----------------------------------------------------------------------------------------------------


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def guard():
    for table, columns in WATCHED.items():
        for event, sides in EVENTS.items():
            if is_postgresql():
                guard_on_postgresql(table, event, sides)
            else:
                guard_on_sqlite(table, event, sides, columns)


def guard_on_postgresql(table, event, sides):
    """Once for all rows of a statement: a hundred thousand claims that are signed change each count once.

    EXECUTE plans anew each time; a plan that was kept for one row would be used for all of them.
    """
    name = f"tally_{table}_{event}"
    rows = " UNION ALL ".join(f"SELECT *, {-1 if side == 'old' else 1} AS sign FROM {side}_rows" for side in sides)
    body = " ".join(f"EXECUTE $sql${added(*one)}$sql$;" for one in counts(table, f"({rows})"))
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN {body} RETURN NULL; END $body$"
    )
    given = " ".join(f"{side.upper()} TABLE AS {side}_rows" for side in sides)
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event.upper()} ON {table} REFERENCING {given}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


def guard_on_sqlite(table, event, sides, columns):
    """For each row, and only when what is counted changes."""
    rows = " UNION ALL ".join(
        f"SELECT {', '.join(f'{side}.{name} AS {name}' for name in columns)}, {-1 if side == 'old' else 1} AS sign"
        for side in sides
    )
    when = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns)
    body = " ".join(f"{added(*one)};" for one in counts(table, f"({rows})"))
    op.execute(
        f"CREATE TRIGGER tally_{table}_{event} AFTER {event.upper()} ON {table}"
        f"{f' WHEN {when}' if event == 'update' else ''} BEGIN {body} END"
    )


def unguard():
    for table in WATCHED:
        for event in EVENTS:
            name = f"tally_{table}_{event}"
            if is_postgresql():
                op.execute(f"DROP TRIGGER {name} ON {table}")
                op.execute(f"DROP FUNCTION {name}()")
            else:
                op.execute(f"DROP TRIGGER {name}")
