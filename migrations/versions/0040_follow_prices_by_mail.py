"""Mailboxes without an account that follow the prices of a bond"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "mail_follower",
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", app.core.models.Moment(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_mail_follower_programme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_follower")),
        sa.UniqueConstraint("programme_id", "address", name=op.f("uq_mail_follower_programme_id_address")),
    )


def downgrade():
    expect_nothing_lost()
    op.drop_table("mail_follower")


def expect_nothing_lost():
    """The schema before this one tells nobody without an account."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM mail_follower")).scalar():
        raise RuntimeError("the schema before this one cannot hold this: followers by mail")
