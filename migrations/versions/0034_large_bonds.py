"""Long lists by index, the turn of each claim in a docket, what a batch holds; how a cohort was measured"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
METHOD = sa.Enum(
    "fixed", "duration", "matched", "waiting_list", "rct", "none", name="counterfactual", native_enum=False, length=30
)
INDEXES = {
    "ix_claim_work_list": ["programme_id", "state", "submitted_at", "id"],
    "ix_claim_unsigned": ["programme_id", "state", "batch_id", "achieved_on", "id"],
    "ix_claim_oldest": ["programme_id", "created_at", "id"],
    "ix_claim_in_batch": ["batch_id", "achieved_on", "id"],
    "ix_claim_document": ["programme_id", "evidence_digest"],
}
BEFORE = {
    "ix_claim_work_list": ["programme_id", "state", "submitted_at"],
    "ix_claim_programme_id": ["programme_id"],
    "ix_claim_batch_id": ["batch_id"],
}
TURNS = """
    UPDATE docket_item SET place = turn.number FROM (
        SELECT i.docket_id, i.claim_id, row_number() OVER (
            PARTITION BY i.docket_id ORDER BY i.risk DESC, c.submitted_at, c.id
        ) AS number FROM docket_item i JOIN claim c ON c.id = i.claim_id
    ) AS turn WHERE turn.docket_id = docket_item.docket_id AND turn.claim_id = docket_item.claim_id
"""
HELD = """
    SELECT batch_id, effect_id, payer_id, sum(CASE WHEN state = 'rejected' THEN 0 ELSE number END) AS verified,
        sum(CASE WHEN state = 'rejected' THEN number ELSE 0 END) AS rejected
    FROM (
        SELECT c.batch_id, c.effect_id, p.payer_id, c.state, count(*) AS number
        FROM claim c JOIN participant p ON p.id = c.participant_id WHERE c.batch_id IS NOT NULL
        GROUP BY c.batch_id, c.effect_id, p.payer_id, c.state
        UNION ALL
        SELECT batch_id, effect_id, payer_id, state, count(*) FROM measurement WHERE batch_id IS NOT NULL
        GROUP BY batch_id, effect_id, payer_id, state
    ) AS each_proof GROUP BY batch_id, effect_id, payer_id
"""


def upgrade():
    for name in BEFORE:
        op.drop_index(name, "claim")
    for name, columns in INDEXES.items():
        op.create_index(name, "claim", columns)
    op.create_index("ix_participant_latest", "participant", ["programme_id", "started_on", "code"])
    give_turns()
    create_counts()
    create_basis()


def give_turns():
    with op.batch_alter_table("docket_item") as item:
        item.drop_index("ix_docket_item_work")
        item.add_column(sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.execute(TURNS)
    with op.batch_alter_table("docket_item") as item:
        item.alter_column("place", existing_type=sa.Integer(), server_default=None)
        item.create_index("ix_docket_item_work", ["docket_id", "to_judge", "place"])


def create_counts():
    keys = {"batch_id": "batch", "effect_id": "effect", "payer_id": "organisation"}
    op.create_table(
        "batch_count",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in keys),
        sa.Column("verified", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_count")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_batch_count_{name}"))
            for name, to in keys.items()
        ),
        sa.UniqueConstraint(
            "batch_id", "effect_id", "payer_id", name=op.f("uq_batch_count_batch_id_effect_id_payer_id")
        ),
        sa.CheckConstraint("verified >= 0 AND rejected >= 0", name=op.f("ck_batch_count_counts")),
        info={"append_only": True},
    )
    some_id = "gen_random_uuid()" if is_postgresql() else "lower(hex(randomblob(16)))"
    names = "batch_id, effect_id, payer_id, verified, rejected"
    op.execute(
        f"INSERT INTO batch_count (id, created_at, {names})"
        f" SELECT {some_id}, b.created_at, {names} FROM ({HELD}) AS held JOIN batch b ON b.id = held.batch_id"
    )
    guard("batch_count")


def create_basis():
    """How a cohort was measured. What was measured before has none."""
    op.create_table(
        "measurement_basis",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("method", METHOD, nullable=False),
        sa.Column("low", sa.String(), nullable=False),
        sa.Column("high", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_basis")),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["measurement.id"], name=op.f("fk_measurement_basis_measurement_id")
        ),
        sa.UniqueConstraint("measurement_id", name=op.f("uq_measurement_basis_measurement_id")),
        sa.CheckConstraint("people > 0 AND compared > 0", name=op.f("ck_measurement_basis_people")),
        info={"append_only": True},
    )
    guard("measurement_basis")


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
    """What a batch holds can be counted again, and the turn of a claim follows from its risk and age."""
    expect_nothing_lost()
    op.drop_table("measurement_basis")
    op.drop_table("batch_count")
    op.drop_index("ix_participant_latest", "participant")
    with op.batch_alter_table("docket_item") as item:
        item.drop_index("ix_docket_item_work")
        item.drop_column("place")
        item.create_index("ix_docket_item_work", ["docket_id", "to_judge", "risk"])
    for name in INDEXES:
        op.drop_index(name, "claim")
    for name, columns in BEFORE.items():
        op.create_index(name, "claim", columns)


def expect_nothing_lost():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM measurement_basis")).scalar():
        raise RuntimeError("the schema before this one cannot hold measurement_basis")
