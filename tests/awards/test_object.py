"""Objection within the standstill; the award waits; upheld withdraws the decision (art. 2.127 Aw; domain, 6)."""

import uuid
from datetime import timedelta

import pytest
from flask_babel import force_locale

from app.awards.letter import document_of
from app.awards.models import Letter, Suspension
from app.awards.objection_operations import (
    decide_objection,
    examine_objection,
    file_objection,
    hear_objection,
    resume_award,
    suspend_award,
)
from app.awards.operations import finalise_award
from app.awards.states import Suspends
from app.consortia.models import Partner
from app.consortia.states import PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.evaluation.award_models import Objection
from app.evaluation.consensus_operations import freeze_quality, set_consensus
from app.evaluation.queries import reasons_rule
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.states import Route
from tests.factories.evaluation import decide, make_tender, marks, meet, prove, send
from tests.factories.programmes import make_programme

GROUNDS = "The motivation on risks concerns another plan."


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=3)
    decide(tender)
    return tender


def told(action):
    return db.session.scalars(db.select(Notification).where(Notification.action == action)).all()


def test_a_bidders_lead_objects(tender, browse):
    loser, evaluation = tender.bidders[1], tender.evaluation
    url = f"/evaluations/{evaluation.id}/object"
    browser = browse(loser.lead)
    stale = browser.get_ok(url)
    assert browser.post_form(url, {"grounds": GROUNDS}).status_code == 303
    objection = db.session.scalars(db.select(Objection)).one()
    assert (objection.consortium_id, objection.grounds, objection.decided_at) == (loser.consortium.id, GROUNDS, None)
    assert {notice.address for notice in told("objection.file")} >= {tender.official.email, loser.partner.email}
    assert GROUNDS in browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert GROUNDS in browse(loser.partner).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert GROUNDS not in browse(tender.bidders[2].lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert browser.get(url).status_code == 409
    again = browser.submit(stale, {"grounds": "Once more"})
    assert again.status_code == 409  # one at a time: a double click is one objection
    assert "Once more" in again.text
    assert len(db.session.scalars(db.select(Objection)).all()) == 1


def test_who_wins_has_nothing_to_object_to(tender, browse):
    """The remedy is for who has an interest in another decision (Directive 89/665/EEC, art. 1(3))."""
    winner, evaluation = tender.bidders[0], tender.evaluation
    assert evaluation.awarded().consortium is winner.consortium
    own, other = (browse(one.lead).get_ok(f"/evaluations/{evaluation.id}/decision").text for one in tender.bidders[:2])
    assert f"/evaluations/{evaluation.id}/object" not in own and f"/evaluations/{evaluation.id}/object" in other
    answer = browse(winner.lead).get(f"/evaluations/{evaluation.id}/object")
    assert answer.status_code == 409 and "nothing for you to object to" in answer.text
    with pytest.raises(NotNow):
        file_objection(evaluation, GROUNDS, actor=winner.lead)
    letters = {one.opened.consortium_id: one.content["how"] for one in db.session.scalars(db.select(Letter)).unique()}
    assert "Andere inschrijvers" in letters[winner.consortium.id]  # in the language of the administration


def test_who_is_granted_a_subsidy_may_object_to_what_is_granted(tender, browse):
    """A decision on an application can be objected to by whoever it concerns (arts. 1:2 and 7:1 Awb)."""
    tender.call.programme.route = Route.SUBSIDY
    winner = tender.bidders[0]
    file_objection(tender.evaluation, GROUNDS, actor=winner.lead)
    assert db.session.scalars(db.select(Objection)).one().consortium_id == winner.consortium.id


def test_a_letter_about_a_subsidy_names_no_law_on_tenders(app):
    """Art. 3:46 Awb asks the reasons, art. 6:7 gives six weeks to object; the court comes after that, not within it."""
    tender = make_tender(bidders=2, programme=make_programme(route=Route.SUBSIDY))
    decide(tender)
    (letter, _other) = db.session.scalars(db.select(Letter)).unique()
    with force_locale("en"):
        assert reasons_rule(tender.evaluation) == "art. 3:46 of the Dutch General Administrative Law Act"
    assert "2.130" not in letter.content["rule"] and "standstill" not in letter.content["how"]
    assert letter.content["term"] in [one.title for one in document_of(letter.content, letter.digest, "nl").sections]


def test_who_wins_one_lot_and_loses_another_objects_for_the_second(tender, browse):
    """Whoever leads several plans says in whose name; the one that wins is not among them."""
    first, second, third = tender.bidders
    for other in (second, third):
        other.consortium.lead_id = first.consortium.lead_id
    lead = first.consortium.lead_id
    for other in (second, third):
        db.session.add(Partner(consortium=other.consortium, organisation_id=lead, state=PartnerState.ACCEPTED))
    db.session.commit()
    url = f"/evaluations/{tender.evaluation.id}/object"
    page = browse(first.lead).get_ok(url).text
    assert str(second.consortium.id) in page and str(first.consortium.id) not in page
    typed = {"grounds": GROUNDS, "consortium": str(first.consortium.id)}
    assert browse(first.lead).post_form(url, typed, forged=True).status_code == 422
    assert browse(first.lead).post_form(url, typed | {"consortium": str(third.consortium.id)}).status_code == 303
    assert db.session.scalars(db.select(Objection)).one().consortium_id == third.consortium.id


def test_objecting_needs_grounds(tender, browse):
    answer = browse(tender.bidders[1].lead).post_form(f"/evaluations/{tender.evaluation.id}/object", {"grounds": " "})
    assert answer.status_code == 422


def test_a_partner_and_an_outsider_do_not_object(tender, browse):
    url = f"/evaluations/{tender.evaluation.id}/object"
    assert browse(tender.bidders[1].partner).get(url).status_code == 403
    assert browse(tender.official).get(url).status_code == 403
    with pytest.raises(NotYours):
        file_objection(tender.evaluation, GROUNDS, actor=tender.bidders[1].partner)
    assert db.session.scalars(db.select(Objection)).all() == []


def test_the_last_day_of_the_standstill_counts_and_the_next_does_not(tender, browse):
    evaluation, lead = tender.evaluation, tender.bidders[1].lead
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1))):
        assert browse(lead).get(f"/evaluations/{evaluation.id}/object").status_code == 409
        with pytest.raises(NotNow):
            file_objection(evaluation, GROUNDS, actor=lead)
    with clock.at(clock.local(evaluation.standstill_until, 23, 59)):
        file_objection(evaluation, GROUNDS, actor=lead)


