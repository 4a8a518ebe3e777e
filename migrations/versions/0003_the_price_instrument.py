"""The price instrument: every kind of effect, the facts of its gates, the register of unit costs"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A table is read without those it points to: the index of `user` on lower(email) cannot be read, and need not be.
ALONE = {"resolve_fks": False}
# On SQLite the trigger of a published table names each column that must stay.
OLD_COLUMNS = (
    *("id", "created_at", "programme_id", "number", "note", "illustrative"),
    *("cap_per_person_minor", "cap_contract_minor", "published_at"),
)
NEW_COLUMNS = ("period_caps", "reduce", "overshoot", "step_minor", "vat_bp", "copied_from_id")
TRIGGERS = (
    "price_table_no_update",
    "price_table_no_delete",
    "effect_no_insert",
    "effect_no_update",
    "effect_no_delete",
)
NEVER = "SELECT RAISE(ABORT, 'a published price table never changes')"
PUBLIC = "state IN ('published', 'superseded')"


def upgrade():
    open_published()
    create_unit_cost()
    with op.batch_alter_table("price_table", reflect_kwargs=ALONE) as table:
        for column in table_columns():
            table.add_column(column)
        table.create_foreign_key(op.f("fk_price_table_copied_from_id"), "price_table", ["copied_from_id"], ["id"])
    with op.batch_alter_table("effect", reflect_kwargs=ALONE) as effect:
        for column in effect_columns():
            effect.add_column(column)
        effect.create_foreign_key(op.f("fk_effect_unit_cost_id"), "unit_cost", ["unit_cost_id"], ["id"])
    cast = "::json" if on_postgres() else ""
    op.execute(f"""UPDATE effect SET requires = ('["' || requires_code || '"]'){cast} WHERE requires_code <> ''""")
    # A maximum per person is for effects per person only; the engine has never used another.
    op.execute("UPDATE effect SET max_per_person = NULL WHERE kind = 'per_unit'")
    change_effect_checks("price_minor >= 0", lambda effect: effect.drop_column("requires_code"))
    create_override_and_subscription()
    close_published(OLD_COLUMNS + NEW_COLUMNS)


def downgrade():
    expect_nothing_lost()
    open_published()
    op.drop_table("table_subscription")
    if on_postgres():
        op.execute("DROP TRIGGER gate_override_append_only ON gate_override")
    op.drop_table("gate_override")
    code = sa.Column("requires_code", sa.String(), nullable=False, server_default="")
    with op.batch_alter_table("effect", reflect_kwargs=ALONE) as effect:
        effect.add_column(code)
    first = "requires->>0" if on_postgres() else "json_extract(requires, '$[0]')"
    op.execute(f"UPDATE effect SET requires_code = coalesce({first}, '')")
    with op.batch_alter_table("effect", reflect_kwargs=ALONE) as effect:
        effect.drop_constraint(op.f("fk_effect_unit_cost_id"), type_="foreignkey")
        for column in effect_columns():
            effect.drop_column(column.name)
    change_effect_checks("price_minor > 0", lambda effect: None)
    with op.batch_alter_table("price_table", reflect_kwargs=ALONE) as table:
        table.drop_constraint(op.f("fk_price_table_copied_from_id"), type_="foreignkey")
        for column in table_columns():
            table.drop_column(column.name)
    with op.batch_alter_table("unit_cost", reflect_kwargs=ALONE) as cost:
        cost.drop_index(op.f("ix_unit_cost_organisation_id"))
    op.drop_table("unit_cost")
    close_published(OLD_COLUMNS)


def on_postgres():
    return op.get_bind().dialect.name == "postgresql"


def expect_nothing_lost():
    """The schema before this one knows two kinds, one requirement, no overrides and no register."""
    many = "json_array_length(requires) > 1"
    for what, query in {
        "effects of other kinds": "SELECT count(*) FROM effect WHERE kind NOT IN ('per_person', 'per_unit')",
        "effects with several requirements": f"SELECT count(*) FROM effect WHERE {many}",
        "effects without a single price": "SELECT count(*) FROM effect WHERE price_minor = 0",
        "overrides": "SELECT count(*) FROM gate_override",
        "unit costs": "SELECT count(*) FROM unit_cost",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def text(name):
    return sa.Column(name, sa.String(), nullable=False, server_default="")


def number(name):
    return sa.Column(name, sa.Integer(), nullable=True)


def table_columns():
    return [
        sa.Column("period_caps", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("reduce", sa.String(30), nullable=False, server_default="latest_first"),
        sa.Column("overshoot", sa.String(30), nullable=False, server_default="lost"),
        sa.Column("step_minor", sa.Integer(), nullable=False, server_default="1"),
        number("vat_bp"),
        sa.Column("copied_from_id", sa.Uuid(), nullable=True),
    ]


def effect_columns():
    lists = [sa.Column(n, sa.JSON(), nullable=False, server_default="[]") for n in ("tiers", "scale", "requires")]
    texts = [
        *("achieved_when", "resets", "threshold", "pooled_threshold", "best_of", "evidence_holder", "companion"),
        *("baseline_period", "baseline_source", "gaming", "countermeasure", "double_payment", "legal_basis"),
        *("saving_licence", "saving_note"),
    ]
    amounts = ("until_minor", "max_amount_minor")
    numbers = [
        *("share_after_bp", "max_count", "baseline_n", "baseline_count"),
        *("difference_bp", "saving_year", "saving_occupancy_bp", "expected_count"),
    ]
    counts = ("share_bp", "after_units", "months_after")
    flags = ("retroactive", "saving_waiting_list")
    return [
        *lists,
        sa.Column("payer_prices", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("between", sa.String(), nullable=False, server_default="step"),
        *map(text, texts),
        *map(number, numbers),
        *(sa.Column(name, app.core.models.MinorUnits(), nullable=True) for name in amounts),
        *(sa.Column(name, sa.Integer(), nullable=False, server_default="0") for name in counts),
        *(sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()) for name in flags),
        *(
            sa.Column(name, sa.String(30), nullable=True)
            for name in ("companion_view", "counterfactual", "saving_bearer")
        ),
        sa.Column("unit_cost_id", sa.Uuid(), nullable=True),
    ]


def change_effect_checks(price, change):
    """SQLite copies the table. Some versions of the libraries forget its checks then: those are given again."""
    kept = {check.name for check in sa.Table("effect", sa.MetaData(), autoload_with=op.get_bind(), **ALONE).constraints}
    if op.f("ck_effect_price") in kept or on_postgres():
        with op.batch_alter_table("effect", reflect_kwargs=ALONE) as effect:
            change(effect)
            effect.drop_constraint(op.f("ck_effect_price"), type_="check")
            effect.create_check_constraint(op.f("ck_effect_price"), price)
        return
    checks = (
        sa.CheckConstraint(price, name=op.f("ck_effect_price")),
        sa.CheckConstraint("deadweight_bp >= 0 AND deadweight_bp < 10000", name=op.f("ck_effect_deadweight")),
    )
    with op.batch_alter_table("effect", recreate="always", table_args=checks, reflect_kwargs=ALONE) as effect:
        change(effect)


def create_unit_cost():
    op.create_table(
        "unit_cost",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("life_domain", sa.String(30), nullable=True),
        sa.Column("value_minor", app.core.models.MinorUnits(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("price_year", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("bearer", sa.String(30), nullable=False),
        sa.Column("saving_class", sa.String(30), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("value_minor > 0", name=op.f("ck_unit_cost_value")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_unit_cost_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_cost")),
    )
    with op.batch_alter_table("unit_cost", reflect_kwargs=ALONE) as cost:
        cost.create_index(op.f("ix_unit_cost_organisation_id"), ["organisation_id"])


def create_override_and_subscription():
    op.create_table(
        "gate_override",
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("effect_code", sa.String(), nullable=False),
        sa.Column("gate", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("official_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["table_id"], ["price_table.id"], name=op.f("fk_gate_override_table_id")),
        sa.ForeignKeyConstraint(["official_id"], ["user.id"], name=op.f("fk_gate_override_official_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_override")),
    )
    with op.batch_alter_table("gate_override", reflect_kwargs=ALONE) as override:
        override.create_index(op.f("ix_gate_override_table_id"), ["table_id"])
    if on_postgres():
        op.execute(
            "CREATE TRIGGER gate_override_append_only BEFORE UPDATE OR DELETE ON gate_override "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    else:
        for act in ("UPDATE", "DELETE"):
            refuse = "SELECT RAISE(ABORT, 'gate_override is append-only')"
            name = f"gate_override_no_{act.lower()}"
            op.execute(f"CREATE TRIGGER {name} BEFORE {act} ON gate_override BEGIN {refuse}; END")
    op.create_table(
        "table_subscription",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_table_subscription_programme_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_table_subscription_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_subscription")),
        sa.UniqueConstraint("programme_id", "user_id", name=op.f("uq_table_subscription_programme_id_user_id")),
    )


def open_published():
    """Published tables get columns, which their triggers refuse. On PostgreSQL the functions need no list of columns."""
    if on_postgres():
        for table, trigger in (("price_table", "price_table_immutable"), ("effect", "effect_immutable")):
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    else:
        for trigger in TRIGGERS:
            op.execute(f"DROP TRIGGER {trigger}")


def close_published(columns):
    if on_postgres():
        for table, trigger in (("price_table", "price_table_immutable"), ("effect", "effect_immutable")):
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
        return
    same = " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)
    superseded = f"OLD.state = 'published' AND NEW.state = 'superseded' AND {same}"
    public = f"SELECT 1 FROM price_table WHERE {PUBLIC} AND id"
    for name, when in {
        "price_table_no_update BEFORE UPDATE ON price_table": f"OLD.{PUBLIC} AND NOT ({superseded})",
        "price_table_no_delete BEFORE DELETE ON price_table": f"OLD.{PUBLIC}",
        "effect_no_insert BEFORE INSERT ON effect": f"EXISTS ({public} = NEW.table_id)",
        "effect_no_update BEFORE UPDATE ON effect": f"EXISTS ({public} IN (OLD.table_id, NEW.table_id))",
        "effect_no_delete BEFORE DELETE ON effect": f"EXISTS ({public} = OLD.table_id)",
    }.items():
        op.execute(f"CREATE TRIGGER {name} WHEN {when} BEGIN {NEVER}; END")
