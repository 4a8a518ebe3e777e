"""What a call asks: items of the plan, lots, documents, contacts, scale, minimum scores; guarded once it is published

On SQLite a table that is made anew loses its triggers, and those of other tables that name it stand in the way. So a
later migration that does more to `call`, `criterion` or one of the tables below than adding columns drops the triggers
first and makes them again, with `unguard` and `guard` as here.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
CONTENTS = ("criterion", "plan_item", "lot", "call_document", "call_contact")  # of a call, each by its call_id
TERMS = (
    *("programme_id", "table_id", "title", "description", "requirements", "standstill_days"),
    *("scale", "minimum_total", "allows_two_consortia", "tie_rule"),
)
STANDS = "a published call changes only by a rectification"
# What every plan held before plans were asked per call; read in Dutch by those who ran a call until now.
SECTIONS = {"approach": "Aanpak", "team": "Team en rollen", "planning": "Planning", "risks": "Risico’s"}
LONGEST = 20_000
ITEM_KINDS = ("text", "number", "choice", "file", "volumes", "budget")


def upgrade():
    change_call()
    change_criterion()
    create_plan_item()
    create_lot()
    create_call_document()
    create_call_contact()
    ask_what_was_asked()
    guard()


def downgrade():
    expect_nothing_lost()
    unguard()
    for table in ("call_contact", "call_document", "lot", "plan_item"):
        op.drop_table(table)
    op.drop_index("uq_criterion_discount", table_name="criterion")
    with op.batch_alter_table("criterion") as criterion:
        criterion.drop_column("minimum")
        criterion.drop_column("kind")
    with op.batch_alter_table("call") as call:
        for column in ("rectifying", "tie_rule", "allows_two_consortia", "minimum_total", "scale"):
            call.drop_column(column)


def on_postgres():
    return op.get_bind().dialect.name == "postgresql"


def expect_nothing_lost():
    usual = ", ".join(f"'{key}'" for key in (*SECTIONS, "volumes"))
    for what, query in {
        "documents of calls": "SELECT count(*) FROM call_document",
        "contacts of calls": "SELECT count(*) FROM call_contact",
        "lots": "SELECT count(*) FROM lot",
        "items of a call's own": f"SELECT count(*) FROM plan_item WHERE key NOT IN ({usual})",
        "criteria for a discount": "SELECT count(*) FROM criterion WHERE kind = 'discount'",
        "minimum scores": "SELECT count(*) FROM criterion WHERE minimum IS NOT NULL",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def change_call():
    with op.batch_alter_table("call") as call:
        call.add_column(sa.Column("scale", sa.JSON(), nullable=False, server_default=str(list(range(11)))))
        call.add_column(sa.Column("minimum_total", sa.Integer(), nullable=True))
        call.add_column(sa.Column("allows_two_consortia", sa.Boolean(), nullable=False, server_default=sa.false()))
        call.add_column(word("tie_rule", "tierule", "heaviest", "lot", server_default="heaviest"))
        call.add_column(sa.Column("rectifying", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("call") as call:  # the defaults were for the calls that stood
        for column in ("scale", "allows_two_consortia", "tie_rule", "rectifying"):
            call.alter_column(column, server_default=None)


def change_criterion():
    with op.batch_alter_table("criterion") as criterion:
        criterion.add_column(word("kind", "criterionkind", "quality", "discount", server_default="quality"))
        criterion.add_column(sa.Column("minimum", sa.Integer(), nullable=True))
    with op.batch_alter_table("criterion") as criterion:
        criterion.alter_column("kind", server_default=None)
    single = sa.text("kind = 'discount'")
    op.create_index(
        "uq_criterion_discount", "criterion", ["call_id"], unique=True, sqlite_where=single, postgresql_where=single
    )


def create_plan_item():
    create(
        "plan_item",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        word("kind", "itemkind", *ITEM_KINDS),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("title", "guidance")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("longest", "least", "most")),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=True),
        sa.UniqueConstraint("call_id", "key", name=op.f("uq_plan_item_call_id_key")),
        sa.CheckConstraint("longest > 0", name=op.f("ck_plan_item_longest")),
        sa.CheckConstraint("least <= most", name=op.f("ck_plan_item_range")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_plan_item_criterion_id")),
    )
    op.create_index(op.f("ix_plan_item_criterion_id"), "plan_item", ["criterion_id"])
    once = sa.text("kind IN ('volumes', 'budget')")
    op.create_index(
        "uq_plan_item_once", "plan_item", ["call_id", "kind"], unique=True, sqlite_where=once, postgresql_where=once
    )


def create_lot():
    create(
        "lot",
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "description")),
        sa.Column("cohort_size", sa.Integer(), nullable=False),
        sa.Column("organisation_ids", sa.JSON(), nullable=False),
        sa.CheckConstraint("cohort_size > 0", name=op.f("ck_lot_cohort")),
    )


def create_call_document():
    create(
        "call_document",
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("title", "filename", "media_type", "sha256")),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )


def create_call_contact():
    create(
        "call_contact",
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "function", "address")),
    )


def create(table, *columns):
    op.create_table(
        table,
        sa.Column("call_id", sa.Uuid(), nullable=False),
        *columns,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f(f"fk_{table}_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_call_id"), table, ["call_id"])


def word(name, kind, *values, **options):
    return sa.Column(name, sa.Enum(*values, name=kind, native_enum=False, length=30), nullable=False, **options)


def ask_what_was_asked():
    """Every call that stands asked four texts and the volumes; now it says so."""
    calls = op.get_bind().execute(sa.text("SELECT id FROM call")).scalars().all()
    item = sa.table(
        "plan_item",
        *(sa.column(name, sa.Uuid()) for name in ("id", "call_id")),
        sa.column("created_at", MOMENT),
        *(sa.column(name) for name in ("position", "key", "kind", "title", "guidance", "longest")),
        sa.column("choices", sa.JSON()),
        sa.column("required", sa.Boolean()),
    )
    asked = [(key, "text", title, LONGEST) for key, title in SECTIONS.items()]
    asked.append(("volumes", "volumes", "Aantallen per effect", None))
    rows = [
        {
            **{"id": uuid.uuid4(), "call_id": uuid.UUID(str(call)), "created_at": datetime.now(UTC)},
            **{"position": position, "key": key, "kind": kind, "title": title, "guidance": "", "longest": longest},
            **{"choices": [], "required": True},
        }
        for call in calls
        for position, (key, kind, title, longest) in enumerate(asked, start=1)
    ]
    if rows:
        op.bulk_insert(item, rows)


def guard():
    (guard_on_postgres if on_postgres() else guard_on_sqlite)()


def guard_on_sqlite():
    stands = "SELECT 1 FROM call WHERE state <> 'draft' AND NOT rectifying AND id"
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in TERMS)
    create_trigger("call", "UPDATE", f"OLD.state <> 'draft' AND NOT OLD.rectifying AND ({changed})")
    create_trigger("call", "DELETE", "OLD.state <> 'draft'")
    for table in CONTENTS:
        create_trigger(table, "INSERT", f"EXISTS ({stands} = NEW.call_id)")
        create_trigger(table, "UPDATE", f"EXISTS ({stands} IN (OLD.call_id, NEW.call_id))")
        create_trigger(table, "DELETE", f"EXISTS ({stands} = OLD.call_id)")


def create_trigger(table, act, when):
    refuse = f"SELECT RAISE(ABORT, '{STANDS}')"
    op.execute(f"CREATE TRIGGER {table}_stands_{act.lower()} BEFORE {act} ON {table} WHEN {when} BEGIN {refuse}; END")


def guard_on_postgres():
    terms = " OR ".join(f"to_jsonb(NEW) -> '{column}' IS DISTINCT FROM to_jsonb(OLD) -> '{column}'" for column in TERMS)
    op.execute(f"""CREATE OR REPLACE FUNCTION refuse_call_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.state = 'draft' THEN RETURN OLD; END IF;
        ELSIF OLD.state = 'draft' OR OLD.rectifying OR NOT ({terms}) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{STANDS}';
    END $$""")
    op.execute(f"""CREATE OR REPLACE FUNCTION refuse_content_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' AND EXISTS
            (SELECT 1 FROM call WHERE id = OLD.call_id AND state <> 'draft' AND NOT rectifying) THEN
            RAISE EXCEPTION '{STANDS}';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        IF EXISTS (SELECT 1 FROM call WHERE id = NEW.call_id AND state <> 'draft' AND NOT rectifying) THEN
            RAISE EXCEPTION '{STANDS}';
        END IF;
        RETURN NEW;
    END $$""")
    op.execute(
        "CREATE TRIGGER call_stands BEFORE UPDATE OR DELETE ON call FOR EACH ROW EXECUTE FUNCTION refuse_call_change()"
    )
    for table in CONTENTS:
        op.execute(
            f"CREATE TRIGGER {table}_stands BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_content_change()"
        )


def unguard():
    for table in ("call", *CONTENTS):
        if on_postgres():
            op.execute(f"DROP TRIGGER {table}_stands ON {table}")
            continue
        for act in ("update", "delete") if table == "call" else ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_stands_{act}")
    if on_postgres():
        op.execute("DROP FUNCTION refuse_call_change, refuse_content_change")
