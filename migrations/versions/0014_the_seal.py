"""Plans are sealed to officials: keys of officials and of calls, two envelopes and an own copy per plan"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
PURPOSE = sa.Enum("plan", "discount", name="purpose", native_enum=False, length=30)


def upgrade():
    make_keys()
    with op.batch_alter_table("call") as call:
        call.add_column(sa.Column("plans_opened_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE call SET plans_opened_at = (SELECT evaluation.created_at FROM evaluation "
        "WHERE evaluation.call_id = call.id AND evaluation.state <> 'sealed')"
    )


def make_keys():
    op.create_table(
        "opener_key",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_opener_key_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opener_key_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opener_key")),
    )
    op.create_index(op.f("ix_opener_key_call_id"), "opener_key", ["call_id"])
    op.create_table(
        "call_key",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", PURPOSE, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_key_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_key")),
        sa.UniqueConstraint("call_id", "purpose", "generation", name=op.f("uq_call_key_call_id_purpose_generation")),
    )
    op.create_index(op.f("ix_call_key_call_id"), "call_key", ["call_id"])
    op.create_table(
        "key_layer",
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("outer_id", sa.Uuid(), nullable=False),
        sa.Column("inner_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("peeled", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["call_key.id"], name=op.f("fk_key_layer_key_id")),
        sa.ForeignKeyConstraint(["outer_id"], ["opener_key.id"], name=op.f("fk_key_layer_outer_id")),
        sa.ForeignKeyConstraint(["inner_id"], ["opener_key.id"], name=op.f("fk_key_layer_inner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_layer")),
        sa.UniqueConstraint("key_id", "outer_id", "inner_id", name=op.f("uq_key_layer_key_id_outer_id_inner_id")),
    )


def downgrade():
    with op.batch_alter_table("call") as call:
        call.drop_column("plans_opened_at")
    for table in ("key_layer", "call_key", "opener_key"):
        op.drop_table(table)
