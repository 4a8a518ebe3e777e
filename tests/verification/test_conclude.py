"""How far a batch is, effect by effect: nothing is said to be concluded that is not."""

import uuid

import pytest

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.verification.judging import PROVEN, judge_claim
from app.verification.operations import declare_independence, draw_sample, lock_docket
from tests.browser import soup
from tests.factories.verification import make_claims, make_docket, make_sampled


@pytest.fixture
def bond(app):
    """Three claims of each of two effects."""
    bond = make_sampled()
    bond.work, bond.days = make_claims(bond, 3), make_claims(bond, 3, "days")
    return bond


def judge(bond, ids):
    for id in ids:
        judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)


def conclude(docket, browser):
    answer = browser.post_form(f"/dockets/{docket.id}/conclude")
    assert answer.status_code == 303
    return soup(browser.follow(answer)).select_one("main").text


def test_one_of_two_effects_is_said_to_be_concluded_and_the_other_to_wait(bond, browse):
    docket, browser = make_docket(bond), browse(bond.assessor)
    judge(bond, bond.work)
    waits = "0 of 2 effects concluded; 1 still has claims to decide; of 1 nothing is left to decide: it waits to be"
    assert waits in browser.get_ok(f"/dockets/{docket.id}").text
    told = "1 of 2 effects concluded; 1 still has claims to decide."
    assert told in conclude(docket, browser)
    again = browser.get_ok(f"/dockets/{docket.id}").text
    assert told in again and "What the claims show is concluded." not in again
    assert browser.post_form(f"/dockets/{docket.id}/conclude").status_code == 409, "nothing new to conclude"
    judge(bond, bond.days)
    shown = conclude(docket, browser)
    assert "still has claims to decide" not in shown
    db.session.refresh(docket)
    assert docket.state == "ready"
    assert db.session.query(Claim).filter_by(state=ClaimState.VERIFIED).count() == 6


def test_how_many_wait_of_an_effect_is_for_who_reads_its_claims(bond, browse):
    docket = make_docket(bond)
    assert (
        "0 of 2 effects concluded; 2 still have claims to decide."
        in browse(bond.provider).get_ok(f"/dockets/{docket.id}").text
    )
    for stranger in (bond.official, bond.intermediary, bond.auditor):
        assert "effects concluded" not in browse(stranger).get_ok(f"/dockets/{docket.id}").text


def test_before_the_draw_nothing_is_said_to_be_left(bond, browse):
    """Which claims are judged is not known yet: a dash, and no zero that says that all are decided."""
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())

    def left():
        rows = soup(browse(bond.assessor).get_ok(f"/dockets/{docket.id}")).select("main table tbody tr")
        return [row.select("td, th")[4].text.strip() for row in rows]

    assert left() == ["–", "–"]
    draw_sample(docket, actor=bond.assessor)
    declare_independence(docket, [], actor=bond.assessor)
    assert left() == ["3", "3"]
