"""Plans are sealed to officials: keys of officials and of calls, two envelopes and an own copy per plan"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
PURPOSE = sa.Enum("plan", "discount", name="purpose", native_enum=False, length=30)


def upgrade():
    op.add_column("call", sa.Column("plans_opened_at", MOMENT, nullable=True))
    op.execute(
        "UPDATE call SET plans_opened_at = (SELECT evaluation.created_at FROM evaluation "
        "WHERE evaluation.call_id = call.id AND evaluation.state <> 'sealed')"
    )
    expect_every_plan_opened()
    make_keys()
    seal_to_officials()


def seal_to_officials():
    with op.batch_alter_table("proposal") as proposal:
        for name in ("plan", "discount", "own_key", "own_copy"):
            proposal.add_column(sa.Column(name, sa.LargeBinary(), nullable=False, server_default=""))
        proposal.add_column(sa.Column("discount_digest", sa.String(), nullable=False, server_default=""))
        proposal.add_column(sa.Column("generation", sa.Integer(), nullable=True))
    with op.batch_alter_table("proposal") as proposal:
        for name in ("plan", "discount", "own_key", "own_copy", "discount_digest"):
            proposal.alter_column(name, server_default=None)
        proposal.drop_column("sealed")  # what was opened stands in opened_proposal
        proposal.drop_column("wrapped_key")
    with op.batch_alter_table("opening_consent") as consent:
        consent.add_column(sa.Column("purpose", PURPOSE, nullable=False, server_default="plan"))
        consent.drop_constraint("uq_opening_consent_evaluation_id_user_id", type_="unique")
        consent.create_unique_constraint(
            "uq_opening_consent_evaluation_id_user_id_purpose", ["evaluation_id", "user_id", "purpose"]
        )
    with op.batch_alter_table("opening_consent") as consent:
        consent.alter_column("purpose", server_default=None)




def expect_every_plan_opened():
    """Plans under the former seal would be lost: the officials of a call that was not opened have no keys."""
    found = sa.text(
        "SELECT count(*) FROM proposal JOIN call ON call.id = proposal.call_id "
        "WHERE call.state IN ('published', 'closed') AND proposal.state IN ('draft', 'submitted') "
        "AND call.plans_opened_at IS NULL"
    )
    if op.get_bind().execute(found).scalar():
        raise RuntimeError(
            "plans lie sealed in a call that was not opened: open the call first with the former version, or cancel it"
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
    sealed = sa.text("SELECT count(*) FROM proposal WHERE generation IS NOT NULL")
    if op.get_bind().execute(sealed).scalar():
        raise RuntimeError("the schema before this one cannot hold plans that were sealed to officials")
    with op.batch_alter_table("opening_consent") as consent:
        consent.drop_constraint("uq_opening_consent_evaluation_id_user_id_purpose", type_="unique")
        consent.create_unique_constraint("uq_opening_consent_evaluation_id_user_id", ["evaluation_id", "user_id"])
        consent.drop_column("purpose")
    with op.batch_alter_table("proposal") as proposal:
        for name in ("sealed", "wrapped_key"):
            proposal.add_column(sa.Column(name, sa.LargeBinary(), nullable=False, server_default=""))
        for name in ("generation", "discount_digest", "own_copy", "own_key", "discount", "plan"):
            proposal.drop_column(name)
    with op.batch_alter_table("proposal") as proposal:
        for name in ("sealed", "wrapped_key"):
            proposal.alter_column(name, server_default=None)
    op.drop_column("call", "plans_opened_at")  # not in a batch, which would make the table anew without its triggers
    for table in ("key_layer", "call_key", "opener_key"):
        op.drop_table(table)
