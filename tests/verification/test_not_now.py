"""A step that is not for now offers no form: its page answers 409 with the reason and a way on. One guard says so for
buttons, pages and the step itself: the flow of the claim, which asks the batch that the claim is in."""

import uuid

import pytest

from app.core.errors import NotNow
from app.extensions import db
from app.outcomes.models import Claim, ClaimMessage
from app.outcomes.states import ClaimState
from app.verification.appeal_operations import file_appeal
from app.verification.appeal_states import ReopenReason
from app.verification.judging import PROVEN, judge_claim
from app.verification.operations import conclude_docket, declare_independence, lock_docket
from app.verification.reopening import propose_reopening
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_signed_off
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled

STEPS = ("verify", "reject", "question")


@pytest.fixture
def bond(app):
    return make_sampled()


@pytest.fixture
def claim(bond):
    return db.session.get_one(Claim, make_claims(bond, 1)[0])


def refused(browser, path):
    """The reason on the page of a step that is not for now; the page has no form and leads on."""
    answer = browser.get(path)
    assert answer.status_code == 409, path
    page = soup(answer)
    assert page.select("main form") == []
    assert page.select("main a")
    return page.select_one("main").text


def test_no_step_before_a_batch_is_locked_and_drawn(bond, claim, browse):
    browser = browse(bond.assessor)
    for step in STEPS:
        assert "lock one first" in refused(browser, f"/claims/{claim.id}/{step}")
    lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    for step in STEPS:
        assert "not drawn yet" in refused(browser, f"/claims/{claim.id}/{step}")


def test_nobody_judges_or_asks_before_the_own_declaration(bond, claim, browse):
    """By none of the pages: a question is part of the judgement."""
    docket, colleague = make_docket(bond), make_colleague(bond)
    browser = browse(colleague)
    for step in STEPS:
        assert "Declare your independence" in refused(browser, f"/claims/{claim.id}/{step}")
    answer = browse(bond.assessor).post_form(f"/claims/{claim.id}/question", {"text": "When?"})
    assert answer.status_code == 303
    declare_independence(docket, [], actor=colleague)
    assert "question of the assessor" in refused(browser, f"/claims/{claim.id}/question")


def test_a_question_does_not_slip_past_the_declaration(bond, claim, browse):
    make_docket(bond)
    browser = browse(make_colleague(bond))
    token = soup(browser.get_ok(f"/claims/{claim.id}/recuse")).select_one("main [name=csrf_token]")["value"]
    sent = {"text": "When?", "once": str(uuid.uuid4()), "csrf_token": token}
    answer = browser.post(f"/claims/{claim.id}/question", data=sent, headers={"Referer": "http://localhost/"})
    assert answer.status_code == 409
    assert db.session.query(ClaimMessage).count() == 0


def test_what_was_not_drawn_offers_no_step(bond, browse):
    ids = make_claims(bond, 31)
    make_docket(bond)
    states = {id: browse(bond.assessor).get(f"/claims/{id}/verify").status_code for id in ids}
    assert sorted(states.values()) == [200] * 30 + [409]
    passed_over = next(id for id, status in states.items() if status == 409)
    page = browse(bond.assessor).get_ok(f"/claims/{passed_over}")
    for step in STEPS:
        assert "was not drawn" in refused(browse(bond.assessor), f"/claims/{passed_over}/{step}")
        assert f"/claims/{passed_over}/{step}" not in page.text


def test_after_the_conclusion_and_the_sign_off_nothing_is_decided_anew(bond, claim, browse):
    docket, browser = make_docket(bond), browse(bond.assessor)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    judge, after_all = f"/claims/{claim.id}/judge", "Reject it after all"
    assert after_all in browser.get_ok(judge).text
    assert browser.get_ok(f"/claims/{claim.id}/reject")
    conclude_docket(docket, actor=bond.assessor)
    assert "is concluded" in refused(browser, f"/claims/{claim.id}/reject")
    assert after_all not in browser.get_ok(judge).text
    assert soup(browser.get_ok(judge)).select("main form") == []
    sign_off(bond.programme, "Every contract was read.", actor=bond.assessor)
    for step in STEPS:
        assert "signed off" in refused(browser, f"/claims/{claim.id}/{step}")
    for step in ("draw", "declare", "conclude"):
        assert "signed off" in refused(browser, f"/dockets/{docket.id}/{step}")


def test_an_effect_that_an_appeal_proved_waits_for_the_sign_off(bond, browse):
    """It stands anew outside any batch; nobody rejects it by the way of a single claim."""
    anew = make_claim(bond, state=ClaimState.VERIFIED)
    assert "stands until the sign-off" in refused(browse(bond.assessor), f"/claims/{anew.id}/reject")
    with pytest.raises(NotNow):
        judge_claim(anew, PROVEN, actor=bond.assessor)


def test_what_a_colleague_proposed_is_not_proposed_twice(app, browse):
    bond = make_delivery()
    proof = make_signed_off(bond)
    colleague = make_colleague(bond)
    propose_reopening(proof, ReopenReason.MISTAKEN, "Wrong person.", actor=bond.assessor, once=uuid.uuid4())
    assert "proposed this already" in refused(browse(colleague), f"/claims/{proof.id}/reopen")


def test_nobody_is_asked_to_take_back_the_appeal_of_another_party(app, browse):
    bond = make_delivery()
    made = file_appeal(make_signed_off(bond), "Not reached.", actor=bond.official, once=uuid.uuid4())
    assert browse(bond.provider).get(f"/appeals/{made.id}/withdraw").status_code == 403
    assert browse(bond.official).get_ok(f"/appeals/{made.id}/withdraw")


def test_no_document_is_added_to_what_the_assessor_reads(app, browse):
    bond = make_delivery(kept_days=730)
    registered, submitted = make_claim(bond, state=ClaimState.REGISTERED), make_claim(bond)
    assert browse(bond.provider).get_ok(f"/claims/{registered.id}/attach")
    assert "with the assessor" in refused(browse(bond.provider), f"/claims/{submitted.id}/attach")
