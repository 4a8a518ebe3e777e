"""The whole bond"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# The database itself refuses to change what has happened: tables to which rows are only added, and published prices.
APPEND_ONLY = ("audit_entry", "batch", "transfer")
REFUSE_CHANGE = {
    "sqlite": [
        "CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END",
        "CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ],
}
REFUSE_PRICES = {
    "sqlite": [
        "CREATE TRIGGER price_table_no_update BEFORE UPDATE ON price_table WHEN OLD.state IN ('published', 'superseded') AND NOT (OLD.state = 'published' AND NEW.state = 'superseded' AND NEW.id IS OLD.id AND NEW.created_at IS OLD.created_at AND NEW.programme_id IS OLD.programme_id AND NEW.number IS OLD.number AND NEW.note IS OLD.note AND NEW.illustrative IS OLD.illustrative AND NEW.cap_per_person_minor IS OLD.cap_per_person_minor AND NEW.cap_contract_minor IS OLD.cap_contract_minor AND NEW.published_at IS OLD.published_at) BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER price_table_no_delete BEFORE DELETE ON price_table WHEN OLD.state IN ('published', 'superseded') BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_insert BEFORE INSERT ON effect WHEN EXISTS (SELECT 1 FROM price_table WHERE id = NEW.table_id AND state IN ('published', 'superseded')) BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_update BEFORE UPDATE ON effect WHEN EXISTS (SELECT 1 FROM price_table WHERE id IN (OLD.table_id, NEW.table_id) AND state IN ('published', 'superseded')) BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
        "CREATE TRIGGER effect_no_delete BEFORE DELETE ON effect WHEN EXISTS (SELECT 1 FROM price_table WHERE id = OLD.table_id AND state IN ('published', 'superseded')) BEGIN SELECT RAISE(ABORT, 'a published price table never changes'); END",
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION refuse_table_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n    IF OLD.state NOT IN ('published', 'superseded') THEN\n        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n        RETURN NEW;\n    END IF;\n    IF TG_OP = 'UPDATE' AND OLD.state = 'published' AND NEW.state = 'superseded'\n        AND to_jsonb(NEW) - 'state' - 'version' = to_jsonb(OLD) - 'state' - 'version' THEN RETURN NEW; END IF;\n    RAISE EXCEPTION 'a published price table never changes';\nEND $$",
        "CREATE TRIGGER price_table_immutable BEFORE UPDATE OR DELETE ON price_table FOR EACH ROW EXECUTE FUNCTION refuse_table_change()",
        "CREATE OR REPLACE FUNCTION refuse_effect_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n    IF TG_OP <> 'INSERT' AND EXISTS (SELECT 1 FROM price_table WHERE id = OLD.table_id AND state IN ('published', 'superseded')) THEN\n        RAISE EXCEPTION 'a published price table never changes';\n    END IF;\n    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n    IF EXISTS (SELECT 1 FROM price_table WHERE id = NEW.table_id AND state IN ('published', 'superseded')) THEN\n        RAISE EXCEPTION 'a published price table never changes';\n    END IF;\n    RETURN NEW;\nEND $$",
        "CREATE TRIGGER effect_immutable BEFORE INSERT OR UPDATE OR DELETE ON effect FOR EACH ROW EXECUTE FUNCTION refuse_effect_change()",
    ],
}


def upgrade():
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("confirmed_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("last_login_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("current_login_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("last_login_ip", sa.String(), nullable=True),
        sa.Column("current_login_ip", sa.String(), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index("uq_user_email_lower", [sa.literal_column("lower(email)")], unique=True)

    op.create_table(
        "worker_sign",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seen_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_sign")),
        sa.UniqueConstraint("name", name=op.f("uq_worker_sign_name")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("facts_digest", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_audit_entry_actor_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entry_hash")),
        info={"append_only": True},
    )
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entry_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index("ix_audit_entry_subject", ["subject_id", "action"], unique=False)

    op.create_table(
        "kept_form",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_kept_form_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_form_user_id"), ["user_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("read_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column(
            "mail_state",
            sa.Enum("waiting", "sent", "caught", "failed", name="mailstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("sent_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notification_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index("ix_notification_due", ["mail_state", "next_attempt_at"], unique=False)
        batch_op.create_index("ix_notification_inbox", ["user_id", "created_at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "municipality",
                "provider",
                "investor",
                "intermediary",
                "assessor",
                "auditor",
                "portal",
                name="organisationkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("locality", sa.String(), nullable=False),
        sa.Column("registration_number", sa.String(), nullable=False),
        sa.Column("vetted_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("vetted_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["vetted_by_id"], ["user.id"], name=op.f("fk_organisation_vetted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "account",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "bank",
                "investor_capital",
                "investor_return",
                "outcome_income",
                "receivable",
                "running_costs",
                name="accountkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "programme_id", "kind", "organisation_id", name=op.f("uq_account_programme_id_kind_organisation_id")
        ),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "audit_facts",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit_entry.seq"], name=op.f("fk_audit_facts_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_facts")),
    )
    op.create_table(
        "invitation",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("as_manager", sa.Boolean(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("accepted_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["accepted_by_id"], ["user.id"], name=op.f("fk_invitation_accepted_by_id")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["user.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_invitation_token_digest")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("is_manager", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_membership_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("user_id", "organisation_id", name=op.f("uq_membership_user_id_organisation_id")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_user_id"), ["user_id"], unique=False)

    op.create_table(
        "programme",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("entry_conditions", sa.String(), nullable=False),
        sa.Column("cohort_size", sa.Integer(), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=False),
        sa.Column("jurisdiction", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("tail_until", sa.Date(), nullable=False),
        sa.Column("council_decision", sa.String(), nullable=False),
        sa.Column("council_decided_on", sa.Date(), nullable=True),
        sa.Column("dpia_reference", sa.String(), nullable=False),
        sa.Column("dpia_on", sa.Date(), nullable=True),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "in_review", "approved", name="programmestate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column(
            "phase",
            sa.Enum(
                "preparation",
                "prices",
                "investors",
                "call",
                "agreement",
                "delivery",
                "closed",
                name="phase",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("cohort_size > 0", name=op.f("ck_programme_cohort")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_programme_period")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisation.id"], name=op.f("fk_programme_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
    )
    op.create_table(
        "batch",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("signed_by_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("verified_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_batch_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_batch_programme_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_batch_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_batch_programme_id_number")),
        info={"append_only": True},
    )
    op.create_table(
        "capital_call",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("prepared", "called", "funded", "rejected", name="capitalcallstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_capital_call_amount")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_capital_call_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_call")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_capital_call_programme_id_number")),
    )
    op.create_table(
        "cost_payment",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("prepared", "approved", "rejected", name="paymentstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_cost_payment_amount")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_cost_payment_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_cost_payment_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_payment")),
    )
    with op.batch_alter_table("cost_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cost_payment_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "distribution",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reserve_minor", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("prepared", "approved", "rejected", name="paymentstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("rejected_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_distribution_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_distribution_programme_id_number")),
    )
    op.create_table(
        "investor_round",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("target_minor", sa.Integer(), nullable=False),
        sa.Column("minimum_minor", sa.Integer(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("term_sheet", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "open", "standing", "failed", name="roundstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("stands_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint(
            "0 < minimum_minor AND minimum_minor <= target_minor", name=op.f("ck_investor_round_target")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_investor_round_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investor_round")),
    )
    with op.batch_alter_table("investor_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_investor_round_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "municipality_share",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_size", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_municipality_share_organisation_id")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_municipality_share_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality_share")),
        sa.UniqueConstraint(
            "programme_id", "organisation_id", name=op.f("uq_municipality_share_programme_id_organisation_id")
        ),
    )
    with op.batch_alter_table("municipality_share", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_municipality_share_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "participant",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "age_band",
            sa.Enum("16-17", "18-20", "21-23", "24+", name="ageband", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("exited_on", sa.Date(), nullable=True),
        sa.Column(
            "exit_reason",
            sa.Enum(
                "completed",
                "moved",
                "other_help",
                "stopped",
                "unreachable",
                "detained",
                "deceased",
                name="exitreason",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column(
            "state", sa.Enum("active", "exited", name="participantstate", native_enum=False, length=30), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_participant_payer_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_participant_programme_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["organisation.id"], name=op.f("fk_participant_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_participant_programme_id_code")),
    )
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_payer_id"), ["payer_id"], unique=False)

    op.create_table(
        "party",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "government",
                "investor",
                "provider",
                "intermediary",
                "assessor",
                "auditor",
                name="part",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_party_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_party_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("programme_id", "organisation_id", name=op.f("uq_party_programme_id_organisation_id")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "price_table",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("illustrative", sa.Boolean(), nullable=False),
        sa.Column("cap_per_person_minor", sa.Integer(), nullable=True),
        sa.Column("cap_contract_minor", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "approved",
                "published",
                "superseded",
                name="tablestate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("published_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_price_table_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_table")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_price_table_programme_id_number")),
    )
    op.create_table(
        "transfer",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "posted",
                "pending",
                "post_pending",
                "void_pending",
                "reversal",
                name="transferkind",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("pending_id", sa.Uuid(), nullable=True),
        sa.Column("cause_type", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("entered_by_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_transfer_positive")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_transfer_two_accounts")),
        sa.ForeignKeyConstraint(["credit_id"], ["account.id"], name=op.f("fk_transfer_credit_id")),
        sa.ForeignKeyConstraint(["debit_id"], ["account.id"], name=op.f("fk_transfer_debit_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_transfer_entered_by_id")),
        sa.ForeignKeyConstraint(["pending_id"], ["transfer.id"], name=op.f("fk_transfer_pending_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("pending_id", name=op.f("uq_transfer_pending_id")),
        info={"append_only": True},
    )
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_transfer_cause_id"), ["cause_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_credit_id"), ["credit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_debit_id"), ["debit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_transfer_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "budget_year",
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("reserved_minor", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["share_id"], ["municipality_share.id"], name=op.f("fk_budget_year_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_year")),
        sa.UniqueConstraint("share_id", "year", name=op.f("uq_budget_year_share_id_year")),
    )
    with op.batch_alter_table("budget_year", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_budget_year_share_id"), ["share_id"], unique=False)

    op.create_table(
        "call",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("requirements", sa.String(), nullable=False),
        sa.Column("questions_until", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("deadline", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("standstill_days", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft", "published", "closed", "awarded", "cancelled", name="callstate", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("published_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("cancelled_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_call_programme_id")),
        sa.ForeignKeyConstraint(["table_id"], ["price_table.id"], name=op.f("fk_call_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index("ix_call_state_deadline", ["state", "deadline"], unique=False)

    op.create_table(
        "effect",
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "life_domain",
            sa.Enum(
                "work",
                "education",
                "income",
                "care",
                "safety",
                "family",
                "home",
                name="lifedomain",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind", sa.Enum("per_person", "per_unit", name="effectkind", native_enum=False, length=30), nullable=False
        ),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("sustained", sa.String(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("deadweight_bp", sa.Integer(), nullable=False),
        sa.Column("max_per_person", sa.Integer(), nullable=True),
        sa.Column("requires_code", sa.String(), nullable=False),
        sa.Column(
            "evidence_type",
            sa.Enum(
                "registry",
                "employer",
                "school",
                "landlord",
                "creditor",
                "care",
                "justice",
                name="evidencetype",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("evidence_days", sa.Integer(), nullable=False),
        sa.Column("saving_minor", sa.Integer(), nullable=True),
        sa.Column(
            "saving_class",
            sa.Enum("cashable", "capacity", "avoided", "social", name="savingclass", native_enum=False, length=30),
            nullable=True,
        ),
        sa.Column("saving_source", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("deadweight_bp >= 0 AND deadweight_bp < 10000", name=op.f("ck_effect_deadweight")),
        sa.CheckConstraint("price_minor > 0", name=op.f("ck_effect_price")),
        sa.ForeignKeyConstraint(["table_id"], ["price_table.id"], name=op.f("fk_effect_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_effect")),
        sa.UniqueConstraint("table_id", "code", name=op.f("uq_effect_table_id_code")),
    )
    with op.batch_alter_table("effect", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_effect_table_id"), ["table_id"], unique=False)

    op.create_table(
        "tranche",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column(
            "terms",
            sa.Enum("return", "loan", "grant", name="trancheterms", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("rate_bp", sa.Integer(), nullable=True),
        sa.Column("irr_cap_bp", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["investor_round.id"], name=op.f("fk_tranche_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tranche")),
    )
    with op.batch_alter_table("tranche", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tranche_round_id"), ["round_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("participant_id", sa.Uuid(), nullable=False),
        sa.Column("effect_id", sa.Uuid(), nullable=False),
        sa.Column("achieved_on", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column(
            "evidence_type",
            sa.Enum(
                "registry",
                "employer",
                "school",
                "landlord",
                "creditor",
                "care",
                "justice",
                name="evidencetype",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("evidence_issuer", sa.String(), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=False),
        sa.Column("evidence_digest", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "registered",
                "submitted",
                "questioned",
                "verified",
                "rejected",
                "signed_off",
                "settled",
                "withdrawn",
                name="claimstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("registered_by_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column(
            "decision_reason",
            sa.Enum(
                "no_evidence",
                "not_independent",
                "too_late",
                "not_sustained",
                "double",
                name="rejectionreason",
                native_enum=False,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column("decision_words", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_claim_quantity")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_claim_batch_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_claim_decided_by_id")),
        sa.ForeignKeyConstraint(["effect_id"], ["effect.id"], name=op.f("fk_claim_effect_id")),
        sa.ForeignKeyConstraint(["participant_id"], ["participant.id"], name=op.f("fk_claim_participant_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_claim_programme_id")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["user.id"], name=op.f("fk_claim_registered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_participant_id"), ["participant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_claim_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index("ix_claim_work_list", ["programme_id", "state", "submitted_at"], unique=False)

    op.create_table(
        "commitment",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("tranche_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("allotted_minor", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "committed", "allotted", "withdrawn", "released", name="commitmentstate", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("committed_by_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_commitment_amount")),
        sa.ForeignKeyConstraint(["committed_by_id"], ["user.id"], name=op.f("fk_commitment_committed_by_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_commitment_organisation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_commitment_programme_id")),
        sa.ForeignKeyConstraint(["round_id"], ["investor_round.id"], name=op.f("fk_commitment_round_id")),
        sa.ForeignKeyConstraint(["tranche_id"], ["tranche.id"], name=op.f("fk_commitment_tranche_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
    )
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commitment_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_commitment_round_id"), ["round_id"], unique=False)

    op.create_table(
        "committee_member",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.Enum("opener", "scorer", name="duty", native_enum=False, length=30), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_committee_member_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_committee_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_member")),
        sa.UniqueConstraint("call_id", "user_id", "duty", name=op.f("uq_committee_member_call_id_user_id_duty")),
    )
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_member_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_member_user_id"), ["user_id"], unique=False)

    op.create_table(
        "consortium",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "forming", "submitted", "awarded", "not_awarded", name="consortiumstate", native_enum=False, length=30
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_consortium_call_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisation.id"], name=op.f("fk_consortium_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortium")),
    )
    with op.batch_alter_table("consortium", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consortium_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consortium_lead_id"), ["lead_id"], unique=False)

    op.create_table(
        "criterion",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_criterion_weight")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_criterion_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
    )
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_criterion_call_id"), ["call_id"], unique=False)

    op.create_table(
        "evaluation",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sealed",
                "scoring",
                "consensus",
                "standstill",
                "final",
                name="evaluationstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("standstill_until", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("finalised_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_evaluation_call_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_evaluation_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation")),
        sa.UniqueConstraint("call_id", name=op.f("uq_evaluation_call_id")),
    )
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evaluation_programme_id"), ["programme_id"], unique=False)

    op.create_table(
        "follower",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_follower_call_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_follower_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint("call_id", "user_id", name=op.f("uq_follower_call_id_user_id")),
    )
    with op.batch_alter_table("follower", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follower_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follower_user_id"), ["user_id"], unique=False)

    op.create_table(
        "question",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_question_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_question_asked_by_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_question_call_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_question_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_question_call_id"), ["call_id"], unique=False)

    op.create_table(
        "rectification",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("deadline_before", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("deadline_after", app.core.models.Moment(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_rectification_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rectification")),
    )
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rectification_call_id"), ["call_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "offered", "in_force", name="agreementstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("in_force_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_agreement_evaluation_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_agreement_programme_id")),
        sa.ForeignKeyConstraint(["round_id"], ["investor_round.id"], name=op.f("fk_agreement_round_id")),
        sa.ForeignKeyConstraint(["table_id"], ["price_table.id"], name=op.f("fk_agreement_table_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("programme_id", name=op.f("uq_agreement_programme_id")),
    )
    op.create_table(
        "capital_call_part",
        sa.Column("capital_call_id", sa.Uuid(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["capital_call_id"], ["capital_call.id"], name=op.f("fk_capital_call_part_capital_call_id")
        ),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_capital_call_part_commitment_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_capital_call_part_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_call_part")),
        sa.UniqueConstraint("reference", name=op.f("uq_capital_call_part_reference")),
    )
    with op.batch_alter_table("capital_call_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_capital_call_part_capital_call_id"), ["capital_call_id"], unique=False)

    op.create_table(
        "claim_message",
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_message_claim_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_claim_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_message")),
    )
    with op.batch_alter_table("claim_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_message_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "conflict_declaration",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("has_conflict", sa.Boolean(), nullable=False),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"], ["evaluation.id"], name=op.f("fk_conflict_declaration_evaluation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_conflict_declaration_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_declaration")),
        sa.UniqueConstraint("evaluation_id", "user_id", name=op.f("uq_conflict_declaration_evaluation_id_user_id")),
    )
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_declaration_evaluation_id"), ["evaluation_id"], unique=False)

    op.create_table(
        "consortium_partner",
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("contribution", sa.String(), nullable=False),
        sa.Column("life_domains", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("invited", "accepted", "declined", "left", name="partnerstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("answered_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"], name=op.f("fk_consortium_partner_consortium_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_consortium_partner_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consortium_partner")),
        sa.UniqueConstraint(
            "consortium_id", "organisation_id", name=op.f("uq_consortium_partner_consortium_id_organisation_id")
        ),
    )
    with op.batch_alter_table("consortium_partner", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consortium_partner_consortium_id"), ["consortium_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consortium_partner_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "distribution_part",
        sa.Column("distribution_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("tranche_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("principal_minor", sa.Integer(), nullable=False),
        sa.Column("return_minor", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_distribution_part_commitment_id")),
        sa.ForeignKeyConstraint(
            ["distribution_id"], ["distribution.id"], name=op.f("fk_distribution_part_distribution_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_distribution_part_organisation_id")
        ),
        sa.ForeignKeyConstraint(["tranche_id"], ["tranche.id"], name=op.f("fk_distribution_part_tranche_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distribution_part")),
    )
    with op.batch_alter_table("distribution_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_distribution_part_distribution_id"), ["distribution_id"], unique=False)

    op.create_table(
        "objection",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("filed_by_id", sa.Uuid(), nullable=False),
        sa.Column("grounds", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("decided_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"], name=op.f("fk_objection_consortium_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_objection_evaluation_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["user.id"], name=op.f("fk_objection_filed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
    )
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_objection_evaluation_id"), ["evaluation_id"], unique=False)

    op.create_table(
        "opening_consent",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_opening_consent_evaluation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_opening_consent_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_consent")),
        sa.UniqueConstraint("evaluation_id", "user_id", name=op.f("uq_opening_consent_evaluation_id_user_id")),
    )
    with op.batch_alter_table("opening_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opening_consent_evaluation_id"), ["evaluation_id"], unique=False)

    op.create_table(
        "proposal",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("draft", "submitted", "withdrawn", "opened", name="proposalstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("submitted_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_proposal_call_id")),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"], name=op.f("fk_proposal_consortium_id")),
        sa.ForeignKeyConstraint(["submitted_by_id"], ["user.id"], name=op.f("fk_proposal_submitted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("consortium_id", name=op.f("uq_proposal_consortium_id")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_call_id_state", ["call_id", "state"], unique=False)

    op.create_table(
        "agreement_party",
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "part",
            sa.Enum(
                "government",
                "investor",
                "provider",
                "intermediary",
                "assessor",
                "auditor",
                name="part",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("signed_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("signed_by_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_party_agreement_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreement_party_organisation_id")
        ),
        sa.ForeignKeyConstraint(["signed_by_id"], ["user.id"], name=op.f("fk_agreement_party_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_party")),
        sa.UniqueConstraint(
            "agreement_id", "organisation_id", name=op.f("uq_agreement_party_agreement_id_organisation_id")
        ),
    )
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_party_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "opened_proposal",
        sa.Column("evaluation_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("consortium_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("total_hundredths", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortium.id"], name=op.f("fk_opened_proposal_consortium_id")),
        sa.ForeignKeyConstraint(["evaluation_id"], ["evaluation.id"], name=op.f("fk_opened_proposal_evaluation_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_opened_proposal_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_proposal")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_opened_proposal_proposal_id")),
    )
    with op.batch_alter_table("opened_proposal", schema=None) as batch_op:
        batch_op.create_index("ix_opened_proposal_place", ["evaluation_id", "rank", "created_at", "id"], unique=False)
        batch_op.create_index("ix_opened_proposal_total", ["evaluation_id", "total_hundredths"], unique=False)

    op.create_table(
        "proposal_confirmation",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_proposal_confirmation_organisation_id")
        ),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_confirmation_proposal_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_proposal_confirmation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_confirmation")),
        sa.UniqueConstraint(
            "proposal_id", "organisation_id", name=op.f("uq_proposal_confirmation_proposal_id_organisation_id")
        ),
    )
    with op.batch_alter_table("proposal_confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_confirmation_proposal_id"), ["proposal_id"], unique=False)

    op.create_table(
        "settlement",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("agreement_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("gross_minor", sa.Integer(), nullable=False),
        sa.Column("paid_minor", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "prepared",
                "checked",
                "approved",
                "paid",
                "discarded",
                name="settlementstate",
                native_enum=False,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("prepared_by_id", sa.Uuid(), nullable=False),
        sa.Column("checked_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_settlement_agreement_id")),
        sa.ForeignKeyConstraint(["checked_by_id"], ["user.id"], name=op.f("fk_settlement_checked_by_id")),
        sa.ForeignKeyConstraint(["prepared_by_id"], ["user.id"], name=op.f("fk_settlement_prepared_by_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_settlement_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("programme_id", "number", name=op.f("uq_settlement_programme_id_number")),
    )
    op.create_table(
        "consensus",
        sa.Column("opened_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("motivation", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= 10", name=op.f("ck_consensus_points")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_consensus_criterion_id")),
        sa.ForeignKeyConstraint(["opened_id"], ["opened_proposal.id"], name=op.f("fk_consensus_opened_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consensus")),
        sa.UniqueConstraint("opened_id", "criterion_id", name=op.f("uq_consensus_opened_id_criterion_id")),
    )
    with op.batch_alter_table("consensus", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consensus_opened_id"), ["opened_id"], unique=False)

    op.create_table(
        "score",
        sa.Column("opened_id", sa.Uuid(), nullable=False),
        sa.Column("criterion_id", sa.Uuid(), nullable=False),
        sa.Column("scorer_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("motivation", sa.String(), nullable=False),
        sa.Column("locked_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.CheckConstraint("points >= 0 AND points <= 10", name=op.f("ck_score_points")),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_score_criterion_id")),
        sa.ForeignKeyConstraint(["opened_id"], ["opened_proposal.id"], name=op.f("fk_score_opened_id")),
        sa.ForeignKeyConstraint(["scorer_id"], ["user.id"], name=op.f("fk_score_scorer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score")),
        sa.UniqueConstraint(
            "opened_id", "criterion_id", "scorer_id", name=op.f("uq_score_opened_id_criterion_id_scorer_id")
        ),
    )
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_score_opened_id"), ["opened_id"], unique=False)

    op.create_table(
        "settlement_line",
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("gross_minor", sa.Integer(), nullable=False),
        sa.Column("paid_minor", sa.Integer(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_settlement_line_claim_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_settlement_line_payer_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint("settlement_id", "claim_id", name=op.f("uq_settlement_line_settlement_id_claim_id")),
    )
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_settlement_line_claim_id"), ["claim_id"], unique=False)

    op.create_table(
        "statement",
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "approved", "refused", "paid", name="statementstate", native_enum=False, length=30),
            nullable=False,
        ),
        sa.Column("approved_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", app.core.models.Moment(timezone=True), nullable=True),
        sa.Column("refused_because", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("fk_statement_approved_by_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["organisation.id"], name=op.f("fk_statement_payer_id")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_statement_programme_id")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_statement_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
        sa.UniqueConstraint("reference", name=op.f("uq_statement_reference")),
        sa.UniqueConstraint("settlement_id", "payer_id", name=op.f("uq_statement_settlement_id_payer_id")),
    )
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_statement_programme_id"), ["programme_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_statement_settlement_id"), ["settlement_id"], unique=False)

    dialect = op.get_bind().dialect.name
    for name in APPEND_ONLY:
        for statement in REFUSE_CHANGE[dialect]:
            op.execute(sa.text(statement.format(name=name).replace(":=", "\\:=")))
    for statement in REFUSE_PRICES[dialect]:
        op.execute(sa.text(statement))


def downgrade():
    with op.batch_alter_table("statement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_statement_settlement_id"))
        batch_op.drop_index(batch_op.f("ix_statement_programme_id"))

    op.drop_table("statement")
    with op.batch_alter_table("settlement_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_settlement_line_claim_id"))

    op.drop_table("settlement_line")
    with op.batch_alter_table("score", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_score_opened_id"))

    op.drop_table("score")
    with op.batch_alter_table("consensus", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consensus_opened_id"))

    op.drop_table("consensus")
    op.drop_table("settlement")
    with op.batch_alter_table("proposal_confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_confirmation_proposal_id"))

    op.drop_table("proposal_confirmation")
    with op.batch_alter_table("opened_proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_opened_proposal_total")
        batch_op.drop_index("ix_opened_proposal_place")

    op.drop_table("opened_proposal")
    with op.batch_alter_table("agreement_party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_party_agreement_id"))

    op.drop_table("agreement_party")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_call_id_state")

    op.drop_table("proposal")
    with op.batch_alter_table("opening_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opening_consent_evaluation_id"))

    op.drop_table("opening_consent")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_objection_evaluation_id"))

    op.drop_table("objection")
    with op.batch_alter_table("distribution_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_distribution_part_distribution_id"))

    op.drop_table("distribution_part")
    with op.batch_alter_table("consortium_partner", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consortium_partner_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_consortium_partner_consortium_id"))

    op.drop_table("consortium_partner")
    with op.batch_alter_table("conflict_declaration", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_declaration_evaluation_id"))

    op.drop_table("conflict_declaration")
    with op.batch_alter_table("claim_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_message_claim_id"))

    op.drop_table("claim_message")
    with op.batch_alter_table("capital_call_part", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_capital_call_part_capital_call_id"))

    op.drop_table("capital_call_part")
    op.drop_table("agreement")
    with op.batch_alter_table("rectification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rectification_call_id"))

    op.drop_table("rectification")
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_call_id"))

    op.drop_table("question")
    with op.batch_alter_table("follower", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follower_user_id"))
        batch_op.drop_index(batch_op.f("ix_follower_call_id"))

    op.drop_table("follower")
    with op.batch_alter_table("evaluation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evaluation_programme_id"))

    op.drop_table("evaluation")
    with op.batch_alter_table("criterion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_criterion_call_id"))

    op.drop_table("criterion")
    with op.batch_alter_table("consortium", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consortium_lead_id"))
        batch_op.drop_index(batch_op.f("ix_consortium_call_id"))

    op.drop_table("consortium")
    with op.batch_alter_table("committee_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_committee_member_user_id"))
        batch_op.drop_index(batch_op.f("ix_committee_member_call_id"))

    op.drop_table("committee_member")
    with op.batch_alter_table("commitment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commitment_round_id"))
        batch_op.drop_index(batch_op.f("ix_commitment_programme_id"))
        batch_op.drop_index(batch_op.f("ix_commitment_organisation_id"))

    op.drop_table("commitment")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_work_list")
        batch_op.drop_index(batch_op.f("ix_claim_programme_id"))
        batch_op.drop_index(batch_op.f("ix_claim_participant_id"))
        batch_op.drop_index(batch_op.f("ix_claim_batch_id"))

    op.drop_table("claim")
    with op.batch_alter_table("tranche", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tranche_round_id"))

    op.drop_table("tranche")
    with op.batch_alter_table("effect", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_effect_table_id"))

    op.drop_table("effect")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index("ix_call_state_deadline")
        batch_op.drop_index(batch_op.f("ix_call_programme_id"))

    op.drop_table("call")
    with op.batch_alter_table("budget_year", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_budget_year_share_id"))

    op.drop_table("budget_year")
    with op.batch_alter_table("transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_transfer_programme_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_debit_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_credit_id"))
        batch_op.drop_index(batch_op.f("ix_transfer_cause_id"))

    op.drop_table("transfer")
    op.drop_table("price_table")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_organisation_id"))

    op.drop_table("party")
    with op.batch_alter_table("participant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_participant_payer_id"))

    op.drop_table("participant")
    with op.batch_alter_table("municipality_share", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_municipality_share_programme_id"))

    op.drop_table("municipality_share")
    with op.batch_alter_table("investor_round", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_investor_round_programme_id"))

    op.drop_table("investor_round")
    op.drop_table("distribution")
    with op.batch_alter_table("cost_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cost_payment_programme_id"))

    op.drop_table("cost_payment")
    op.drop_table("capital_call")
    op.drop_table("batch")
    op.drop_table("programme")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_user_id"))
        batch_op.drop_index(batch_op.f("ix_membership_organisation_id"))

    op.drop_table("membership")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invitation_organisation_id"))

    op.drop_table("invitation")
    op.drop_table("audit_facts")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_programme_id"))

    op.drop_table("account")
    op.drop_table("organisation")
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_inbox")
        batch_op.drop_index("ix_notification_due")

    op.drop_table("notification")
    with op.batch_alter_table("kept_form", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_form_user_id"))

    op.drop_table("kept_form")
    with op.batch_alter_table("audit_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entry_subject")
        batch_op.drop_index(batch_op.f("ix_audit_entry_programme_id"))

    op.drop_table("audit_entry")
    op.drop_table("worker_sign")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index("uq_user_email_lower")

    op.drop_table("user")
    if op.get_bind().dialect.name == "postgresql":
        for function in ("refuse_change", "refuse_table_change", "refuse_effect_change"):
            op.execute(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
