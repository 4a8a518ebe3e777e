"""Drafts lie encrypted slot by slot: a wrapped key per consortium, and the slots of its draft"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
REFERENCES = {"consortium_id": "consortium", "edited_by_id": "user", "editing_by_id": "user"}


def upgrade():
    expect_no_sealed_plan()
    with op.batch_alter_table("consortium") as consortium:
        consortium.add_column(sa.Column("draft_key", sa.LargeBinary(), nullable=True))
    op.create_table(
        "draft_slot",
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("edited_by_id", sa.Uuid(), nullable=True),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("editing_by_id", sa.Uuid(), nullable=True),
        sa.Column("editing_since", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_draft_slot_{name}"))
            for name, table in REFERENCES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_slot")),
        sa.UniqueConstraint("consortium_id", "name", name=op.f("uq_draft_slot_consortium_id_name")),
    )


def downgrade():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM draft_slot")).scalar():
        raise RuntimeError("the schema before this one cannot hold what consortia wrote since")
    op.drop_table("draft_slot")
    with op.batch_alter_table("consortium") as consortium:
        consortium.drop_column("draft_key")


def expect_no_sealed_plan():
    """Plans under the former seal cannot be read without the portal's key, which a migration does not hold."""
    found = sa.text(
        "SELECT count(*) FROM proposal JOIN call ON call.id = proposal.call_id "
        "WHERE proposal.state IN ('draft', 'submitted') AND call.state IN ('published', 'closed') AND NOT EXISTS ("
        "SELECT 1 FROM evaluation WHERE evaluation.call_id = call.id AND evaluation.state <> 'sealed')"
    )
    if op.get_bind().execute(found).scalar():
        raise RuntimeError(
            "plans lie sealed in a call that was not opened: open the call first with the former version, or cancel it"
        )
