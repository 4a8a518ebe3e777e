"""Letters with reference, court and advantages per criterion; addresses of organisations; files that left the portal"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TEXTS = {"organisation": ("street", "postal_code"), "evaluation": ("reference", "court")}


def upgrade():
    for table, names in TEXTS.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.alter_column(name, existing_type=sa.String(), server_default=None)
    with op.batch_alter_table("opened_proposal") as opened:
        opened.add_column(sa.Column("advantages", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("opened_proposal") as opened:
        opened.alter_column("advantages", existing_type=sa.JSON(), server_default=None)
    create_call_file()


def create_call_file():
    name, texts, keys = (
        "call_file",
        ("manifest_sha256", "archive_sha256"),
        {"call_id": "call", "exported_by_id": "user"},
    )
    op.create_table(
        name,
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in ("id", *keys)),
        *(sa.Column(column, sa.String(), nullable=False) for column in texts),
        sa.Column("kept_until", sa.Date(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(sa.ForeignKeyConstraint([one], [f"{to}.id"], name=op.f(f"fk_{name}_{one}")) for one, to in keys.items()),
        info={"append_only": True},
    )
    for column in ("call_id", *texts):
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")


def downgrade():
    expect_nothing_lost()
    op.drop_table("call_file")
    with op.batch_alter_table("opened_proposal") as opened:
        opened.drop_column("advantages")
    for table, names in TEXTS.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)


def expect_nothing_lost():
    for what, query in {
        "files of calls that were exported": "SELECT count(*) FROM call_file",
        "the reference of an award decision": "SELECT count(*) FROM evaluation WHERE reference <> ''",
        "the postal address of an organisation": "SELECT count(*) FROM organisation WHERE street <> ''",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
