"""Statements of the bank that follow one another, or are voided by two people; money that went out without a released
batch, matched by two people"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0052"
branch_labels = None
depends_on = None

STATES = sa.Enum("stands", "voiding", "voided", name="bankstatementstate", native_enum=False, length=30)
# What only the new schema can say.
LOST = {
    "a statement that was voided or is to be": "SELECT count(*) FROM bank_statement WHERE state <> 'stands'",
    "a statement that does not follow": "SELECT count(*) FROM bank_statement WHERE gap <> ''",
    "a line that waits for a second person": "SELECT count(*) FROM bank_entry WHERE state = 'proposed'",
}
TEXTS = ("gap", "gap_reason", "void_reason")


def upgrade():
    with op.batch_alter_table("bank_statement") as statement:
        statement.drop_constraint("uq_bank_statement_programme_id_sha256", type_="unique")
        statement.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        statement.add_column(sa.Column("state", STATES, nullable=False, server_default="stands"))
        for name in TEXTS:
            statement.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        for name in ("balances", "voided_lines"):
            statement.add_column(sa.Column(name, sa.JSON(), nullable=True))
    with op.batch_alter_table("bank_statement") as statement:
        for name in ("version", "state", *TEXTS):
            statement.alter_column(name, server_default=None)
    stands = sa.text("state != 'voided'")
    where = {"sqlite_where": stands, "postgresql_where": stands}
    op.create_index("uq_bank_statement_sha256", "bank_statement", ["programme_id", "sha256"], unique=True, **where)
    with op.batch_alter_table("bank_entry") as entry:
        entry.add_column(sa.Column("proposed", sa.JSON(), nullable=True))


def downgrade():
    for what, count in LOST.items():
        if op.get_bind().execute(sa.text(count)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")
    with op.batch_alter_table("bank_entry") as entry:
        entry.drop_column("proposed")
    op.drop_index("uq_bank_statement_sha256", table_name="bank_statement")
    with op.batch_alter_table("bank_statement") as statement:
        for name in ("voided_lines", "balances", *reversed(TEXTS), "state", "version"):
            statement.drop_column(name)
        statement.create_unique_constraint("uq_bank_statement_programme_id_sha256", ["programme_id", "sha256"])
