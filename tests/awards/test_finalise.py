"""Final award: after the standstill, without an open objection (art. 2.127 Aw; domain, section 3.4)."""

from datetime import timedelta

import pytest

from app.awards.operations import finalise_award
from app.calls.models import Follower
from app.calls.states import CallState
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from app.programmes.states import Phase
from tests.factories.evaluation import decide, make_tender, prove
from tests.factories.people import make_user
from tests.factories.programmes import make_party


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=2)
    decide(tender)
    prove(tender)
    return tender


def test_the_award_becomes_final_and_everyone_is_told(tender, browse):
    evaluation, call = tender.evaluation, tender.call
    winner, loser = tender.bidders
    follower = make_user()
    db.session.add(Follower(call_id=call.id, user_id=follower.id))
    investor = make_user(make_party(call.programme, Part.INVESTOR))
    db.session.commit()
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1))):
        answer = browse(tender.official).post_form(f"/evaluations/{evaluation.id}/finalise")
    assert answer.status_code == 303
    for row in (evaluation, call, call.programme, winner.consortium, loser.consortium):
        db.session.refresh(row)
    assert evaluation.state == EvaluationState.FINAL
    assert winner.consortium.state == ConsortiumState.AWARDED
    assert loser.consortium.state == ConsortiumState.NOT_AWARDED
    assert (call.state, call.programme.phase) == (CallState.AWARDED, Phase.AGREEMENT)
    told = {n.address: n.path for n in db.session.scalars(db.select(Notification).filter_by(action="award.finalise"))}
    people = [winner.lead, winner.partner, loser.lead, loser.partner, tender.official, *tender.scorers, *tender.openers]
    assert set(told) == {user.email for user in [*people, follower, investor]}
    assert told[loser.lead.email] == f"/evaluations/{evaluation.id}/decision"
    assert told[follower.email] == f"/calls/{call.id}/award"
    page = browse().get_ok(f"/calls/{call.id}/award").text
    assert winner.consortium.name in page and loser.consortium.name not in page


def test_the_last_day_of_the_standstill_must_have_passed(tender, browse):
    evaluation = tender.evaluation
    with clock.at(clock.local(evaluation.standstill_until, 23, 59)):
        answer = browse(tender.official).get(f"/evaluations/{evaluation.id}/finalise")
        assert answer.status_code == 409
        assert "standstill period has not ended" in answer.text
        with pytest.raises(NotNow):
            finalise_award(evaluation, actor=tender.official)
    assert tender.bidders[0].consortium.state == ConsortiumState.SUBMITTED


def test_a_page_kept_open_too_long_answers_409(tender, browse):
    evaluation = tender.evaluation
    official = browse(tender.official)
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1))):
        page = official.get_ok(f"/evaluations/{evaluation.id}/finalise")
        finalise_award(evaluation, actor=tender.official)
        assert official.submit(page).status_code == 409


def test_only_the_leading_official_makes_it_final(tender, browse):
    evaluation = tender.evaluation
    with clock.at(clock.local(evaluation.standstill_until + timedelta(days=1))):
        assert browse(tender.bidders[0].lead).get(f"/evaluations/{evaluation.id}/finalise").status_code == 403
        assert browse(make_user()).get(f"/evaluations/{evaluation.id}/finalise").status_code == 404
        with pytest.raises(NotYours):
            finalise_award(evaluation, actor=tender.scorers[0])
