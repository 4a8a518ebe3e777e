"""What the assessor is told about an effect that it signed off, and what it answers"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
KEYS = {
    "programme_id": "programme",
    "claim_id": "claim",
    "organisation_id": "organisation",
    "told_by_id": "user",
    "answered_by_id": "user",
}
WAITING = sa.text("state = 'waiting'")


def upgrade():
    states = sa.Enum("waiting", "stands", "reopened", name="doubtstate", native_enum=False, length=30)
    op.create_table(
        "doubt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=name == "answered_by_id") for name in KEYS),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubt")),
        *(sa.ForeignKeyConstraint([name], [f"{to}.id"], name=op.f(f"fk_doubt_{name}")) for name, to in KEYS.items()),
    )
    op.create_index("ix_doubt_programme_id", "doubt", ["programme_id"])
    op.create_index(
        "uq_doubt_waiting",
        "doubt",
        ["claim_id", "organisation_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade():
    if op.get_bind().execute(sa.text("SELECT count(*) FROM doubt")).scalar():
        raise RuntimeError("the schema before this one cannot hold doubts")
    op.drop_table("doubt")
