"""The migration that brings the vault: opened plans keep every word, plans under the former seal stop it."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from flask import Flask, current_app

from app import create_app
from app.extensions import db

WAS = {"sections": {"approach": "Eén aanpak", "team": "T.", "planning": "", "risks": "R."}, "volumes": {"a": 3}}


@pytest.fixture
def before(tmp_path: Path) -> Iterator[tuple[Flask, sqlite3.Connection]]:
    """A database of the former schema, and a connection that lays bare rows."""
    path = tmp_path / "former.sqlite"
    environ = {"DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": "only for tests", "INSTANCE": str(tmp_path)}
    app = create_app({"TESTING": True}, environ=environ)
    with app.app_context():
        command.upgrade(config(), "0013")
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("PRAGMA ignore_check_constraints=ON")
        yield app, raw
        raw.close()
        db.session.remove()
        db.engine.dispose()


def config():
    return current_app.extensions["migrate"].migrate.get_config()


def lay(raw, table, **known):
    """One row and those it points to; what is not named gets an empty value of its kind. Answers its id."""
    known.setdefault("id", uuid.uuid4().hex)
    columns = raw.execute(f"PRAGMA table_info({table})").fetchall()
    empty = {"INTEGER": 0, "BOOLEAN": 0, "BLOB": b"", "JSON": "{}"}
    row = {name: None if not needed else empty.get(kind, "") for _n, name, kind, needed, *_rest in columns} | known
    for _n, _m, parent, name, *_rest in raw.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        if row[name] == "":
            row[name] = lay(raw, parent)
    raw.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    return known["id"]


def test_an_opened_plan_keeps_every_word_both_ways(before):
    _app, raw = before
    lay(raw, "opened_proposal", content=json.dumps(WAS))
    command.upgrade(config(), "0014")
    [content] = raw.execute("SELECT content FROM opened_proposal").fetchone()
    assert json.loads(content) == {"answers": WAS["sections"], "volumes": WAS["volumes"]}
    command.downgrade(config(), "0013")
    [content] = raw.execute("SELECT content FROM opened_proposal").fetchone()
    assert json.loads(content) == WAS


@pytest.mark.parametrize(("call", "plan", "stops"), [("published", "draft", True), ("closed", "submitted", True),
                                                     ("awarded", "draft", False), ("cancelled", "submitted", False)])  # fmt: skip # noqa: E501
def test_a_plan_under_the_former_seal_stops_it(before, call, plan, stops):
    """A migration holds no key, so it can neither read nor move what nobody has opened."""
    _app, raw = before
    call_id = lay(raw, "call", state=call)
    lay(raw, "proposal", call_id=call_id, state=plan)
    if not stops:
        command.upgrade(config(), "0014")
        return
    with pytest.raises(RuntimeError, match="sealed in a call that was not opened"):
        command.upgrade(config(), "0014")
    assert raw.execute("SELECT count(*) FROM sqlite_master WHERE name = 'draft_slot'").fetchone() == (0,)
    lay(raw, "evaluation", call_id=call_id, state="scoring")  # opened meanwhile
    command.upgrade(config(), "0014")
