"""Lines of a settlement that are alike stand together; who reads rows about residents is said of each person"""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

NAME = "settlement_group"
MOMENT, MINOR = app.core.models.Moment(timezone=True), app.core.models.MinorUnits()
KIND = sa.Enum("first", "carried", "pooled", "adjusted", "clawed_back", name="linekind", native_enum=False, length=30)
KEYS = {"settlement_id": "settlement", "effect_id": "effect", "payer_id": "organisation"}
KEPT = sa.table(
    NAME,
    *(sa.column(name, sa.Uuid()) for name in ("id", *KEYS, "first_settlement_id")),
    *(sa.column(name, MINOR) for name in ("price_minor", "gross_minor", "paid_minor")),
    *(sa.column("created_at", MOMENT), sa.column("kind", KIND), sa.column("lines", sa.Integer())),
    sa.column("steps", sa.JSON()),
)
LINES = """
    SELECT l.settlement_id, coalesce(c.effect_id, m.effect_id), l.payer_id, l.first_settlement_id, l.kind,
        coalesce(c.quantity, m.quantity), l.gross_minor, l.paid_minor, CAST(l.steps AS TEXT), count(*)
    FROM settlement_line l LEFT JOIN claim c ON c.id = l.claim_id LEFT JOIN measurement m ON m.id = l.measurement_id
    GROUP BY l.settlement_id, coalesce(c.effect_id, m.effect_id), l.payer_id, l.first_settlement_id, l.kind,
        coalesce(c.quantity, m.quantity), l.gross_minor, l.paid_minor, CAST(l.steps AS TEXT)
"""


def upgrade():
    op.create_table(
        NAME,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in KEYS),
        sa.Column("first_settlement_id", sa.Uuid(), nullable=True),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("price_minor", MINOR, nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("gross_minor", MINOR, nullable=False),
        sa.Column("paid_minor", MINOR, nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{NAME}")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_{NAME}_{name}"))
            for name, to in (KEYS | {"first_settlement_id": "settlement"}).items()
        ),
        info={"append_only": True},
    )
    op.create_index(op.f(f"ix_{NAME}_settlement_id"), NAME, ["settlement_id"])
    rows = groups(op.get_bind().execute(sa.text(LINES)))
    if rows:
        op.bulk_insert(KEPT, rows)
    guard()
    op.add_column("membership", sa.Column("is_case_owner", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Who administers a municipality goes on reading, and says which colleagues do.
    municipality = "SELECT id FROM organisation WHERE kind = 'municipality'"
    op.execute(f"UPDATE membership SET is_case_owner = is_manager WHERE organisation_id IN ({municipality})")
    with op.batch_alter_table("membership") as table:
        table.alter_column("is_case_owner", server_default=None)


def groups(lines):
    """As app/settlement/groups.py does when a settlement is made."""
    found = {}
    for *keys, quantity, gross, paid, text, number in lines:
        steps, units = json.loads(text), quantity or 1
        rules = tuple(step["rule"] for step in steps)
        price = None if gross % units else gross // units
        sums = found.setdefault((*keys, price, rules), [0, 0, 0, [[Fraction(), Fraction()] for _ in rules]])
        sums[:3] = [sums[0] + number, sums[1] + number * gross, sums[2] + number * paid]
        for one, step in zip(sums[3], steps, strict=True):
            one[0] += number * Fraction(step["before_minor"])
            one[1] += number * Fraction(step["after_minor"])
    return [row(*keys, *sums) for keys, sums in found.items()]


def row(settlement, effect, payer, first, kind, price, rules, lines, gross, paid, steps):
    return {
        "id": uuid.uuid4(),
        "created_at": datetime.now(UTC),
        "settlement_id": as_id(settlement),
        "effect_id": as_id(effect),
        "payer_id": as_id(payer),
        "first_settlement_id": as_id(first),
        "kind": kind,
        "price_minor": price,
        "lines": lines,
        "gross_minor": gross,
        "paid_minor": paid,
        "steps": [
            {"rule": rule, "before_minor": exact(before), "after_minor": exact(after)}
            for rule, (before, after) in zip(rules, steps, strict=True)
        ],
    }


def as_id(value):
    """SQLite keeps an id as text."""
    return uuid.UUID(value) if isinstance(value, str) else value


def exact(number):
    """A decimal where it has an end, else a fraction."""
    if number.denominator == 1:
        return str(number.numerator)
    decimal = Decimal(number.numerator) / Decimal(number.denominator)
    return f"{decimal.normalize():f}" if Fraction(decimal) == number else str(number)


def guard():
    """The database refuses to change or delete a row."""
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {NAME}_append_only BEFORE UPDATE OR DELETE ON {NAME} {each}")
        return
    refuse = f"SELECT RAISE(ABORT, '{NAME} is append-only')"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {NAME}_no_{act} BEFORE {act.upper()} ON {NAME} BEGIN {refuse}; END")


def downgrade():
    """The lines can be put together again; who read rows about residents was said of nobody."""
    op.drop_column("membership", "is_case_owner")
    op.drop_table(NAME)
