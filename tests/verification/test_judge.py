"""One claim on one screen, without its price; two assessors where the agreement says so, and a third who decides."""

import uuid
from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow
from app.core.format import moment, money
from app.extensions import db
from app.outcomes.models import Claim, RejectionReason
from app.outcomes.states import ClaimState
from app.verification.judging import PROVEN, Opinion, judge_claim
from app.verification.models import Judgement
from app.verification.operations import declare_independence, draw_sample, lock_docket, recuse_claim
from app.verification.queries import next_of, work
from app.verification.states import Verdict
from tests.browser import soup
from tests.factories.outcomes import START, make_claim, make_delivery, make_participant
from tests.factories.verification import make_claims, make_colleague, make_docket, make_sampled
from tests.told import recorded, told

NO = Opinion(Verdict.REJECTED, RejectionReason.NOT_SUSTAINED, "It ended after a month.")


@pytest.fixture
def bond(app):
    return make_delivery()


def aged(bond, hours, *person, **facts):
    """A claim that waits so many hours."""
    return make_claim(bond, *person, submitted_at=clock.now() - timedelta(hours=hours), **facts)


def order(bond, user=None):
    return [row.id for row in work(bond.programme, user or bond.assessor, 1, str).rows]


def test_one_screen_shows_all_that_bears_on_it_and_no_money(bond, browse):
    person = make_participant(bond)
    earlier = make_claim(bond, person, "days", ClaimState.REJECTED, evidence_issuer="clinic")
    claim = make_claim(bond, person, note="Page 2 is the payslip.")
    page = browse(bond.assessor).get_ok(f"/claims/{claim.id}/judge")
    effect = claim.effect
    shown = (person.code, effect.definition, claim.evidence_issuer, claim.note, earlier.number, "clinic")
    assert not [words for words in shown if words not in page.text]
    assert "an earlier claim for this participant was rejected" in page.text
    main = soup(page).select_one("main").text
    for amount in {effect.price_minor, effect.price_minor * (10_000 - effect.deadweight_bp) // 10_000}:
        assert money(amount, "EUR") not in main
    assert "€" not in main, "money must not sway the judgement"


def test_a_document_that_stands_twice_names_the_other_claim(bond, browse):
    """Of one person too: the assessor judges whether one document can prove both."""
    person = make_participant(bond)
    first = make_claim(bond, person, evidence_digest="e" * 64)
    other = make_claim(bond, person, "days", evidence_digest="e" * 64)
    taken_back = make_claim(bond, None, "days", ClaimState.WITHDRAWN, evidence_digest="e" * 64)
    page = browse(bond.assessor).get_ok(f"/claims/{first.id}/judge").text
    assert f"the same document also stands under claim {other.number}" in page
    assert taken_back.number not in page
    alone = make_claim(bond)
    assert "the same document also" not in browse(bond.assessor).get_ok(f"/claims/{alone.id}/judge").text


@pytest.mark.parametrize(("issuer", "odd"), [("landlord", True), ("employer", False), ("a clinic, typed once", False)])
def test_an_issuer_that_the_kind_of_evidence_does_not_name_is_a_reason_to_look_twice(bond, browse, issuer, odd):
    """The provider was asked when it registered the claim (tests/outcomes/test_unusual.py)."""
    submitted = make_claim(bond, None, "work-13w", evidence_issuer=issuer)
    assert submitted.evidence_type == "employer", "an employment contract or payslip"
    page = browse(bond.assessor).get_ok(f"/claims/{submitted.id}/judge").text
    assert ("names another issuer" in page) is odd


def test_decide_and_next_leads_through_the_list(bond, browse):
    first, second, third = (aged(bond, hours) for hours in (9, 8, 7))
    browser = browse(bond.assessor)
    page = browser.get_ok(f"/programmes/{bond.programme.id}/work-list")
    assert f"/claims/{first.id}/judge#claim" in page.text
    answer = browser.post_form(f"/claims/{first.id}/judge", {"decision": "verify"})
    assert answer.headers["Location"].endswith(f"/claims/{second.id}/judge#claim")
    answer = browser.post_form(
        f"/claims/{second.id}/judge", {"decision": "reject", "reason": "double", "words": "Paid elsewhere."}
    )
    assert answer.headers["Location"].endswith(f"/claims/{third.id}/judge#claim")
    answer = browser.post_form(f"/claims/{third.id}/judge", {"decision": "ask", "words": "Which week?"})
    assert answer.headers["Location"].endswith("/work-list")
    for claim in (first, second, third):
        db.session.refresh(claim)
    assert [one.state for one in (first, second, third)] == ["verified", "rejected", "questioned"]
    assert second.decision_words == "Paid elsewhere."


def test_a_verdict_of_a_colleague_is_not_overwritten_by_an_old_page(bond, browse):
    claim = aged(bond, 9)
    url, colleague = f"/claims/{claim.id}/judge", browse(bond.assessor)
    read = colleague.get_ok(url)
    assert browse(bond.assessor).post_form(url, {"decision": "verify"}).status_code == 303
    answer = colleague.submit(read, {"decision": "reject", "reason": "double", "words": "Paid elsewhere."})
    assert answer.status_code == 409 and "Paid elsewhere." in answer.text
    db.session.refresh(claim)
    assert claim.state == ClaimState.VERIFIED


def test_who_comes_second_reads_who_judged_and_when_and_finds_the_way_on(bond, browse):
    """On the screen that was open, on each page of a step, opened or typed; to a colleague and to nobody else."""
    claim, colleague = aged(bond, 9), make_colleague(bond)
    url, late = f"/claims/{claim.id}", browse(colleague)
    judged = late.get_ok(f"{url}/judge")
    opened = {step: late.get_ok(f"{url}/{step}") for step in ("verify", "question")}
    judge_claim(claim, PROVEN, actor=bond.assessor)
    db.session.refresh(claim)
    typed = {"judge": {"decision": "reject", "reason": "double", "words": "Paid."}}
    typed |= {"verify": {}, "question": {"text": "Until when?"}}
    answers = [late.submit(judged, typed["judge"]), *(late.submit(opened[one], typed[one]) for one in opened)]
    answers += [late.get(f"{url}/{step}") for step in opened]
    for answer in answers:
        page = soup(answer).select_one("main")
        assert answer.status_code == 409
        assert bond.assessor.name in page.text and moment(claim.decided_at) in page.text
        assert page.select(f'a[href="{url}"]')
    work_list = f"/programmes/{bond.programme.id}/work-list"
    assert soup(answers[0]).select(f'main a[href="{work_list}"]')
    assert bond.assessor.name in soup(late.get_ok(f"{url}/judge")).select_one("main").text
    other = browse(bond.provider).get(f"{url}/submit")
    assert other.status_code == 409 and bond.assessor.name not in soup(other).select_one("main").text


@pytest.mark.parametrize(
    "typed, field",
    [
        ({}, "decision"),
        ({"decision": "reject", "reason": "", "words": "Why."}, "reason"),
        ({"decision": "reject", "reason": "double", "words": ""}, "words"),
        ({"decision": "ask", "words": ""}, "words"),
        ({"decision": "verify", "reason": "double"}, "reason"),  # says yes and no
        ({"decision": "ask", "reason": "double", "words": "Which page?"}, "reason"),
        ({"decision": "ask", "words": "is it 111222333?"}, "words"),
    ],
)
def test_what_is_missing_is_said_on_the_field_and_nothing_lost(bond, browse, typed, field):
    claim = make_claim(bond)
    answer = browse(bond.assessor).post_form(f"/claims/{claim.id}/judge", typed)
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}-error") is not None
    assert typed.get("words", "") in soup(answer).select_one("#words").text
    db.session.refresh(claim)
    assert claim.state == ClaimState.SUBMITTED