def test_rejected_the_award_goes_on(tender, browse):
    evaluation, loser = tender.evaluation, tender.bidders[1]
    objection = file_objection(evaluation, GROUNDS, actor=loser.lead)
    after = clock.local(evaluation.standstill_until + timedelta(days=1), 9)
    with clock.at(after):
        assert browse(tender.official).get(f"/evaluations/{evaluation.id}/finalise").status_code == 409
        with pytest.raises(NotNow):
            finalise_award(evaluation, actor=tender.official)
        examine_objection(objection, actor=tender.official)
        answer = browse(tender.openers[0]).post_form(
            f"/objections/{objection.id}/decide", {"outcome": "rejected", "decision": "It concerns your own plan."}
        )
        assert answer.status_code == 303
        db.session.refresh(evaluation)
        assert evaluation.state == EvaluationState.STANDSTILL
        heard = {notice.address: notice.body for notice in told("objection.decide")}
        assert "It concerns your own plan." in heard[loser.lead.email]
        assert tender.bidders[2].lead.email not in heard
        prove(tender)
        finalise_award(evaluation, actor=tender.official)
    assert evaluation.state == EvaluationState.FINAL


def test_upheld_withdraws_the_decision_and_can_change_the_ranking(tender, browse):
    """Back at consensus, everyone told, a new decision with a new standstill; another bidder may win."""
    evaluation = tender.evaluation
    winner, loser, other = tender.bidders
    objection = file_objection(evaluation, GROUNDS, actor=loser.lead)
    second = file_objection(evaluation, "Something else.", actor=other.lead)
    examine_objection(objection, actor=tender.official)
    answer = browse(tender.openers[0]).post_form(
        f"/objections/{objection.id}/decide", {"outcome": "upheld", "decision": "You are right about risks."}
    )
    assert answer.status_code == 303
    for row in (evaluation, objection, second):
        db.session.refresh(row)
    assert evaluation.state == EvaluationState.CONSENSUS
    assert (evaluation.decided_at, evaluation.standstill_until) == (None, None)
    assert objection.upheld is True
    assert (second.decided_at is not None, second.upheld) == (True, None)  # lapsed with the decision it attacked

    heard = {notice.address: notice.body for notice in told("objection.decide")}
    everyone = {person.email for bidder in tender.bidders for person in (bidder.lead, bidder.partner)}
    assert everyone | {person.email for person in [tender.official, *tender.scorers]} <= set(heard)
    assert "You are right about risks." in heard[loser.lead.email]
    assert "You are right about risks." not in heard[winner.lead.email]
    page = browse(winner.lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert "Award decision withdrawn" in page
    assert "8.60" not in page
    with pytest.raises(NotNow):
        finalise_award(evaluation, actor=tender.official)

    set_consensus(tender.opened_of(loser), marks(tender.call, 10, 10), actor=tender.scorers[0])
    with pytest.raises(NotNow):  # the meeting of before does not count for what was agreed since
        freeze_quality(evaluation, actor=tender.official)
    meet(tender, evaluation)
    freeze_quality(evaluation, actor=tender.official)
    later = clock.now() + timedelta(days=3)
    with clock.at(later):
        send(tender, "Anew for {}.")
        assert evaluation.awarded().consortium_id == loser.consortium.id
        assert evaluation.standstill_until == clock.term_end(later.astimezone(clock.LOCAL).date(), 20, "NL")
        assert evaluation.withdrawn_at is None
        file_objection(evaluation, "Now I object.", actor=winner.lead)


def test_an_objection_is_decided_once_with_words(tender, browse):
    evaluation = tender.evaluation
    objection = file_objection(evaluation, GROUNDS, actor=tender.bidders[1].lead)
    official = browse(tender.openers[0])
    examine_objection(objection, actor=tender.official)
    with pytest.raises(NotYours, match="another official"):  # four eyes: not the one who sent the decision
        decide_objection(objection, False, "No.", actor=tender.official)
    assert official.post_form(f"/objections/{objection.id}/decide", {"outcome": "rejected"}).status_code == 422
    assert official.post_form(f"/objections/{objection.id}/decide", {"decision": "Words"}).status_code == 422
    decide_objection(objection, False, "No.", actor=tender.openers[0])
    assert official.get(f"/objections/{objection.id}/decide").status_code == 409
    with pytest.raises(NotNow):
        decide_objection(objection, True, "Yes.", actor=tender.openers[0])


def test_only_the_leading_official_decides_an_objection(tender, browse):
    objection = file_objection(tender.evaluation, GROUNDS, actor=tender.bidders[1].lead)
    assert browse(tender.bidders[1].lead).get(f"/objections/{objection.id}/decide").status_code == 403
    assert browse(tender.bidders[2].lead).get(f"/objections/{objection.id}/decide").status_code == 404
    examine_objection(objection, actor=tender.official)
    with pytest.raises(NotYours):
        decide_objection(objection, True, "Yes.", actor=tender.bidders[1].lead)


def test_an_objection_is_taken_up_heard_and_decided(tender, browse):
    """Each stage is kept, and the bidder is told of each; a hearing lies between the objection and today."""
    loser, evaluation = tender.bidders[1], tender.evaluation
    objection = file_objection(evaluation, GROUNDS, actor=loser.lead)
    official = browse(tender.official)
    today = clock.today()
    with pytest.raises(NotNow, match="First take the objection up"):
        decide_objection(objection, False, "No.", actor=tender.openers[0])
    assert official.post_form(f"/objections/{objection.id}/examine").status_code == 303
    assert official.get(f"/objections/{objection.id}/examine").status_code == 409
    hearing = f"/objections/{objection.id}/hear"
    tomorrow = {"held_on": (today + timedelta(days=1)).isoformat(), "summary": "They explained."}
    assert official.post_form(hearing, tomorrow).status_code == 422
    assert official.post_form(hearing, {"held_on": today.isoformat(), "summary": "They explained."}).status_code == 303
    with pytest.raises(NotNow):
        hear_objection(objection, today, "Another record.", actor=tender.official)
    assert "They explained." in browse(loser.partner).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert "They explained." not in browse(tender.bidders[2].lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    for action in ("objection.examine", "objection.hear"):
        assert loser.lead.email in {notice.address for notice in told(action)}
        assert tender.bidders[2].lead.email not in {notice.address for notice in told(action)}
    decide_objection(objection, False, "No.", actor=tender.openers[0])
    with pytest.raises(NotYours):
        examine_objection(file_objection(evaluation, "More.", actor=loser.lead), actor=loser.lead)


def test_a_case_before_the_court_keeps_the_award_from_becoming_final(tender, browse):
    """Art. 2.131 Aw: with a summary judgment to come, the contract waits although the standstill is over."""
    evaluation, rival = tender.evaluation, tender.bidders[1]
    prove(tender)
    typed = {"cause": "court", "explanation": "The court hears the case in May."}
    assert browse(tender.official).post_form(f"/evaluations/{evaluation.id}/suspend", typed).status_code == 303
    assert browse(rival.lead).get(f"/evaluations/{evaluation.id}/suspend").status_code == 403
    assert (
        "The court hears the case in May."
        in browse(rival.partner).get_ok(f"/evaluations/{evaluation.id}/decision").text
    )
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1), 9)):
        with pytest.raises(NotNow, match="suspended"):
            finalise_award(evaluation, actor=tender.official)
        (suspension,) = db.session.scalars(db.select(Suspension))
        with pytest.raises(NotYours):
            resume_award(suspension, "Over.", actor=rival.lead)
        lift = f"/suspensions/{suspension.id}/lift"
        assert browse(tender.official).post_form(lift, {"outcome": "The judge found for the city."}).status_code == 303
        assert browse(tender.official).get(lift).status_code == 409
        finalise_award(evaluation, actor=tender.official)
    assert {rival.lead.email, tender.bidders[0].lead.email} <= {notice.address for notice in told("award.suspend")}
    with pytest.raises(NotNow):
        suspend_award(evaluation, Suspends.COURT, "Too late.", actor=tender.official, once=uuid.uuid4())
