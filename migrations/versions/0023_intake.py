"""How people come in: opening, referrals, pauses, baseline, the key, views; the clause of an agreement about it"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
APPEND_ONLY = ("baseline_score", "municipality_change", "key_attestation")
TABLES = (
    "companion_view",
    "key_sample",
    "key_attestation",
    "municipality_change",
    "baseline_score",
    "pause",
    "referral",
    "intake",
)
BANDS = ("16-17", "18-20", "21-23", "24+")
DOMAINS = ("work", "education", "income", "care", "safety", "family", "home")


def upgrade():
    with op.batch_alter_table("agreement") as agreement:
        agreement.add_column(sa.Column("intake", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("agreement") as agreement:
        agreement.alter_column("intake", existing_type=sa.JSON(), server_default=None)
    create_intake()
    create_referral()
    change_participant()
    create_of_participant()
    create_key()
    create_view()
    for name in APPEND_ONLY:
        refuse_change(name)


def downgrade():
    for name in (*TABLES, "agreement"):
        where = " WHERE CAST(intake AS VARCHAR) <> '{}'" if name == "agreement" else ""
        if op.get_bind().execute(sa.text(f"SELECT count(*) FROM {name}{where}")).scalar():
            raise RuntimeError(f"the schema before this one cannot hold what stands in {name}")
    with op.batch_alter_table("participant") as participant:
        participant.drop_constraint(op.f("uq_participant_referral_id"), type_="unique")
        participant.drop_constraint(op.f("fk_participant_referral_id"), type_="foreignkey")
        for column in ("informed_on", "referral_id"):
            participant.drop_column(column)
    for name in TABLES:
        op.drop_table(name)
    with op.batch_alter_table("agreement") as agreement:
        agreement.drop_column("intake")


def create_intake():
    create(
        "intake",
        {"programme_id": "programme", "key_keeper_id": "organisation", "opened_by_id": "user"},
        word("scale", "scale", "five_steps", "ladder"),
        word("legal_basis", "legalbasis", "public_task", "legal_duty", "consent"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", name=op.f("uq_intake_programme_id")),
    )


def create_referral():
    create(
        "referral",
        {"programme_id": "programme", "payer_id": "organisation", "referred_by_id": "user"},
        sa.Column("code", sa.String(), nullable=False),
        word("age_band", "ageband", *BANDS),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=True),
        word(
            *("decline_reason", "declinereason"),
            *("not_cohort", "twice", "unwilling", "unreachable", "no_place"),
            nullable=True,
        ),
        word("state", "referralstate", "referred", "admitted", "started", "declined", "withdrawn"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_referral_programme_id_code")),
        indexed=("payer_id",),
    )
    op.create_index("ix_referral_flow", "referral", ["programme_id", "payer_id", "referred_on"])


def change_participant():
    with op.batch_alter_table("participant") as participant:
        participant.add_column(sa.Column("referral_id", sa.Uuid(), nullable=True))
        participant.add_column(sa.Column("informed_on", sa.Date(), nullable=True))
        participant.create_foreign_key(op.f("fk_participant_referral_id"), "referral", ["referral_id"], ["id"])
        participant.create_unique_constraint(op.f("uq_participant_referral_id"), ["referral_id"])


def create_of_participant():
    create(
        "pause",
        {"participant_id": "participant"},
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        indexed=("participant_id",),
    )
    create(
        "baseline_score",
        {"participant_id": "participant", "scored_by_id": "user"},
        word("life_domain", "lifedomain", *DOMAINS),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.UniqueConstraint(
            "participant_id", "life_domain", name=op.f("uq_baseline_score_participant_id_life_domain")
        ),
    )
    create(
        "municipality_change",
        {
            "participant_id": "participant",
            "from_id": "organisation",
            "to_id": "organisation",
            "changed_by_id": "user",
        },
        sa.Column("reason", sa.String(), nullable=False),
        indexed=("participant_id",),
    )


def create_key():
    create(
        "key_attestation",
        {"intake_id": "intake", "organisation_id": "organisation", "attested_by_id": "user"},
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        indexed=("intake_id",),
    )
    create(
        "key_sample",
        {"intake_id": "intake", "programme_id": "programme", "drawn_by_id": "user"},
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        word("state", "samplestate", "drawn", "checked"),
        sa.Column("doubles", sa.Integer(), nullable=True),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by_id"], ["user.id"], name=op.f("fk_key_sample_checked_by_id")),
        indexed=("intake_id",),
    )


def create_view():
    create(
        "companion_view",
        {
            "participant_id": "participant",
            "programme_id": "programme",
            "effect_id": "effect",
            "asked_by_id": "user",
        },
        word("view", "companionview", "participant", "care_worker", "youth_judge"),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        word("state", "viewstate", "asked", "given", "cancelled"),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_companion_view_score")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_companion_view_token_digest")),
        indexed=("participant_id", "programme_id"),
    )


def create(name, owners, *columns, indexed=()):
    """A table with an id and the moment it came to be; `owners` are the tables that its foreign keys name."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in owners),
        *columns,
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{name}_{column}"))
            for column, table in owners.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        info={"append_only": True} if name in APPEND_ONLY else {},
    )
    for column in indexed:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])


def word(column, name, *words, nullable=False):
    return sa.Column(column, sa.Enum(*words, name=name, native_enum=False, length=30), nullable=nullable)


def refuse_change(name):
    if op.get_bind().dialect.name == "postgresql":
        each = "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        op.execute(f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} {each}")
        return
    for act in ("update", "delete"):
        refuse = f"SELECT RAISE(ABORT, '{name} is append-only')"
        op.execute(f"CREATE TRIGGER {name}_no_{act} BEFORE {act.upper()} ON {name} BEGIN {refuse}; END")
