"""A large list is signed beside the request: all or nothing, with a page that tells how far it is."""

import os
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.core import clock, progress
from app.extensions import db
from app.outcomes.models import Batch
from app.people.password import hashed
from app.verification.statement_models import SealedStatement
from tests.browser import soup
from tests.conftest import browser_of
from tests.factories.outcomes import make_delivery
from tests.factories.verification import make_claims

PASSWORD = "a wooden bridge over water"
WORDS = {"statement": "Every contract was read.", "password": PASSWORD}


@pytest.fixture
def in_november():
    """These tests do not move the clock, which another thread would not see."""


@pytest.fixture
def bond(app_beside, monkeypatch):
    monkeypatch.setattr(progress, "LARGE", 100)
    with app_beside.app_context():
        bond = make_delivery()
        bond.assessor.password = hashed(PASSWORD, bond.assessor.name, bond.assessor.email)
        make_claims(bond, 300)
        db.session.execute(db.text("UPDATE claim SET state = 'verified' WHERE state = 'submitted'"))
        db.session.commit()
        yield bond
        db.session.remove()
        db.engine.dispose()


@contextmanager
def nobody_else_writes(app) -> Iterator[sqlite3.Connection]:
    other = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
        other.execute("COMMIT")
    finally:
        other.close()


def ended(browser, address):
    for _ in range(400):
        answer = browser.get(address)
        if answer.status_code == 303 or "Refresh" not in answer.headers:
            return answer
        time.sleep(0.05)
    raise AssertionError("it does not end")


def batches(bond):
    db.session.rollback()
    return db.session.query(Batch).filter_by(programme_id=bond.programme.id).all()


def test_it_tells_how_far_it_is_and_ends_with_the_statement(app_beside, bond):
    browser, path = browser_of(app_beside, bond.assessor), f"/programmes/{bond.programme.id}/sign-off"
    form = browser.get_ok(path)
    with nobody_else_writes(app_beside):
        address = browser.submit(form, WORDS).headers["Location"]
        assert browser.submit(form, WORDS).headers["Location"] == address, "a double click is one signature"
        answer = browser.get_ok(address)
        assert "0 of 300 claims are read" in answer.text
        assert soup(answer).select_one("progress")["max"] == "300"
        assert answer.headers["Refresh"] == "2", "without a script"
        assert soup(answer).select_one(f"a[href='{address}']"), "and without that"
        assert batches(bond) == []
        assert browser_of(app_beside, bond.provider).get(address).status_code == 403
    made = ended(browser, address)
    (batch,) = batches(bond)
    assert made.headers["Location"] == f"/batches/{batch.id}"
    assert batch.verified_count == 300
    assert db.session.query(SealedStatement).filter_by(batch_id=batch.id).count() == 3


def test_what_went_wrong_is_said_and_nothing_is_signed(app_beside, bond):
    browser, path = browser_of(app_beside, bond.assessor), f"/programmes/{bond.programme.id}/sign-off"
    form, key = browser.get_ok(path), bond.programme.id.hex
    with nobody_else_writes(app_beside) as other:
        address = browser.submit(form, WORDS).headers["Location"]
        other.execute(
            "UPDATE claim SET quantity = 2 WHERE id = (SELECT min(id) FROM claim WHERE programme_id = ?)", [key]
        )
    answer = ended(browser, address)
    assert "changed meanwhile" in answer.text
    assert soup(answer).select_one(f"a[href='{path}']")
    assert batches(bond) == []
    states = db.text("SELECT DISTINCT state FROM claim WHERE programme_id = :key")
    assert db.session.scalars(states, {"key": key}).all() == ["verified"]


def test_a_process_that_died_is_not_waited_for(app_beside, bond):
    browser, path = browser_of(app_beside, bond.assessor), f"/programmes/{bond.programme.id}/sign-off"
    key = uuid.uuid4()
    assert browser.get(f"{path}/{key}").status_code == 404
    assert progress._claim(key, 300)
    progress._write(key, progress.Progress(100, 300, by="another machine:1"))
    long_ago = clock.now().timestamp() - 3_600
    os.utime(progress._path(key), (long_ago, long_ago))
    assert "It did not end" in browser.get_ok(f"{path}/{key}").text
