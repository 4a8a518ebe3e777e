"""Amendments, replaced parties, the end before its time, and who signs for an organisation"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
APPEND_ONLY = ("agreement_version", "signature")
PARTS = ("government", "investor", "provider", "intermediary", "assessor", "auditor")


def word(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, length=30)


def upgrade():
    with op.batch_alter_table("agreement_party") as batch:
        batch.add_column(sa.Column("left_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("successor_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_agreement_party_successor_id"), "organisation", ["successor_id"], ["id"])
    create_amendment()
    create_consent()
    create(
        "agreement_version",
        {"agreement_id": "agreement", "amendment_id": "amendment"},
        sa.Column("number", sa.Integer(), nullable=False),
        *content(),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_version_agreement_id_number")),
        sa.UniqueConstraint("amendment_id", name=op.f("uq_agreement_version_amendment_id")),
    )
    create_termination()
    create_ending_terms()
    create_signing()
    for table in APPEND_ONLY:
        guard(table)


def create_amendment():
    create(
        "amendment",
        {"agreement_id": "agreement", "programme_id": "programme", "proposed_by_id": "user"},
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", word("amendmentkind", "terms", "replacement", "departure", "end"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *content(),
        sa.Column("replaces", sa.String(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in ("leaving_id", "joining_id", "refused_by_id")),
        sa.Column("cause", word("leavecause", "wish", "taken_over", "insolvent", "failed"), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("state", word("amendmentstate", "proposed", "in_force", "refused", "withdrawn"), nullable=False),
        sa.Column("in_force_at", MOMENT, nullable=True),
        sa.Column("refused_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], ["organisation.id"], name=op.f(f"fk_amendment_{name}"))
            for name in ("leaving_id", "joining_id", "refused_by_id")
        ),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_amendment_agreement_id_number")),
    )
    one_at_a_time("uq_amendment_open", "amendment", "state = 'proposed'")


def create_consent():
    create(
        "consent",
        {"amendment_id": "amendment", "organisation_id": "organisation"},
        sa.Column("part", word("part", *PARTS), nullable=False),
        sa.Column("signed_at", MOMENT, nullable=True),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_consent_signed_by_id")),
        sa.UniqueConstraint("amendment_id", "organisation_id", name=op.f("uq_consent_amendment_id_organisation_id")),
    )
    op.create_index(op.f("ix_consent_organisation_id"), "consent", ["organisation_id"])


def create_termination():
    more = {"amendment_id": "amendment", "against_id": "organisation", "confirmed_by_id": "user"}
    create(
        "termination",
        {"agreement_id": "agreement", "programme_id": "programme", "declared_by_id": "user"},
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in more),
        sa.Column("ground", word("ground", "agreed", "notice", "breach", "insolvency", "law"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=False) for name in ("last_day", "ended_on", "accrued_until")),
        sa.Column("state", word("terminationstate", "declared", "given", "withdrawn"), nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_termination_{name}"))
            for name, to in more.items()
        ),
    )
    one_at_a_time("uq_termination_standing", "termination", "state <> 'withdrawn'")


def create_ending_terms():
    create(
        "ending_terms",
        {"agreement_id": "agreement"},
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("notice_days", "mending_days")),
        sa.Column("consents", word("whoconsents", "all", "payers"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("notice_days >= 0 AND mending_days >= 0", name=op.f("ck_ending_terms_days")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_ending_terms_agreement_id")),
    )


def create_signing():
    create(
        "signing_authority",
        {"organisation_id": "organisation", "user_id": "user", "recorded_by_id": "user"},
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("how", word("how", "alone", "jointly"), nullable=False),
        sa.Column("proof", sa.String(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_signing_authority_period")),
    )
    op.create_index(op.f("ix_signing_authority_organisation_id"), "signing_authority", ["organisation_id"])
    places = {"party_id": "agreement_party", "consent_id": "consent"}
    create(
        "signature",
        {"user_id": "user"},
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in (*places, "authority_id")),
        sa.Column("digest", sa.String(), nullable=False),
        sa.CheckConstraint("(party_id IS NULL) <> (consent_id IS NULL)", name=op.f("ck_signature_one_place")),
        *(
            sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_signature_{name}"))
            for name, to in (places | {"authority_id": "signing_authority"}).items()
        ),
    )
    for name in places:
        op.create_index(op.f(f"ix_signature_{name}"), "signature", [name])


def content():
    """What an agreement says, and its fingerprint."""
    return (
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
    )


def create(name, keys, *rest):
    """A table with an id, a moment and required keys to other tables."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(key, sa.Uuid(), nullable=False) for key in keys),
        *rest,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        *(sa.ForeignKeyConstraint([key], [f"{to}.id"], name=op.f(f"fk_{name}_{key}")) for key, to in keys.items()),
        info={"append_only": name in APPEND_ONLY},
    )


def one_at_a_time(name, table, where):
    condition = sa.text(where)
    op.create_index(name, table, ["agreement_id"], unique=True, sqlite_where=condition, postgresql_where=condition)


def guard(name):
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")


def downgrade():
    expect_nothing_lost()
    for name in (
        *("signature", "signing_authority", "ending_terms", "termination", "agreement_version", "consent"),
        "amendment",
    ):
        op.drop_table(name)
    with op.batch_alter_table("agreement_party") as batch:
        batch.drop_constraint(op.f("fk_agreement_party_successor_id"), type_="foreignkey")
        batch.drop_column("successor_id")
        batch.drop_column("left_on")


def expect_nothing_lost():
    """The schema before this one holds an agreement as it was signed, and no more."""
    for name in ("amendment", "termination", "ending_terms", "signing_authority", "signature"):
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {name}")).scalar():
            raise RuntimeError(f"the schema before this one cannot hold this: {name}")