def test_the_list_goes_by_risk_and_then_by_age(bond):
    old, plain = aged(bond, 90), aged(bond, 80)
    left = aged(bond, 70, make_participant(bond, exited_on=START, exit_reason="moved", state="exited"))
    again = make_participant(bond)
    make_claim(bond, again, "days", ClaimState.REJECTED)
    rejected_before = aged(bond, 60, again)
    twin, other_twin = (aged(bond, hours, evidence_digest="e" * 64) for hours in (50, 40))
    assert order(bond) == [twin.id, other_twin.id, left.id, rejected_before.id, old.id, plain.id]
    assert next_of(bond.programme, bond.assessor, after=other_twin) == left.id
    assert next_of(bond.programme, bond.assessor, after=plain) == twin.id, "after the last comes the first"


def test_the_docket_keeps_the_risk_of_the_day_it_was_locked(app):
    bond = make_sampled()
    plain = aged(bond, 90)
    twins = [aged(bond, hours, evidence_digest="e" * 64) for hours in (50, 40)]
    make_docket(bond)
    assert order(bond) == [*(one.id for one in twins), plain.id]


def test_two_assessors_judge_blind_and_agree(app, browse):
    bond = make_sampled(assessors=2)
    (id,) = make_claims(bond, 1)
    colleague = make_colleague(bond)
    make_docket(bond, bond.assessor, colleague)
    claim = db.session.get_one(Claim, id)
    answer = browse(bond.assessor).post_form(f"/claims/{id}/judge", {"decision": "verify"})
    assert answer.status_code == 303
    db.session.refresh(claim)
    assert claim.state == ClaimState.SUBMITTED
    assert order(bond) == [], "nobody judges the same claim twice"
    assert order(bond, colleague) == [id]
    main = soup(browse(colleague).get_ok(f"/claims/{id}/judge")).select_one("main").text
    assert bond.assessor.name not in main, "neither who judged, nor how"
    assert "with the assessor" in main
    assert recorded("claim.judge") == [{}], "nor does the trail tell the verdict"
    with pytest.raises(NotNow):
        judge_claim(claim, NO, actor=bond.assessor)
    judge_claim(claim, PROVEN, actor=colleague)
    assert (claim.state, claim.decided_by_id) == (ClaimState.VERIFIED, colleague.id)
    with pytest.raises(NotNow):
        judge_claim(claim, NO, actor=make_colleague(bond))


