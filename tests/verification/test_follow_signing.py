"""A large list is signed beside the request: all or nothing, with a page that tells how far it is."""

import os
import uuid

import pytest

from app.core import clock, progress
from app.extensions import db
from app.outcomes.models import Batch
from app.people.password import hashed
from app.verification.statement_models import SealedStatement
from tests.beside import ended, get_progress, kept, nobody_else_writes
from tests.browser import soup
from tests.conftest import browser_of
from tests.factories.outcomes import make_delivery
from tests.factories.verification import make_claims

PASSWORD = "a wooden bridge over water"
WORDS = {"method": "Read beside the rule.", "statement": "Every contract was read.", "password": PASSWORD}


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


def test_it_tells_how_far_it_is_and_ends_with_the_statement(app_beside, bond):
    browser, path = browser_of(app_beside, bond.assessor), f"/programmes/{bond.programme.id}/sign-off"
    form = browser.get_ok(path)
    with nobody_else_writes(app_beside):
        address = browser.submit(form, WORDS).headers["Location"]
        assert browser.submit(form, WORDS).headers["Location"] == address, "a double click is one signature"
        answer = get_progress(browser, address)
        assert "0 of 300 claims are read" in answer.text
        assert soup(answer).select_one("progress")["max"] == "300"
        assert kept(Batch, bond) == []
        assert browser_of(app_beside, bond.provider).get(address).status_code == 403
    made = ended(browser, address)
    (batch,) = kept(Batch, bond)
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
    assert kept(Batch, bond) == []
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
