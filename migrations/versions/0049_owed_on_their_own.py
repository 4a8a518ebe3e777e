"""By which rule a distribution was split: by what each paid in, or by what each investor is owed on its own; and why
capital is called when the bond is over"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("distribution") as distribution:
        distribution.add_column(sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("distribution") as distribution:
        distribution.alter_column("apart", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("capital_call") as call:
        call.add_column(sa.Column("after_end_because", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("capital_call") as call:
        call.alter_column("after_end_because", existing_type=sa.String(), server_default=None)


def downgrade():
    """Only where no distribution was split by the new rule: it could not be recomputed any more."""
    apart = op.get_bind().scalar(sa.text("SELECT count(*) FROM distribution WHERE apart"))
    if apart:
        raise RuntimeError(f"{apart} distributions were split by what each investor is owed on its own")
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM capital_call WHERE after_end_because <> ''")):
        raise RuntimeError("capital was called after the end of a bond, with a reason that would be lost")
    with op.batch_alter_table("capital_call") as call:
        call.drop_column("after_end_because")
    with op.batch_alter_table("distribution") as distribution:
        distribution.drop_column("apart")
