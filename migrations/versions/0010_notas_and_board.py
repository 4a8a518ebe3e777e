"""Questions get a confidential part, a draft answer and the numbered nota that takes it to everybody;
service providers get a profile, and a board on which they find partners

Answers that were given before go into one nota per call, so that they stay on the public page.
"""

import hashlib
import json
import uuid

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
TEXTS = ("confidential", "withheld_because", "topic")


def upgrade():
    create_nota()
    create_board()


def create_nota():
    op.create_table(
        "nota",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_nota_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nota")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_nota_call_id_number")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_nota_call_id"), "nota", ["call_id"])
    with op.batch_alter_table("question") as question:
        for name in TEXTS:
            question.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        question.add_column(sa.Column("same_as_id", sa.Uuid(), nullable=True))
        question.add_column(sa.Column("nota_id", sa.Uuid(), nullable=True))
        question.add_column(sa.Column("withdrawn_at", MOMENT, nullable=True))
        question.alter_column("asked_by_id", existing_type=sa.Uuid(), nullable=True)
        question.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=True)
        question.create_foreign_key(op.f("fk_question_same_as_id"), "question", ["same_as_id"], ["id"])
        question.create_foreign_key(op.f("fk_question_nota_id"), "nota", ["nota_id"], ["id"])
        question.create_index(op.f("ix_question_same_as_id"), ["same_as_id"])
        question.create_index(op.f("ix_question_nota_id"), ["nota_id"])
    with op.batch_alter_table("question") as question:
        for name in TEXTS:
            question.alter_column(name, existing_type=sa.String(), server_default=None)
    gather_answers()
    refuse_changes()


def create_board():
    op.create_table(
        "profile",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        *texts("about", "elsewhere", "quality_marks"),
        *lists("life_domains", "municipality_ids"),
        sa.Column("capacity", sa.Integer(), nullable=True),
        *root("profile"),
        refers("profile", "organisation_id", "organisation"),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_profile_organisation_id")),
    )
    op.create_table(
        "board_entry",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("call_id", "organisation_id")),
        sa.Column("wish", sa.Enum("offer", "need", name="wish", native_enum=False, length=30), nullable=False),
        *texts("text"),
        *lists("life_domains", "municipality_ids"),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        *root("board_entry"),
        refers("board_entry", "call_id", "call"),
        refers("board_entry", "organisation_id", "organisation"),
    )
    op.create_table(
        "conversation",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("entry_id", "organisation_id")),
        *root("conversation"),
        refers("conversation", "entry_id", "board_entry"),
        refers("conversation", "organisation_id", "organisation"),
        sa.UniqueConstraint("entry_id", "organisation_id", name=op.f("uq_conversation_entry_id_organisation_id")),
    )
    op.create_table(
        "message",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("conversation_id", "organisation_id")),
        *texts("text"),
        *row("message"),
        refers("message", "conversation_id", "conversation"),
        refers("message", "organisation_id", "organisation"),
    )
    for table, column in INDEXES:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


INDEXES = (
    ("board_entry", "call_id"),
    ("board_entry", "organisation_id"),
    ("conversation", "entry_id"),
    ("conversation", "organisation_id"),
    ("message", "conversation_id"),
)


def texts(*names):
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def lists(*names):
    return [sa.Column(name, sa.JSON(), nullable=False) for name in names]


def root(table):
    return [sa.Column("version", sa.Integer(), nullable=False), *row(table)]


def row(table):
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def refers(table, column, to):
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def gather_answers():
    """One nota per call of all that was answered so far, at the moment of the last answer."""
    nota = sa.table(
        "nota",
        sa.column("id", sa.Uuid()),
        sa.column("call_id", sa.Uuid()),
        sa.column("number", sa.Integer()),
        sa.column("published_at", MOMENT),
        sa.column("created_at", MOMENT),
        sa.column("entries", sa.JSON()),
        sa.column("digest", sa.String()),
    )
    question = sa.table(
        "question",
        *(sa.column(name, sa.Uuid()) for name in ("id", "call_id", "nota_id")),
        *(sa.column(name, sa.String()) for name in ("text", "answer")),
        *(sa.column(name, MOMENT) for name in ("answered_at", "created_at")),
    )
    bind = op.get_bind()
    answered = sa.select(question).where(question.c.answered_at.is_not(None)).order_by(question.c.created_at)
    calls = {}
    for row in bind.execute(answered).all():
        calls.setdefault(row.call_id, []).append(row)
    for call_id, rows in calls.items():
        entries = [{"topic": "", "questions": [row.text], "answer": row.answer, "withheld": []} for row in rows]
        digest = hashlib.sha256(json.dumps(entries, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
        made, moment = uuid.uuid4(), max(row.answered_at for row in rows)
        values = {"id": made, "call_id": call_id, "number": 1, "published_at": moment, "created_at": moment}
        bind.execute(nota.insert().values(**values, entries=entries, digest=digest))
        ids = [row.id for row in rows]
        bind.execute(question.update().where(question.c.id.in_(ids)).values(nota_id=made))


def refuse_changes():
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER nota_append_only BEFORE UPDATE OR DELETE ON nota "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER nota_no_{act} BEFORE {act.upper()} ON nota "
            "BEGIN SELECT RAISE(ABORT, 'nota is append-only'); END"
        )


def downgrade():
    expect_nothing_lost()
    for table in ("message", "conversation", "board_entry", "profile"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER nota_append_only ON nota")
    else:
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER nota_no_{act}")
    with op.batch_alter_table("question") as question:
        question.drop_index(op.f("ix_question_nota_id"))
        question.drop_index(op.f("ix_question_same_as_id"))
        question.drop_constraint(op.f("fk_question_nota_id"), type_="foreignkey")
        question.drop_constraint(op.f("fk_question_same_as_id"), type_="foreignkey")
        for name in (*TEXTS, "same_as_id", "nota_id", "withdrawn_at"):
            question.drop_column(name)
        question.alter_column("asked_by_id", existing_type=sa.Uuid(), nullable=False)
        question.alter_column("organisation_id", existing_type=sa.Uuid(), nullable=False)
    op.drop_table("nota")


def expect_nothing_lost():
    """Answers stay on their questions; clarifications, confidential parts and merged questions have no place before."""
    found = (
        "SELECT count(*) FROM question WHERE asked_by_id IS NULL OR confidential <> '' OR topic <> '' "
        "OR same_as_id IS NOT NULL OR withdrawn_at IS NOT NULL OR (answer <> '' AND nota_id IS NULL)"
    )
    if op.get_bind().execute(sa.text(found)).scalar():
        raise RuntimeError("the schema before this one cannot hold notas with headings, confidential parts or drafts")
    for table in ("profile", "board_entry"):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {table}")).scalar():
            raise RuntimeError("the schema before this one cannot hold profiles or a board")
