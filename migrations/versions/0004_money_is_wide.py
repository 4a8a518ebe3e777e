"""Money is 64 bits wide, also on PostgreSQL: 32 bits end at 21 million euros"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AMOUNTS = {
    "budget_year": ("reserved_minor",),
    "capital_call": ("amount_minor",),
    "capital_call_part": ("amount_minor",),
    "commitment": ("amount_minor", "allotted_minor"),
    "cost_payment": ("amount_minor",),
    "distribution": ("amount_minor", "reserve_minor"),
    "distribution_part": ("principal_minor", "return_minor"),
    "effect": ("price_minor", "saving_minor"),
    "investor_round": ("target_minor", "minimum_minor"),
    "price_table": ("cap_per_person_minor", "cap_contract_minor", "step_minor"),
    "settlement": ("gross_minor", "paid_minor"),
    "settlement_line": ("gross_minor", "paid_minor"),
    "statement": ("amount_minor",),
    "transfer": ("amount_minor",),
}


def upgrade():
    change(sa.BigInteger())


def downgrade():
    change(sa.Integer())


def change(kind):
    """SQLite's integers are 64 bits already. Triggers watch rows and not types, so they stay."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in AMOUNTS.items():
        for column in columns:
            op.alter_column(table, column, type_=kind, existing_nullable=None)