@pytest.mark.parametrize("verdict, state", [(PROVEN, ClaimState.VERIFIED), (NO, ClaimState.REJECTED)])
def test_a_third_decides_when_two_differ(app, verdict, state):
    bond = make_sampled(assessors=2)
    (id,) = make_claims(bond, 1)
    second, third = make_colleague(bond), make_colleague(bond)
    make_docket(bond, bond.assessor, second, third)
    claim = db.session.get_one(Claim, id)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    judge_claim(claim, NO, actor=second)
    assert claim.state == ClaimState.SUBMITTED
    assert told("claim.judge") == {third.email}
    assert [order(bond, one) for one in (bond.assessor, second, third)] == [[], [], [id]]
    judge_claim(claim, verdict, actor=third)
    assert claim.state == state
    assert db.session.query(Judgement).count() == 3


def test_an_opinion_given_before_a_conflict_was_found_does_not_count(app):
    bond = make_sampled(assessors=2)
    (id,) = make_claims(bond, 1)
    second, third = make_colleague(bond), make_colleague(bond)
    make_docket(bond, bond.assessor, second, third)
    claim = db.session.get_one(Claim, id)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    recuse_claim(claim, actor=bond.assessor)
    judge_claim(claim, PROVEN, actor=second)
    assert claim.state == ClaimState.SUBMITTED
    judge_claim(claim, PROVEN, actor=third)
    assert claim.state == ClaimState.VERIFIED


def test_one_assessor_may_come_back_on_a_slip_until_the_finding(app):
    bond = make_sampled()
    (id,) = make_claims(bond, 1)
    make_docket(bond)
    claim = db.session.get_one(Claim, id)
    judge_claim(claim, PROVEN, actor=bond.assessor)
    judge_claim(claim, NO, actor=bond.assessor)
    assert (claim.state, claim.decision_reason) == (ClaimState.REJECTED, RejectionReason.NOT_SUSTAINED)


@pytest.mark.parametrize("who", ["provider", "official", "intermediary", "investor", "auditor"])
def test_the_screen_is_for_assessors(bond, browse, who):
    claim = make_claim(bond)
    browser = browse(getattr(bond, who))
    assert browser.get(f"/claims/{claim.id}/judge").status_code in (403, 404)
    assert browser.get(f"/programmes/{bond.programme.id}/work-list").status_code == 403


def test_home_leads_the_assessor_to_the_work_list_and_then_to_the_conclusion(app, browse):
    """Where batches are agreed nobody judges before the list is locked and drawn; once everything that was drawn is
    decided, nothing is left to judge: what waits is the conclusion."""
    bond = make_sampled()
    ids = make_claims(bond, 2)
    browser = browse(bond.assessor)
    page = browser.click(browser.get_ok("/home"), "Claims that wait for a batch: lock its list (2)")
    assert page.request.path == f"/programmes/{bond.programme.id}/verification/lock"
    assert "Claims to verify (" not in browser.get_ok("/home").text
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    page = browser.click(browser.get_ok("/home"), "Draw the sample of the batch")
    assert page.request.path == f"/dockets/{docket.id}/draw"
    draw_sample(docket, actor=bond.assessor)
    declare_independence(docket, [], actor=bond.assessor)
    make_claims(bond, 3)  # for the next batch: nobody can do anything with them now
    assert "Claims that wait for a batch" not in browser.get_ok("/home").text
    page = browser.click(browser.get_ok("/home"), "Claims to verify (2)")
    assert page.request.path == f"/programmes/{bond.programme.id}/work-list"
    assert "Conclude what the sample" not in browser.get_ok("/home").text
    for id in ids:
        judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)
    page = browser.click(browser.get_ok("/home"), "Conclude what the sample of the batch shows")
    assert page.request.path == f"/dockets/{docket.id}"


def test_a_hand_stays_on_the_keyboard(bond, browse):
    """Each decision has an access key of its own, told on the page beside those of the links."""
    first, _second = aged(bond, 2), aged(bond, 1)
    page = soup(browse(bond.assessor).get_ok(f"/claims/{first.id}/judge"))
    keys = {one.get("value") or one.text.strip(): one["accesskey"][0] for one in page.select("main [accesskey]")}
    assert {one: keys[one] for one in ("verify", "reject", "ask")} == {"verify": "a", "reject": "r", "ask": "q"}
    assert len(set(keys.values())) == len(keys) == 5, "no key does two things"
    assert "A approve, R reject, Q ask" in page.text
