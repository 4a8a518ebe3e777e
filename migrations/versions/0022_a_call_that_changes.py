"""More time after an outage waits for a second official; a consortium whose lot changed may choose again"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
STATE = sa.Enum("proposed", "confirmed", "refused", "lapsed", name="extensionstate", native_enum=False, length=30)
FATE = sa.Enum("changed", "gone", name="lotfate", native_enum=False, length=30)


def upgrade():
    moments = ("began_at", "ended_at", "deadline_before", "deadline", "lapses_at")
    op.create_table(
        "extension",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, MOMENT, nullable=False) for name in moments),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("refused_because", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_extension_outage")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_extension_call_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_extension_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(op.f("ix_extension_call_id"), "extension", ["call_id"])
    standing = sa.text("state = 'proposed'")
    op.create_index(
        "uq_extension_standing", "extension", ["call_id"], unique=True, sqlite_where=standing, postgresql_where=standing
    )
    with op.batch_alter_table("consortium") as consortium:
        consortium.add_column(sa.Column("lot_fate", FATE, nullable=True))


def downgrade():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM extension")).scalar():
        raise RuntimeError("the schema before this one cannot hold proposals for more time")
    with op.batch_alter_table("consortium") as consortium:
        consortium.drop_column("lot_fate")
    op.drop_table("extension")
