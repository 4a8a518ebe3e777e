"""Drafts lie encrypted slot by slot; what an opened plan says stands by item instead of by section"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0012"
down_revision = "0011"
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
    rename_in_content("sections", "answers")


def downgrade():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM draft_slot")).scalar():
        raise RuntimeError("the schema before this one cannot hold what consortia wrote since")
    expect_only_sections()
    op.drop_table("draft_slot")
    with op.batch_alter_table("consortium") as consortium:
        consortium.drop_column("draft_key")
    rename_in_content("answers", "sections")


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


OPENED = sa.table("opened_proposal", sa.column("id", sa.Uuid()), sa.column("content", sa.JSON()))


def rename_in_content(before, after):
    """The four sections of before are four items now, with the same keys (migration 0011)."""
    connection = op.get_bind()
    for key, content in connection.execute(sa.select(OPENED.c.id, OPENED.c.content)).all():
        renamed = {after if name == before else name: value for name, value in content.items()}
        connection.execute(sa.update(OPENED).where(OPENED.c.id == key).values(content=renamed))


def expect_only_sections():
    """Before this one a plan held four texts and its volumes, nothing else."""
    sections = {"approach", "team", "planning", "risks"}
    for content in op.get_bind().execute(sa.select(OPENED.c.content)).scalars():
        answers = content.get("answers", {})
        if set(answers) - sections or any(content.get(name) for name in ("files", "parts", "years")):
            raise RuntimeError("the schema before this one cannot hold plans with items of their own")
