"""Which provider took a referral up"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0049"
branch_labels = None
depends_on = None

# Whoever took the resident in had taken the referral up. Of one that waits for its start nobody is known: any may act.
KNOWN = """
    UPDATE referral SET taken_up_by_id =
        (SELECT provider_id FROM participant WHERE participant.referral_id = referral.id)
"""


def upgrade():
    with op.batch_alter_table("referral") as referral:
        referral.add_column(sa.Column("taken_up_by_id", sa.Uuid(), nullable=True))
        referral.create_foreign_key(op.f("fk_referral_taken_up_by_id"), "organisation", ["taken_up_by_id"], ["id"])
    op.execute(KNOWN)


def downgrade():
    expect_nothing_lost()
    with op.batch_alter_table("referral") as referral:
        referral.drop_constraint(op.f("fk_referral_taken_up_by_id"), type_="foreignkey")
        referral.drop_column("taken_up_by_id")


def expect_nothing_lost():
    """The schema before this one knows who took a referral up by its participant alone."""
    waiting = "SELECT count(*) FROM referral WHERE taken_up_by_id IS NOT NULL AND state = 'admitted'"
    if op.get_bind().execute(sa.text(waiting)).scalar():
        raise RuntimeError("the schema before this one cannot hold who took a referral up that waits for its start")
