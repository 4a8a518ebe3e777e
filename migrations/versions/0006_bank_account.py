"""The account to pay to"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = '0006'
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'bank_account',
        sa.Column('programme_id', sa.Uuid(), nullable=False),
        sa.Column('holder', sa.String(), nullable=False),
        sa.Column('iban', sa.String(), nullable=False),
        sa.Column('state', sa.Enum('prepared', 'approved', name='accountstate', native_enum=False, length=30), nullable=False),
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('created_at', app.core.models.Moment(timezone=True), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_bank_account_programme_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_account')),
    )
    op.create_index(op.f('ix_bank_account_programme_id'), 'bank_account', ['programme_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_bank_account_programme_id'), table_name='bank_account')
    op.drop_table('bank_account')
