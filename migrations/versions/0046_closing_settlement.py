"""Settlements after the last one; money that came in for no statement, and what is owed to municipalities"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

KINDS = ("overpaid", "vat_back", "costs_back")


def upgrade():
    with op.batch_alter_table("settlement") as settlement:
        settlement.add_column(sa.Column("is_closing", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("settlement") as settlement:
        settlement.alter_column("is_closing", existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "other_receipt",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="otherreceiptkind", native_enum=False, length=30), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("amount_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_other_receipt_amount")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_other_receipt_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_other_receipt_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_receipt")),
    )
    op.create_index(op.f("ix_other_receipt_programme_id"), "other_receipt", ["programme_id"])


def downgrade():
    expect_nothing_lost()
    op.drop_table("other_receipt")
    with op.batch_alter_table("settlement") as settlement:
        settlement.drop_column("is_closing")


def expect_nothing_lost():
    later = "SELECT (SELECT count(*) FROM settlement WHERE is_closing) + (SELECT count(*) FROM other_receipt) + "
    later += "(SELECT count(*) FROM account WHERE kind = 'payer_credit')"
    if op.get_bind().execute(sa.text(later)).scalar():
        raise RuntimeError("the schema before this one cannot hold what is owed to municipalities")
