"""Consensus: one score and one motivation per criterion and plan, by the scorers together (domain, section 6)."""

import pytest

from app.core.errors import Changed, NotNow, NotYours, Refused
from app.evaluation.consensus_operations import freeze_quality, set_consensus
from app.evaluation.models import Consensus
from app.evaluation.operations import Mark
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.evaluation import freeze, make_tender, marks, meet, open_plans, score_all


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=2)
    score_all(tender)
    return tender


def test_any_scorer_sets_what_is_agreed_and_the_ranking_follows(tender, browse):
    scorer = browse(tender.scorers[1])
    first, second = (tender.opened_of(bidder) for bidder in tender.bidders)
    approach, risks = tender.call.criteria
    for plan, given in ((first, (6, 9)), (second, (8, 6))):
        data = {
            f"points_{approach.id.hex}": given[0],
            f"motivation_{approach.id.hex}": "Agreed on approach",
            f"points_{risks.id.hex}": given[1],
            f"motivation_{risks.id.hex}": "Agreed on risks",
        }
        assert scorer.post_form(f"/opened/{plan.id}/consensus", data).status_code == 303
    evaluation = tender.evaluation
    db.session.refresh(evaluation)
    assert evaluation.agreed_at is not None
    assert (first.rank, second.rank) == (None, None)  # nobody steers points by the places they would give
    told = db.session.scalars(db.select(Notification).where(Notification.action == "consensus.set")).all()
    assert tender.official.email in {notice.address for notice in told}
    meet(tender, evaluation)
    freeze_quality(evaluation, actor=tender.official)
    assert (first.total_hundredths, first.rank) == (720, 2)
    assert (second.total_hundredths, second.rank) == (720, 1)  # the tie goes to Approach, weight 60
    page = scorer.get_ok(f"/evaluations/{tender.evaluation.id}/scores")
    assert "Tied on the total; decided by the criterion Approach." in page.text
    assert "told apart by the criterion with the highest weight" in page.text  # the rule stands on the page


def test_points_without_motivation_are_refused(tender, browse):
    plan = tender.opened_of(tender.bidders[0])
    approach = tender.call.criteria[0]
    answer = browse(tender.scorers[0]).post_form(f"/opened/{plan.id}/consensus", {f"points_{approach.id.hex}": 7})
    assert answer.status_code == 422
    assert "Give both points and a motivation." in answer.text
    assert 'value="7"' in answer.text
    with pytest.raises(Refused):
        set_consensus(plan, {approach.id: Mark(None, "Only words")}, actor=tender.scorers[0])
    assert db.session.scalars(db.select(Consensus)).all() == []


def test_taking_back_an_agreement_takes_back_that_all_is_agreed(tender):
    first, second = (tender.opened_of(bidder) for bidder in tender.bidders)
    for plan in (first, second):
        set_consensus(plan, marks(tender.call, 7, 7 if plan is first else 6), actor=tender.scorers[0])
    assert tender.evaluation.agreed_at is not None
    set_consensus(second, marks(tender.call, 7, None), actor=tender.scorers[0])
    assert tender.evaluation.agreed_at is None


def test_the_second_of_two_scorers_hears_that_it_changed(tender, browse):
    plan = tender.opened_of(tender.bidders[0])
    scorer = browse(tender.scorers[0])
    page = scorer.get_ok(f"/opened/{plan.id}/consensus")
    set_consensus(plan, marks(tender.call, 3, 3), actor=tender.scorers[1])
    approach = tender.call.criteria[0]
    answer = scorer.submit(page, {f"points_{approach.id.hex}": 9, f"motivation_{approach.id.hex}": "What I had typed"})
    assert answer.status_code == 409
    assert "What I had typed" in answer.text
    with pytest.raises(Changed):
        set_consensus(plan, marks(tender.call, 9, 9), actor=tender.scorers[0], version=1)
    assert plan.points() == {criterion.id: 3 for criterion in tender.call.criteria}


def test_no_consensus_before_all_have_locked(app, browse):
    tender = make_tender(bidders=1)
    open_plans(tender)
    plan = tender.opened_of(tender.bidders[0])
    with pytest.raises(NotNow):
        set_consensus(plan, marks(tender.call, 7, 7), actor=tender.scorers[0])


def test_only_scorers_agree(tender, browse):
    plan = tender.opened_of(tender.bidders[0])
    assert browse(tender.openers[0]).get(f"/opened/{plan.id}/consensus").status_code == 403
    assert browse(tender.official).get(f"/opened/{plan.id}/consensus").status_code == 404
    with pytest.raises(NotYours):
        set_consensus(plan, marks(tender.call, 7, 7), actor=tender.official)


def test_a_shared_first_place_is_not_awarded(app, browse):
    """Equal in every criterion: no lot is drawn in silence."""
    tender = make_tender(bidders=2)
    evaluation = freeze(tender, (7, 7), (7, 7))
    assert [plan.rank for plan in evaluation.opened] == [1, 1]
    answer = browse(tender.official).get(f"/evaluations/{evaluation.id}/decide")
    assert answer.status_code == 409
    assert "share the first place" in answer.text
