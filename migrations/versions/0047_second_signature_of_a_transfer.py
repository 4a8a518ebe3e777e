"""A second signature under the transfer of a commitment; which signing authority took the place of which; costs of the
bank of a bond without statements, by two people"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
# What only the new schema can say.
LOST = {
    "a transfer with a second signature": "SELECT count(*) FROM assignment WHERE"
    " state IN ('signed_once', 'accepted_once') OR co_proposed_by_id IS NOT NULL OR co_accepted_by_id IS NOT NULL",
    "costs of the bank with a document": "SELECT count(*) FROM charge_slip",
    "which authority took the place of another": "SELECT count(*) FROM signing_authority"
    " WHERE replaced_by_id IS NOT NULL",
}
SIGNED = ("co_proposed", "co_accepted")


def upgrade():
    with op.batch_alter_table("assignment") as assignment:
        for name in SIGNED:
            assignment.add_column(sa.Column(f"{name}_by_id", sa.Uuid(), nullable=True))
            assignment.add_column(sa.Column(f"{name}_at", MOMENT, nullable=True))
            assignment.create_foreign_key(op.f(f"fk_assignment_{name}_by_id"), "user", [f"{name}_by_id"], ["id"])
    with op.batch_alter_table("signing_authority") as authority:
        authority.add_column(sa.Column("replaced_by_id", sa.Uuid(), nullable=True))
        authority.create_foreign_key(
            op.f("fk_signing_authority_replaced_by_id"), "signing_authority", ["replaced_by_id"], ["id"]
        )
    create_slip()


def create_slip():
    parents = {"programme_id": "programme", "charge_id": "bank_charge"}
    op.create_table(
        "charge_slip",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", word("chargekind", "costs", "interest"), nullable=False),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("description", "filename", "media_type", "sha256")),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("state", word("slipstate", "prepared", "booked", "rejected"), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("charge_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_charge_slip_amount")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_charge_slip_{column}"))
            for column, table in parents.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge_slip")),
    )
    op.create_index(op.f("ix_charge_slip_programme_id"), "charge_slip", ["programme_id"])


def word(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, length=30)


def downgrade():
    expect_nothing_lost()
    op.drop_index(op.f("ix_charge_slip_programme_id"), table_name="charge_slip")
    op.drop_table("charge_slip")
    with op.batch_alter_table("signing_authority") as authority:
        authority.drop_constraint(op.f("fk_signing_authority_replaced_by_id"), type_="foreignkey")
        authority.drop_column("replaced_by_id")
    with op.batch_alter_table("assignment") as assignment:
        for name in SIGNED:
            assignment.drop_constraint(op.f(f"fk_assignment_{name}_by_id"), type_="foreignkey")
            assignment.drop_column(f"{name}_at")
            assignment.drop_column(f"{name}_by_id")


def expect_nothing_lost():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
