"""The consensus meeting has a record, and quality is frozen before a discount is opened (domain, section 6)."""

from datetime import timedelta

import pytest

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.consensus_operations import freeze_quality, record_meeting, set_consensus
from app.evaluation.models import OpenedProposal
from app.evaluation.operations import declare_conflict, give_score
from app.evaluation.states import EvaluationState, Shortfall
from app.extensions import db
from tests.factories.evaluation import (
    agree,
    freeze,
    lay_discounts,
    make_tender,
    marks,
    meet,
    open_plans,
    send,
    with_discount,
)
from tests.factories.many import make_opened
from tests.factories.people import make_user
from tests.statements import counted
from tests.told import recorded, told

POINTS = (8, 7), (6, 5)


def test_without_the_record_of_a_meeting_nothing_is_frozen(app, browse):
    tender = make_tender(bidders=2)
    evaluation = agree(tender, *POINTS)
    late = browse(tender.official).post_form(f"/evaluations/{evaluation.id}/freeze")
    assert late.status_code == 409
    assert "record of a consensus meeting" in late.text
    scorer = browse(tender.scorers[0])
    url = f"/evaluations/{evaluation.id}/meetings/record"
    present = [str(one.id) for one in tender.scorers]
    typed = {
        "held_on": clock.today().isoformat(),
        "present": present,
        "summary": "They agreed.",
        "private_notes": "x y",
    }
    assert scorer.post_form(url, typed | {"present": present[:2]}).status_code == 422
    assert scorer.post_form(url, typed | {"held_on": (clock.today() + timedelta(1)).isoformat()}).status_code == 422
    assert scorer.post_form(url, typed | {"held_on": (clock.today() - timedelta(9)).isoformat()}).status_code == 422
    assert scorer.post_form(url, typed).status_code == 303
    assert "They agreed." in scorer.get_ok(f"/evaluations/{evaluation.id}/meetings").text
    assert recorded("meeting.record")[0]["present"] == sorted(present)
    assert "They agreed." not in str(recorded("meeting.record"))

    answer = browse(tender.official).post_form(f"/evaluations/{evaluation.id}/freeze")
    assert answer.status_code == 303
    db.session.refresh(evaluation)
    assert evaluation.state == EvaluationState.FROZEN
    assert [plan.rank for plan in evaluation.opened] == [1, 2]
    assert {tender.openers[0].email, tender.scorers[0].email} <= told("quality.freeze")


def test_frozen_points_do_not_change(app, browse):
    tender = make_tender(bidders=2)
    freeze(tender, *POINTS)
    plan = tender.opened_of(tender.bidders[1])
    assert browse(tender.scorers[0]).get(f"/opened/{plan.id}/consensus").status_code == 409
    with pytest.raises(NotNow):
        set_consensus(plan, marks(tender.call, 10, 10), actor=tender.scorers[0])


def test_a_meeting_with_somebody_who_had_a_conflict_does_not_count(app):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = agree(tender, (8, 7))
    meet(tender, evaluation)
    declare_conflict(evaluation, True, "I heard it today.", actor=tender.scorers[3])
    with pytest.raises(NotNow):
        freeze_quality(evaluation, actor=tender.official)
    meet(tender, evaluation)
    freeze_quality(evaluation, actor=tender.official)


def test_only_a_cleared_official_freezes_and_only_a_scorer_records(app, browse):
    tender = make_tender(bidders=1)
    evaluation = agree(tender, (8, 7))
    meet(tender, evaluation)
    undeclared = make_user(tender.call.programme.lead)
    for person in (tender.scorers[0], undeclared, tender.bidders[0].lead):
        with pytest.raises(NotYours):
            freeze_quality(evaluation, actor=person)
    with pytest.raises(NotYours):
        record_meeting(evaluation, clock.today(), tender.scorers, "Said.", "", actor=tender.official)
    assert browse(undeclared).get(f"/evaluations/{evaluation.id}/freeze").status_code == 403


def test_there_is_no_ranking_before_the_discounts_are_open(app, browse):
    tender = make_tender(bidders=2, criteria=with_discount())
    evaluation = freeze(tender, (8, 8), (8, 8))
    assert (evaluation.ranked_at, [plan.rank for plan in evaluation.opened]) == (None, [None, None])
    assert browse(tender.official).get(f"/evaluations/{evaluation.id}/decide").status_code == 409
    lay_discounts(tender, 400, 300)
    db.session.refresh(evaluation)
    first, second = (tender.opened_of(bidder) for bidder in tender.bidders)
    assert (first.discount_points, second.discount_points) == (10, 8)  # 10 x 300 / 400 = 7.5, half up
    assert (first.total_hundredths, second.total_hundredths) == (840, 800)  # 8 x 50 + 8 x 30 + 10 x 20, ... + 8 x 20
    page = browse(tender.scorers[0]).get_ok(f"/evaluations/{evaluation.id}/scores").text
    assert "4%" in page


def test_a_plan_below_a_minimum_gets_no_place_and_is_told_so(app, browse):
    tender = make_tender(bidders=2, criteria=with_discount())
    freeze(tender, (3, 10), (5, 5))
    evaluation = lay_discounts(tender, 900, 100)
    short, first = (tender.opened_of(bidder) for bidder in tender.bidders)
    assert (short.rank, short.shortfall, first.rank) == (None, Shortfall.CRITERION, 1)
    with clock.at(clock.now() + timedelta(hours=1)):
        send(tender)
    page = browse(tender.bidders[0].lead).get_ok(f"/evaluations/{evaluation.id}/decision").text
    assert "No place: fewer points than the minimum of a criterion." in page


def test_points_outside_the_scale_are_refused(app, browse):
    tender = make_tender(bidders=1, scale=[0, 2, 4, 6, 8, 10])
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    declare_conflict(evaluation, False, "", actor=scorer)
    with pytest.raises(Refused, match="0, 2, 4, 6, 8, 10"):
        give_score(plan, marks(tender.call, 7, 8), actor=scorer)
    assert "One of: 0, 2, 4, 6, 8, 10." in browse(scorer).get_ok(f"/opened/{plan.id}/score").text


def test_the_sensitivity_says_which_step_decides(app, browse):
    """8 x 60 + 7 x 40 = 760 against 7 x 60 + 8 x 40 = 740: one point on Approach more or less turns it."""
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (8, 7), (7, 8))
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/sensitivity").text
    assert "change who is first" in page
    assert "8 → 7" in page
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (9, 9), (5, 5))
    assert "No single step" in browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/sensitivity").text


@pytest.mark.parametrize("path", ["sensitivity", "screening", "meetings", "lots"])
def test_a_thousand_plans_cost_as_many_statements_as_ten(app, browse, path):
    costs = []
    for number in (10, 1000):
        tender = make_tender(bidders=0)
        evaluation = make_opened(tender.call, number)
        reader, url = browse(tender.openers[0]), f"/evaluations/{evaluation.id}/{path}"
        reader.get_ok(url)
        with counted() as statements:
            reader.get_ok(url)
        costs.append(len(statements))
    assert costs[0] == costs[1], costs
    assert db.session.scalar(db.select(db.func.count()).select_from(OpenedProposal)) == 1010
