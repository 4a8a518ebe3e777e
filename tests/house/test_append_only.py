"""What is marked append-only is so in the database, on both databases (the migration makes the triggers)."""

import pytest
from sqlalchemy import inspect, text

from app.extensions import db

TRIGGERS = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_delete'",
    "postgresql": "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%_append_only'",
}


def test_every_marked_table_has_its_trigger(both):
    marked = {table.name for table in db.metadata.tables.values() if table.info.get("append_only")}
    guarded = set(db.session.scalars(text(TRIGGERS[db.engine.dialect.name])))
    assert marked
    assert marked <= guarded


@pytest.mark.parametrize("name", ["audit_entry", "transfer", "batch"])
def test_the_three_that_money_and_trust_hang_on_are_marked(name):
    assert db.metadata.tables[name].info.get("append_only")


def test_no_table_lacks_a_key(both):
    inspector = inspect(db.engine)
    assert all(inspector.get_pk_constraint(name)["constrained_columns"] for name in db.metadata.tables)
