"""Completeness, exclusion grounds, one-time repair (Directive 2014/24/EU arts. 56(3) and 57; domain, section 6)."""

from datetime import timedelta
from io import BytesIO

import pytest

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.operations import declare_conflict, give_score, lock_scores
from app.evaluation.screening_models import Enquiry
from app.evaluation.screening_operations import admit_clean, answer_enquiry, ask_repair, screen_plan
from app.evaluation.states import Admission, EvaluationState, Ground
from app.extensions import db
from tests.factories.evaluation import answer_with, make_tender, marks, only_open
from tests.statements import counted
from tests.told import recorded, told, words_told


@pytest.fixture
def tender(app):
    """Opened; two officials have declared; the plan of the second bidder lacks an answer."""
    tender = make_tender(bidders=2)
    evaluation = only_open(tender)
    for opener in tender.openers:
        declare_conflict(evaluation, False, "", actor=opener)
    second = tender.opened_of(tender.bidders[1])
    answer_with(second, risks="")
    return tender


def plans(tender):
    return [tender.opened_of(bidder) for bidder in tender.bidders]


def test_only_what_is_complete_is_admitted_in_one_go(tender, browse):
    evaluation, (first, second) = tender.evaluation, plans(tender)
    page = browse(tender.openers[0]).get_ok(f"/opened/{second.id}/screen")
    assert "is missing" in page.text
    answer = browse(tender.openers[0]).post_form(f"/evaluations/{evaluation.id}/admit")
    assert answer.status_code == 303
    for plan in (first, second):
        db.session.refresh(plan)
    assert (first.admission, second.admission) == (Admission.ADMITTED, Admission.OPEN)
    with pytest.raises(NotNow):
        admit_clean(evaluation, actor=tender.openers[0])  # nothing left without a finding


def test_nothing_is_scored_or_locked_before_the_screening(tender, browse):
    evaluation, (first, second) = tender.evaluation, plans(tender)
    scorer = tender.scorers[0]
    declare_conflict(evaluation, False, "", actor=scorer)
    assert browse(scorer).get(f"/opened/{first.id}/score").status_code == 409
    with pytest.raises(NotNow):
        give_score(first, marks(tender.call, 7, 7), actor=scorer)
    admit_clean(evaluation, actor=tender.openers[0])
    give_score(first, marks(tender.call, 7, 7), actor=scorer)
    with pytest.raises(NotNow):
        lock_scores(evaluation, actor=scorer)  # the second is not screened yet
    screen_plan(second, False, {}, "No answer on risks.", actor=tender.openers[0])
    lock_scores(evaluation, actor=scorer)  # an excluded plan needs no scores
    with pytest.raises(NotNow):
        screen_plan(second, True, {}, "", actor=tender.openers[0])  # too late: somebody has locked without it


def test_a_plan_is_excluded_with_reasons_and_its_bidder_hears_nothing_yet(tender, browse):
    second, partner = plans(tender)[1], tender.bidders[1].consortium.partners[1]
    url, field = f"/opened/{second.id}/screen", f"ground_{partner.organisation_id.hex}"
    silent = browse(tender.openers[0]).post_form(url, {field: "taxes", "verdict": "exclude"})
    assert silent.status_code == 422
    assert "Say why" in silent.text
    admitted = browse(tender.openers[0]).post_form(url, {field: "taxes", "verdict": "admit", "reasons": "Typed words"})
    assert admitted.status_code == 422
    assert "Typed words" in admitted.text
    answer = browse(tender.openers[0]).post_form(url, {field: "taxes", "verdict": "exclude", "reasons": "Not paid."})
    assert answer.status_code == 303
    db.session.refresh(second)
    assert (second.admission, second.verdict) == (Admission.EXCLUDED, "Not paid.")
    assert second.exclusion == {str(partner.organisation_id): Ground.TAXES.value}
    assert recorded("screening.decide")[-1]["grounds"] == ["taxes"]
    assert tender.bidders[1].lead.email not in told("screening.decide")


