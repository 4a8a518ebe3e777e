"""What is measured of a cohort, and fees: measurements, and lines of a settlement that value one"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A table is read without those it points to: the index of `user` on lower(email) cannot be read, and need not be.
ALONE = {"resolve_fks": False}
MOMENT = app.core.models.Moment(timezone=True)
REFERENCES = {
    "programme_id": "programme",
    "effect_id": "effect",
    "payer_id": "organisation",
    "provider_id": "organisation",
    "registered_by_id": "user",
    "decided_by_id": "user",
    "batch_id": "batch",
}


def upgrade():
    create_measurement()
    with op.batch_alter_table("settlement_line", reflect_kwargs=ALONE) as line:
        line.alter_column("claim_id", existing_type=sa.Uuid(), nullable=True)
        line.add_column(sa.Column("measurement_id", sa.Uuid(), nullable=True))
        line.create_foreign_key(op.f("fk_settlement_line_measurement_id"), "measurement", ["measurement_id"], ["id"])
        line.create_unique_constraint(
            op.f("uq_settlement_line_settlement_id_measurement_id"), ["settlement_id", "measurement_id"]
        )
        line.create_check_constraint(
            op.f("ck_settlement_line_one_proof"), "(claim_id IS NULL) <> (measurement_id IS NULL)"
        )
        line.create_index(op.f("ix_settlement_line_measurement_id"), ["measurement_id"])


def downgrade():
    expect_nothing_lost()
    with op.batch_alter_table("settlement_line", reflect_kwargs=ALONE) as line:
        line.drop_index(op.f("ix_settlement_line_measurement_id"))
        line.drop_constraint(op.f("ck_settlement_line_one_proof"), type_="check")
        line.drop_constraint(op.f("uq_settlement_line_settlement_id_measurement_id"), type_="unique")
        line.drop_constraint(op.f("fk_settlement_line_measurement_id"), type_="foreignkey")
        line.drop_column("measurement_id")
        line.alter_column("claim_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("measurement")


def expect_nothing_lost():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM measurement")).scalar():
        raise RuntimeError("the schema before this one cannot hold measurements")


def create_measurement():
    op.create_table(
        "measurement",
        *(sa.Column(name, sa.Uuid(), nullable=name in ("decided_by_id", "batch_id")) for name in REFERENCES),
        sa.Column("achieved_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("value", "cohort", "treatment", "control")),
        sa.Column("avoided_minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        word("evidence_type", "evidencetype", *EVIDENCE),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("evidence_issuer", "evidence_digest", "note")),
        sa.Column("evidence_on", sa.Date(), nullable=False),
        word("state", "claimstate", *STATES),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        word("decision_reason", "rejectionreason", *REASONS, nullable=True),
        sa.Column("decision_words", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_measurement_quantity")),
        sa.CheckConstraint("avoided_minor >= 0", name=op.f("ck_measurement_avoided")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_measurement_{name}"))
            for name, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement")),
    )
    with op.batch_alter_table("measurement", reflect_kwargs=ALONE) as measurement:
        measurement.create_index(op.f("ix_measurement_payer_id"), ["payer_id"])
        measurement.create_index(op.f("ix_measurement_batch_id"), ["batch_id"])
        measurement.create_index("ix_measurement_work_list", ["programme_id", "state", "submitted_at"])


EVIDENCE = (
    *("registry", "payroll", "employer", "school", "landlord", "creditor", "care", "justice"),
    *("scale", "self_report"),
)
STATES = (*("registered", "submitted", "questioned", "verified", "rejected", "signed_off", "settled", "withdrawn"),)
REASONS = ("no_evidence", "not_independent", "too_late", "not_sustained", "double")


def word(name, kind, *values, nullable=False):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=nullable)
