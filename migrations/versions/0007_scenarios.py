"""Scenarios"""

import sqlalchemy as sa
from alembic import op

import app.core.models

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('scenario',
    sa.Column('programme_id', sa.Uuid(), nullable=False),
    sa.Column('table_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('saved_by_id', sa.Uuid(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('inputs', sa.JSON(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('created_at', app.core.models.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_scenario_organisation_id')),
    sa.ForeignKeyConstraint(['programme_id'], ['programme.id'], name=op.f('fk_scenario_programme_id')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['user.id'], name=op.f('fk_scenario_saved_by_id')),
    sa.ForeignKeyConstraint(['table_id'], ['price_table.id'], name=op.f('fk_scenario_table_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenario'))
    )
    with op.batch_alter_table('scenario', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scenario_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scenario_programme_id'), ['programme_id'], unique=False)


def downgrade():
    with op.batch_alter_table('scenario', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scenario_programme_id'))
        batch_op.drop_index(batch_op.f('ix_scenario_organisation_id'))

    op.drop_table('scenario')