def test_a_repair_is_asked_once_answered_once_and_changes_nothing_in_the_plan(tender, browse):
    second, bidder = plans(tender)[1], tender.bidders[1]
    before = dict(second.content)
    ask = browse(tender.openers[0]).post_form(f"/opened/{second.id}/repair", {"question": "Risks are missing."})
    assert ask.status_code == 303
    enquiry = db.session.scalars(db.select(Enquiry)).one()
    assert enquiry.answer_until == clock.term_end(clock.today(), 5, "NL")
    assert {bidder.lead.email, bidder.partner.email} <= told("repair.ask")
    assert tender.bidders[0].lead.email not in told("repair.ask")
    assert "Risks are missing." in words_told("repair.ask")
    with pytest.raises(NotNow):
        ask_repair(second, "Once more", actor=tender.openers[1])
    with pytest.raises(NotNow):  # the bidder is heard first
        screen_plan(second, False, {}, "Too late.", actor=tender.openers[0])

    assert browse(bidder.partner).get(f"/enquiries/{enquiry.id}/answer").status_code == 403
    assert browse(tender.bidders[0].lead).get(f"/enquiries/{enquiry.id}").status_code == 404
    wrong = browse(bidder.lead).post_form(
        f"/enquiries/{enquiry.id}/answer", {"answer": "Here.", "document": (BytesIO(b"MZ"), "a.exe")}
    )
    assert wrong.status_code == 422
    answer = browse(bidder.lead).post_form(
        f"/enquiries/{enquiry.id}/answer", {"answer": "Here.", "document": (BytesIO(b"%PDF-1.7"), "risks.pdf")}
    )
    assert answer.status_code == 303
    db.session.refresh(enquiry)
    assert (enquiry.answer, enquiry.filename, len(enquiry.sha256)) == ("Here.", "risks.pdf", 64)
    with pytest.raises(NotNow):
        answer_enquiry(enquiry, "And this.", None, actor=bidder.lead)
    db.session.refresh(second)
    assert second.content == before
    document = browse(tender.openers[0]).get(f"/enquiries/{enquiry.id}/document")
    assert document.data == b"%PDF-1.7"
    screen_plan(second, True, {}, "", actor=tender.openers[0])
    assert (enquiry.accepted, second.is_admitted) == (True, True)


def test_the_last_day_of_the_repair_counts_and_the_next_does_not(tender):
    second, lead = plans(tender)[1], tender.bidders[1].lead
    enquiry = ask_repair(second, "Risks are missing.", actor=tender.openers[0])
    with clock.at(clock.local(enquiry.answer_until + timedelta(days=1))):
        with pytest.raises(NotNow):
            answer_enquiry(enquiry, "Late.", None, actor=lead)
        screen_plan(second, False, {}, "No answer.", actor=tender.openers[0])  # silence is judged after the term
    assert enquiry.accepted is False


def test_on_the_last_evening_an_answer_is_in_time(tender):
    enquiry = ask_repair(plans(tender)[1], "Risks are missing.", actor=tender.openers[0])
    with clock.at(clock.local(enquiry.answer_until, 23, 59)):
        answer_enquiry(enquiry, "In time.", None, actor=tender.bidders[1].lead)
    assert enquiry.answered_at is not None


def test_who_has_not_declared_screens_nothing(app, browse):
    tender = make_tender(bidders=1)
    evaluation = only_open(tender)
    plan = tender.opened_of(tender.bidders[0])
    for url in (f"/evaluations/{evaluation.id}/screening", f"/opened/{plan.id}/screen", f"/opened/{plan.id}"):
        assert browse(tender.openers[0]).get(url).status_code == 403
    with pytest.raises(NotYours):
        screen_plan(plan, True, {}, "", actor=tender.openers[0])
    declare_conflict(evaluation, False, "", actor=tender.openers[0])
    browse(tender.openers[0]).get_ok(f"/opened/{plan.id}")
    browse(tender.openers[0]).get_ok(f"/evaluations/{evaluation.id}/screening")


def test_a_scorer_does_not_screen(tender, browse):
    scorer, plan = tender.scorers[0], plans(tender)[0]
    declare_conflict(tender.evaluation, False, "", actor=scorer)
    assert browse(scorer).get(f"/opened/{plan.id}/screen").status_code == 403
    with pytest.raises(NotYours):
        screen_plan(plan, True, {}, "", actor=scorer)


def test_a_plan_that_changed_meanwhile_is_looked_at_again(tender):
    plan = plans(tender)[0]
    screen_plan(plan, True, {}, "", actor=tender.openers[0], version=1)
    with pytest.raises(NotNow):
        screen_plan(plan, False, {}, "No.", actor=tender.openers[1], version=1)


def test_a_ground_keeps_a_plan_from_being_admitted(tender):
    plan = plans(tender)[0]
    key = tender.bidders[0].consortium.lead_id
    with pytest.raises(Refused):
        screen_plan(plan, True, {key: Ground.INSOLVENCY}, "", actor=tender.openers[0])
    assert tender.evaluation.state == EvaluationState.SCORING


def test_the_list_costs_the_same_for_three_and_thirty(app, browse):
    costs = []
    for number in (3, 30):
        tender = make_tender(bidders=number)
        evaluation = only_open(tender)
        declare_conflict(evaluation, False, "", actor=tender.openers[0])
        reader, url = browse(tender.openers[0]), f"/evaluations/{evaluation.id}/screening"
        reader.get_ok(url)
        with counted() as statements:
            reader.get_ok(url)
        costs.append(len(statements))
    assert costs[0] == costs[1], costs
