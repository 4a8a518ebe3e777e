"""A settlement pays for earlier effects too: carried over, or pooled at the end; questions about a measurement"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ONCE = {name: f"uq_settlement_line_settlement_id_{name}" for name in ("claim_id", "measurement_id")}
KINDS = ("first", "carried", "pooled")


def upgrade():
    with op.batch_alter_table("settlement") as settlement:
        settlement.add_column(sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("settlement") as settlement:
        settlement.alter_column("is_final", existing_type=sa.Boolean(), server_default=None)
    kind = sa.Enum(*KINDS, name="linekind", native_enum=False, length=30)
    with op.batch_alter_table("settlement_line") as line:
        line.add_column(sa.Column("kind", kind, nullable=False, server_default="first"))
        line.add_column(sa.Column("first_settlement_id", sa.Uuid(), nullable=True))
        line.create_foreign_key(
            op.f("fk_settlement_line_first_settlement_id"), "settlement", ["first_settlement_id"], ["id"]
        )
        for name, constraint in ONCE.items():
            line.drop_constraint(op.f(constraint), type_="unique")
            line.create_unique_constraint(op.f(f"{constraint}_kind"), ["settlement_id", name, "kind"])
        line.create_check_constraint(
            op.f("ck_settlement_line_first"), "(kind = 'first') = (first_settlement_id IS NULL)"
        )
    with op.batch_alter_table("settlement_line") as line:
        line.alter_column("kind", existing_type=kind, server_default=None)

    create_measurement_message()


def create_measurement_message():
    op.create_table(
        "measurement_message",
        sa.Column("measurement_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["measurement_id"], ["measurement.id"], name=op.f("fk_measurement_message_measurement_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_measurement_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measurement_message")),
    )
    op.create_index(op.f("ix_measurement_message_measurement_id"), "measurement_message", ["measurement_id"])


def downgrade():
    expect_nothing_lost()
    op.drop_table("measurement_message")
    with op.batch_alter_table("settlement_line") as line:
        line.drop_constraint(op.f("ck_settlement_line_first"), type_="check")
        for name, constraint in ONCE.items():
            line.drop_constraint(op.f(f"{constraint}_kind"), type_="unique")
            line.create_unique_constraint(op.f(constraint), ["settlement_id", name])
        line.drop_constraint(op.f("fk_settlement_line_first_settlement_id"), type_="foreignkey")
        line.drop_column("first_settlement_id")
        line.drop_column("kind")
    with op.batch_alter_table("settlement") as settlement:
        settlement.drop_column("is_final")


def expect_nothing_lost():
    later = "SELECT (SELECT count(*) FROM settlement_line WHERE kind <> 'first') + "
    later += "(SELECT count(*) FROM settlement WHERE is_final) + (SELECT count(*) FROM measurement_message)"
    if op.get_bind().execute(sa.text(later)).scalar():
        raise RuntimeError("the schema before this one cannot hold what is paid later, or asked about a measurement")
