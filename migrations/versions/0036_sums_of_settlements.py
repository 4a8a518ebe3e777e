"""What the lines of a settlement come to, kept beside them; its lines by index"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
KIND = sa.Enum("first", "carried", "pooled", "adjusted", "clawed_back", name="linekind", native_enum=False, length=30)
INDEXES = {
    "ix_settlement_line_in_order": ["settlement_id", "position"],
    "ix_settlement_line_of_payer": ["settlement_id", "payer_id", "position"],
}
KEYS = {"settlement_id": "settlement", "effect_id": "effect", "payer_id": "organisation"}
NAMES = "settlement_id, effect_id, payer_id, first_settlement_id, kind, lines, paid_minor"
ADDED_UP = """
    SELECT l.settlement_id, coalesce(c.effect_id, m.effect_id) AS effect_id, l.payer_id, l.first_settlement_id, l.kind,
        count(*) AS lines, sum(l.paid_minor) AS paid_minor
    FROM settlement_line l LEFT JOIN claim c ON c.id = l.claim_id LEFT JOIN measurement m ON m.id = l.measurement_id
    GROUP BY l.settlement_id, coalesce(c.effect_id, m.effect_id), l.payer_id, l.first_settlement_id, l.kind
"""


def upgrade():
    op.create_table(
        "settlement_sum",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in KEYS),
        sa.Column("first_settlement_id", sa.Uuid(), nullable=True),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("paid_minor", app.core.models.MinorUnits(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_sum")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_settlement_sum_{name}"))
            for name, to in (KEYS | {"first_settlement_id": "settlement"}).items()
        ),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_settlement_sum_settlement_id"), "settlement_sum", ["settlement_id"])
    for name, columns in INDEXES.items():
        op.create_index(name, "settlement_line", columns)
    some_id = "gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))"
    added = ", ".join(f"added.{name}" for name in NAMES.split(", "))
    op.execute(
        f"INSERT INTO settlement_sum (id, created_at, {NAMES}) SELECT {some_id}, s.created_at, {added}"
        f" FROM ({ADDED_UP}) AS added JOIN settlement s ON s.id = added.settlement_id"
    )
    guard("settlement_sum")


def is_postgresql():
    return op.get_bind().dialect.name == "postgresql"


def guard(name):
    """The database refuses to change or delete a row."""
    if is_postgresql():
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
    for act in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")


def downgrade():
    """The sums can be added up again."""
    for name in INDEXES:
        op.drop_index(name, "settlement_line")
    op.drop_table("settlement_sum")
