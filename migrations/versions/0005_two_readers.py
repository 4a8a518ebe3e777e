"""Two readers judge invented files, blind to each other (gate D2)"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    create_test()
    op.create_table(
        "reader_file",
        sa.Column("test_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *identity(),
        sa.ForeignKeyConstraint(["test_id"], ["reader_test.id"], name=op.f("fk_reader_file_test_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_file")),
        sa.UniqueConstraint("test_id", "position", name=op.f("uq_reader_file_test_id_position")),
    )
    op.create_table(
        "reader_verdict",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("meets", sa.Boolean(), nullable=False),
        *identity(),
        sa.ForeignKeyConstraint(["file_id"], ["reader_file.id"], name=op.f("fk_reader_verdict_file_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["user.id"], name=op.f("fk_reader_verdict_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_verdict")),
        sa.UniqueConstraint("file_id", "reader_id", name=op.f("uq_reader_verdict_file_id_reader_id")),
    )
    if on_postgres():
        op.execute(
            "CREATE TRIGGER reader_verdict_append_only BEFORE UPDATE OR DELETE ON reader_verdict "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        for act in ("UPDATE", "DELETE"):
            refuse = "SELECT RAISE(ABORT, 'reader_verdict is append-only')"
            name = f"reader_verdict_no_{act.lower()}"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON reader_verdict BEGIN {refuse}; END")


def downgrade():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM reader_verdict")).scalar():
        raise RuntimeError("the schema before this one cannot hold what readers judged")
    if on_postgres():
        op.execute("DROP TRIGGER reader_verdict_append_only ON reader_verdict")
    op.drop_table("reader_verdict")
    op.drop_table("reader_file")
    with op.batch_alter_table("reader_test") as test:
        for column in ("first_reader_id", "second_reader_id"):
            test.drop_index(op.f(f"ix_reader_test_{column}"))
        test.drop_index("ix_reader_test_effect")
    op.drop_table("reader_test")


def on_postgres():
    return op.get_bind().dialect.name == "postgresql"


def identity():
    return (
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
    )


def create_test():
    counts = ("both_yes", "first_only", "second_only", "both_no")
    op.create_table(
        "reader_test",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("effect_code", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("state", sa.String(30), nullable=False),
        sa.Column("first_reader_id", sa.Uuid(), nullable=True),
        sa.Column("second_reader_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", app.core.models.Moment(timezone=True), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.Column("version", sa.Integer(), nullable=False),
        *identity(),
        sa.ForeignKeyConstraint(["first_reader_id"], ["user.id"], name=op.f("fk_reader_test_first_reader_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_reader_test_programme_id")),
        sa.ForeignKeyConstraint(["second_reader_id"], ["user.id"], name=op.f("fk_reader_test_second_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_test")),
    )
    with op.batch_alter_table("reader_test") as test:
        test.create_index("ix_reader_test_effect", ["programme_id", "effect_code"])
        for column in ("first_reader_id", "second_reader_id"):
            test.create_index(op.f(f"ix_reader_test_{column}"), [column])
