"""A settlement of many effects is prepared beside the request: all or nothing, with a page that tells how far it is
(issue 6: "settle and distribute in one run with progress shown")."""

import os
import socket
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest

from app.core import clock, progress
from app.core.progress import Progress
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.settlement.closing_operations import PASSES
from app.settlement.models import Settlement, SettlementLine
from tests.beside import ended, get_progress, kept, nobody_else_writes
from tests.browser import soup
from tests.conftest import browser_of
from tests.factories.outcomes import make_batch, make_delivery
from tests.factories.settlement import make_settlement
from tests.factories.verification import make_claims

EFFECTS = 150


@pytest.fixture
def in_november():
    """These tests do not move the clock, which another thread would not see."""


@pytest.fixture
def bond(app_beside, monkeypatch):
    monkeypatch.setattr(progress, "LARGE", 100)
    with app_beside.app_context():
        bond = make_delivery()
        make_claims(bond, EFFECTS)
        db.session.execute(db.text("UPDATE claim SET state = 'verified' WHERE state = 'submitted'"))
        make_batch(bond)
        yield bond
        db.session.remove()
        db.engine.dispose()


def test_it_tells_how_far_it_is_and_ends_with_the_settlement(app_beside, bond):
    browser, path = browser_of(app_beside, bond.intermediary), f"/programmes/{bond.programme.id}/settlements/prepare"
    form = browser.get_ok(path)
    with nobody_else_writes(app_beside):
        address = browser.submit(form, {"period_to": "2026-06-30"}).headers["Location"]
        again = browser.submit(form, {"period_to": "2026-06-30"}).headers["Location"]
        assert again == address, "a double click is one settlement"
        assert "0 % is done" in get_progress(browser, address).text
        assert browser_of(app_beside, bond.provider).get(address).status_code == 403
        assert kept(Settlement, bond) == []
    made = ended(browser, address)
    (settlement,) = kept(Settlement, bond)
    assert made.headers["Location"] == f"/settlements/{settlement.id}"
    assert db.session.query(SettlementLine).filter_by(settlement_id=settlement.id).count() == EFFECTS


def test_a_wrong_day_is_refused_on_the_form_at_once(app_beside, bond):
    browser, path = browser_of(app_beside, bond.intermediary), f"/programmes/{bond.programme.id}/settlements/prepare"
    tomorrow = clock.today() + timedelta(days=1)
    answer = browser.post_form(path, {"period_to": tomorrow.isoformat()})
    assert answer.status_code == 422
    assert "future" in soup(answer).select_one("#period_to-error").text


def test_what_was_refused_on_the_way_is_said_and_nothing_is_kept(app_beside, bond):
    """The last settlement before the last day on which effects accrue: found when the effects are read."""
    browser, path = browser_of(app_beside, bond.intermediary), f"/programmes/{bond.programme.id}/settlements/prepare"
    answer = browser.post_form(path, {"period_to": "2026-06-30", "is_final": "y"})
    answer = ended(browser, answer.headers["Location"])
    assert "Effects still accrue" in answer.text
    assert soup(answer).select_one(f"a[href='{path}']")
    assert kept(Settlement, bond) == []
    states = db.text("SELECT DISTINCT state FROM claim WHERE programme_id = :key")
    assert db.session.scalars(states, {"key": bond.programme.id.hex}).all() == [ClaimState.SIGNED_OFF]


def test_a_process_that_died_is_known_at_once_and_one_elsewhere_when_it_is_silent(app_beside, bond):
    browser = browser_of(app_beside, bond.intermediary)
    path, key = f"/programmes/{bond.programme.id}/settlements", uuid.uuid4()
    assert browser.get(f"{path}/{key}/progress").status_code == 404
    assert progress._claim(key, 300)
    assert "% is done" in browser.get_ok(f"{path}/{key}/progress").text, "this process lives"
    ended_already = subprocess.Popen([sys.executable, "-c", ""])
    ended_already.wait()
    progress._write(key, Progress(100, 300, by=f"{socket.gethostname()}:{ended_already.pid}"))
    answer = browser.get_ok(f"{path}/{key}/progress")
    assert "It did not end, and nothing of it was kept." in answer.text and "Refresh" not in answer.headers
    progress._write(key, Progress(100, 300, by="another machine:1"))
    assert "33 % is done" in browser.get_ok(f"{path}/{key}/progress").text
    long_ago = clock.now().timestamp() - 3_600
    os.utime(progress._path(key), (long_ago, long_ago))
    assert "It did not end" in browser.get_ok(f"{path}/{key}/progress").text


def test_a_closing_settlement_of_a_long_history_tells_how_far_it_is_too(app_beside, bond, monkeypatch):
    """Of 150 settled effects one was reopened: the whole history is read and valued, and one line made."""
    settle_to_the_end(bond)
    browser = browser_of(app_beside, bond.intermediary)
    path = f"/programmes/{bond.programme.id}/settlements/prepare-closing"
    heard = []
    monkeypatch.setattr(progress, "EACH", 1)
    write = progress._write
    monkeypatch.setattr(progress, "_write", lambda key, one: (heard.append(one), write(key, one)))
    form = browser.get_ok(path)
    with nobody_else_writes(app_beside):
        address = browser.submit(form).headers["Location"]
        assert "% is done" in get_progress(browser, address).text
    made = ended(browser, address)
    closing = max(kept(Settlement, bond), key=lambda one: one.number)
    assert closing.is_closing and made.headers["Location"] == f"/settlements/{closing.id}"
    assert db.session.query(SettlementLine).filter_by(settlement_id=closing.id).count() == 1
    reads = [one.read for one in heard]
    assert reads == sorted(reads) and heard[0].total == PASSES * EFFECTS
    assert max(reads) > EFFECTS, "it moves on while the history is valued"


def settle_to_the_end(bond):
    """All effects are settled, approved by everybody, the term is over, and one effect was reopened since."""
    programme = bond.programme
    programme.tail_until = clock.today() - timedelta(days=1)
    db.session.commit()
    make_settlement(bond, programme.tail_until, approved=True)
    claim = db.session.scalars(db.select(Claim).filter_by(programme_id=programme.id).limit(1)).unique().one()
    db.session.execute(db.text("UPDATE claim SET state = 'reopened' WHERE id = :id"), {"id": claim.id.hex})
    db.session.commit()
