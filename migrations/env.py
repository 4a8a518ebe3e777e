"""Runs migrations on the database of the running portal; flask-migrate calls it."""

import warnings

from alembic import context
from flask import current_app

# SQLite cannot show the index of addresses in small letters; no migration copies the table it stands on.
warnings.filterwarnings("ignore", message="Skipped unsupported reflection of expression-based index uq_user_email_lower")

database = current_app.extensions["migrate"].db


def run() -> None:
    with database.engine.connect() as connection:
        # SQLite changes a table by copying it; its rows must not fall with the old one meanwhile. Outside a
        # transaction only, so on the bare connection.
        if connection.dialect.name == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            expect_no_loose_rows(connection)
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


def expect_no_loose_rows(connection):
    loose = connection.connection.driver_connection.execute("PRAGMA foreign_key_check").fetchall()
    if loose:
        raise RuntimeError(f"rows point to nothing after the migration: {loose[:5]}")


run()
