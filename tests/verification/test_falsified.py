"""One falsified effect makes every later claim of the same person one to look at twice: it is judged first, the page
says so, and who finds it proven all the same says why (domain, sections 7 and 9; ISO/IEC 17029: a conclusion rests on
recorded grounds). A rejection or a reopening that did not stand on appeal says nothing about anybody."""

import uuid
from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.verification.appeal_operations import decide_appeal, file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.queries import level_of, work
from app.verification.reopening import reopen_proof
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_lasting, make_participant, make_signed_off
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.told import recorded

WHY = "The land register shows the home since May."
SIGN = "an effect of this participant was reopened: the evidence was falsified"
REJECTED = "an earlier claim for this participant was rejected"


@pytest.fixture
def bond(app):
    return make_delivery()


def falsify(bond, claim, reason=ReopenReason.FALSIFIED):
    reopen_proof(claim, reason, "The employer never heard of it.", actor=bond.assessor)


def listed(bond):
    return [(row.id, level_of(row.risk)) for row in work(bond.programme, bond.assessor, 1, str).rows]


def test_every_later_claim_of_the_person_comes_first_and_says_so(bond, browse):
    """Also before a claim that bears two other signs of the highest risk."""
    false, other = make_signed_off(bond), make_signed_off(bond)
    twins = [make_claim(bond, evidence_digest="e" * 64, evidence_issuer="clinic") for _ in (1, 2)]
    follows = make_claim(bond, false.participant, "days")
    beside = make_claim(bond, other.participant, "days")
    falsify(bond, false)
    falsify(bond, other, ReopenReason.MISTAKEN)
    found = listed(bond)
    assert found[0] == (follows.id, "high")
    assert {id for id, level in found if level == "high"} == {follows.id, *(one.id for one in twins)}
    signs = [item.text for item in soup(browse(bond.assessor).get_ok(f"/claims/{follows.id}/judge")).select(".card li")]
    assert signs[0] == SIGN
    assert SIGN not in browse(bond.assessor).get_ok(f"/claims/{beside.id}/judge").text


@pytest.mark.parametrize("page", ["judge", "verify"])
def test_who_finds_it_proven_all_the_same_says_why(bond, browse, page):
    false = make_signed_off(bond)
    claim = make_claim(bond, false.participant, "days")
    falsify(bond, false)
    browser, path = browse(bond.assessor), f"/claims/{claim.id}/{page}"
    typed = {"decision": "verify"} if page == "judge" else {}
    answer = browser.post_form(path, typed)
    assert answer.status_code == 422 and soup(answer).select_one("#words-error") is not None
    answer = browser.post_form(path, typed | {"words": "Ask A. Jansen, 06-12345678."})
    assert answer.status_code == 422
    db.session.refresh(claim)
    assert claim.state == ClaimState.SUBMITTED
    assert browser.post_form(path, typed | {"words": WHY}).status_code == 303
    db.session.refresh(claim)
    assert (claim.state, claim.decision_words, claim.decision_reason) == (ClaimState.VERIFIED, WHY, None)
    assert WHY in browse(bond.provider).get_ok(f"/claims/{claim.id}").text
    assert WHY not in str(recorded("claim.verify")), "no word about a person reaches the trail"


def test_nobody_else_is_asked_why(bond, browse):
    claim = make_claim(bond)
    assert not soup(browse(bond.assessor).get_ok(f"/claims/{claim.id}/verify")).select("#words")
    judge_claim(claim, PROVEN, actor=bond.assessor)
    assert claim.state == ClaimState.VERIFIED


def test_what_requires_the_falsified_effect_is_not_verified_whatever_is_said(app, browse):
    bond = make_lasting()
    someone = make_participant(bond, started_on=date(2026, 1, 5))
    make_signed_off(bond, code="home-start", achieved_on=date(2026, 2, 10), participant=someone)
    false = make_signed_off(bond, code="home-3m", achieved_on=date(2026, 5, 10), participant=someone)
    then = make_claim(bond, someone, "home-6m", achieved_on=date(2026, 8, 10))
    falsify(bond, false)
    with pytest.raises(NotNow, match=f"Rule “requires”.*{false.number}.*reopened"):
        judge_claim(then, Opinion(Verdict.VERIFIED, explanation=WHY), actor=bond.assessor)
    page = browse(bond.assessor).get_ok(f"/claims/{then.id}/judge").text
    assert SIGN in page and "Rule “requires”" in page
    appeal = file_appeal(false, "The contract is real.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(appeal, True, "It is.", actor=make_colleague(bond))
    assert SIGN not in browse(bond.assessor).get_ok(f"/claims/{then.id}/judge").text
    judge_claim(then, PROVEN, actor=bond.assessor)
    assert then.state == ClaimState.VERIFIED


@pytest.mark.parametrize("upheld", [True, False])
def test_a_rejection_that_fell_on_appeal_says_nothing(bond, browse, upheld):
    rejected = make_signed_off(bond)
    rejected.state = ClaimState.REJECTED
    db.session.commit()
    then = make_claim(bond, rejected.participant, "days")
    appeal = file_appeal(rejected, "It stands on page 2.", actor=bond.provider, once=uuid.uuid4())
    decide_appeal(appeal, upheld, "It does, or does not.", actor=make_colleague(bond))
    assert (REJECTED in browse(bond.assessor).get_ok(f"/claims/{then.id}/judge").text) is not upheld
    found = {row.id: row.risk for row in work(bond.programme, bond.assessor, 1, str).rows}
    alone = make_claim(bond, None, "days")
    risks = {row.id: row.risk for row in work(bond.programme, bond.assessor, 1, str).rows}
    assert (found[then.id] == risks[alone.id]) is upheld


def test_in_a_batch_that_is_locked_already_it_moves_to_the_front(app):
    bond = make_sampled()
    ids = make_claims(bond, 3)
    make_docket(bond)
    order = [id for id, _level in listed(bond)]
    last = db.session.get_one(Claim, order[-1])
    false = make_signed_off(bond, code="days", participant=last.participant)
    falsify(bond, false)
    assert [id for id, _level in listed(bond)] == [order[-1], *order[:-1]]
    assert listed(bond)[0] == (last.id, "high")
    assert set(order) == set(ids)
    with pytest.raises(Refused):
        judge_claim(last, PROVEN, actor=bond.assessor)
