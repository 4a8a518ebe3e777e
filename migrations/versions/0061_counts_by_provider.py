"""Counts of participants, claims, measurements and lines by the provider whose people they are of; one count less

What 0035 kept, with `provider_id` in each key; so `held_tally` of 0055 says nothing more, and goes. A later migration
that does more to `participant`, `claim`, `measurement` or `settlement_line` than adding columns begins with `unguard`
and ends with `fill` and `guard`, copied from here; on PostgreSQL too when it renames a column that is named here. Of
`milestone` the same holds with 0055. tests/outcomes/test_tallies.py fails when a trigger is gone.
"""

import sqlalchemy as sa
from alembic import op
from alembic.script import ScriptDirectory

import app.core.models

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

MONEY = app.core.models.MinorUnits()
STATES = (
    *("registered", "submitted", "questioned", "verified", "rejected"),
    *("signed_off", "settled", "withdrawn", "reopened"),
)
NONE = "'00000000000000000000000000000000'"  # a key holds no NULL
HELD = (*(("claim", event) for event in ("insert", "update", "delete")), ("participant", "update"))
# What is not here is counted under its own name.
STAGE = "CASE proof.state WHEN 'questioned' THEN 'submitted' WHEN 'settled' THEN 'signed_off' ELSE proof.state END"

KEYS = {
    "start_tally": ("programme_id", "payer_id", "provider_id"),
    "proof_tally": ("programme_id", "kind", "state", "payer_id", "effect_id", "batch_id", "provider_id"),
    "line_tally": (
        *("programme_id", "settlement_id", "owing_id", "payer_id", "effect_id"),
        *("stage", "batch_id", "first_settlement_id", "provider_id"),
    ),
}
SUMS = {"start_tally": ("number",), "proof_tally": ("number",), "line_tally": ("number", "paid_minor")}
# What a change of a row can move it by; other columns never matter.
WATCHED = {
    "participant": ("id", "programme_id", "payer_id", "provider_id"),
    "claim": ("id", "programme_id", "participant_id", "effect_id", "state", "batch_id"),
    "measurement": ("id", "programme_id", "payer_id", "effect_id", "state", "batch_id"),
    "settlement_line": (
        *("id", "settlement_id", "claim_id", "measurement_id", "payer_id"),
        *("first_settlement_id", "paid_minor"),
    ),
}
EVENTS = {"insert": ("new",), "delete": ("old",), "update": ("old", "new")}


def upgrade():
    kept_in("0035").unguard()
    for table, event in HELD:
        drop_trigger(f"tally_held_{table}_{event}", table)
    for tally in ("held_tally", *KEYS):
        op.drop_table(tally)
    create_tallies()
    fill()
    guard()


def downgrade():
    """What was kept is counted again, as it was kept then."""
    unguard()
    for tally in KEYS:
        op.drop_table(tally)
    before = kept_in("0035")
    before.create_tallies()
    before.fill()
    before.guard()
    held = kept_in("0055")
    op.create_table(
        "held_tally",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("provider_id", "programme_id")),
        sa.Column("state", sa.Enum(*STATES, name="claimstate", native_enum=False, length=30), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider_id", "programme_id", "state", name=op.f("pk_held_tally")),
    )
    for event in EVENTS:
        drop_trigger(f"tally_milestone_{event}", "milestone")
    held.fill()
    held.guard()  # of milestones too


def kept_in(number):
    """The migration that made what is replaced here: it says how to, and never changes."""
    return ScriptDirectory.from_config(op.get_context().config).get_revision(number).module


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
        yield "start_tally", f"SELECT programme_id, payer_id, provider_id, {totals()} FROM {changed} AS person"
    if table in ("participant", "claim"):
        yield "proof_tally", proofs_of_claims(table, changed)
    if table == "measurement":
        yield "proof_tally", proofs("measurement", "proof", nobody(), f"{changed} AS proof")
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


def proofs(kind, payer, provider, source):
    return (
        f"SELECT proof.programme_id, '{kind}' AS kind, proof.state, {payer}.payer_id, proof.effect_id,"
        f" coalesce(proof.batch_id, {NONE}) AS batch_id, {provider} AS provider_id, {totals()} FROM {source}"
    )


def proofs_of_claims(table, changed):
    source = {"participant": "participant", "claim": "claim"} | {table: changed}
    people = f"{source['participant']} AS person ON person.id = proof.participant_id"
    return proofs("claim", "person", "person.provider_id", f"{source['claim']} AS proof JOIN {people}")


def lines(payer, provider, source):
    return (
        f"SELECT proof.programme_id, line.settlement_id, line.payer_id AS owing_id, {payer}.payer_id, proof.effect_id,"
        f" {STAGE} AS stage, coalesce(proof.batch_id, {NONE}) AS batch_id,"
        f" coalesce(line.first_settlement_id, {NONE}) AS first_settlement_id, {provider} AS provider_id,"
        f" {totals('line.paid_minor')} FROM {source}"
    )


def lines_of_claims(table, changed):
    source = {name: name for name in ("participant", "claim", "settlement_line")} | {table: changed}
    people = f"{source['participant']} AS person ON person.id = proof.participant_id"
    of_claim = f"{source['settlement_line']} AS line ON line.claim_id = proof.id"
    return lines("person", "person.provider_id", f"{source['claim']} AS proof JOIN {people} JOIN {of_claim}")


def lines_of_measurements(table, changed):
    source = {name: name for name in ("measurement", "settlement_line")} | {table: changed}
    of_measurement = f"{source['settlement_line']} AS line ON line.measurement_id = proof.id"
    return lines("proof", nobody(), f"{source['measurement']} AS proof JOIN {of_measurement}")


def nobody():
    """Took in what is measured for a cohort."""
    return f"{NONE}::uuid" if is_postgresql() else NONE


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
            drop_trigger(f"tally_{table}_{event}", table)


def drop_trigger(name, table):
    if is_postgresql():
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    else:
        op.execute(f"DROP TRIGGER {name}")
