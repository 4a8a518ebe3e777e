"""Individual scores with motivation, locked before anybody sees those of another (domain, section 6)."""

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.models import Score
from app.evaluation.operations import declare_conflict, give_score, lock_scores
from app.evaluation.states import EvaluationState
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.evaluation import make_tender, marks, open_plans, score_all


@pytest.fixture
def tender(app):
    tender = make_tender(bidders=2)
    evaluation = open_plans(tender)
    for scorer in tender.scorers:
        declare_conflict(evaluation, False, "", actor=scorer)
    return tender


def typed(tender, *points, motivation="Because of the coaching."):
    data = {}
    for criterion, given in zip(tender.call.criteria, points, strict=True):
        data[f"points_{criterion.id.hex}"] = given
        data[f"motivation_{criterion.id.hex}"] = motivation
    return data


def test_a_draft_is_saved_and_comes_back(tender, browse):
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    url = f"/opened/{plan.id}/score"
    assert browse(scorer).post_form(url, typed(tender, 8, "")).status_code == 303
    saved = db.session.scalars(db.select(Score).filter_by(scorer_id=scorer.id)).all()
    assert {(score.points, score.motivation, score.locked_at) for score in saved} == {
        (8, "Because of the coaching.", None),
        (None, "Because of the coaching.", None),
    }
    assert browse(scorer).get_ok(url).text.count("Because of the coaching.") == 2
    assert "1 of 2 scored" in browse(scorer).get_ok(f"/calls/{tender.call.id}/evaluation").text


@pytest.mark.parametrize("wrong", ["11", "-1", "7.5", "seven"])
def test_points_are_whole_numbers_from_0_to_10(tender, browse, wrong):
    plan = tender.opened_of(tender.bidders[0])
    answer = browse(tender.scorers[0]).post_form(f"/opened/{plan.id}/score", typed(tender, wrong, 5))
    assert answer.status_code == 422
    assert f'value="{wrong}"' in answer.text
    assert "Because of the coaching." in answer.text
    assert db.session.scalars(db.select(Score)).all() == []


@pytest.mark.parametrize("points", [0, 10])
def test_the_ends_of_the_scale_count(tender, browse, points):
    plan = tender.opened_of(tender.bidders[0])
    assert browse(tender.scorers[0]).post_form(f"/opened/{plan.id}/score", typed(tender, points, 5)).status_code == 303


def test_locking_needs_every_point_and_motivation(tender, browse):
    scorer, evaluation = tender.scorers[0], tender.evaluation
    first, second = (tender.opened_of(bidder) for bidder in tender.bidders)
    give_score(first, marks(tender.call, 7, 7), actor=scorer)
    give_score(second, marks(tender.call, 7, 7, motivation=""), actor=scorer)
    answer = browse(scorer).post_form(f"/evaluations/{evaluation.id}/lock")
    assert answer.status_code == 422
    assert "2 scores still lack points or a motivation." in answer.text
    give_score(second, marks(tender.call, 7, 7), actor=scorer)
    assert browse(scorer).post_form(f"/evaluations/{evaluation.id}/lock").status_code == 303
    with pytest.raises(NotNow):
        give_score(first, marks(tender.call, 10, 10), actor=scorer)
    with pytest.raises(NotNow):
        lock_scores(evaluation, actor=scorer)


def test_nobody_sees_a_score_before_everybody_has_locked(tender, browse):
    """The rule easiest to break: not the colleagues, not the openers, not the lead official, not even after locking."""
    evaluation, words = tender.evaluation, "The coaching is convincing"
    plans = [tender.opened_of(bidder) for bidder in tender.bidders]
    first, second, third = tender.scorers
    for scorer in (first, second):
        for plan in plans:
            give_score(plan, marks(tender.call, 9, 9, motivation=words), actor=scorer)
        lock_scores(evaluation, actor=scorer)
    pages = [
        f"/calls/{tender.call.id}/evaluation",
        f"/opened/{plans[0].id}",
        f"/opened/{plans[0].id}/score",
        f"/opened/{plans[0].id}/consensus",
        f"/evaluations/{evaluation.id}/scores",
        f"/evaluations/{evaluation.id}/opening",
        f"/evaluations/{evaluation.id}/decision",
    ]
    for reader in (third, tender.openers[0], tender.official):
        for url in pages:
            assert words not in browse(reader).get(url).text, (reader.name, url)
    assert browse(first).get(f"/evaluations/{evaluation.id}/scores").status_code == 409  # locked too, must wait
    assert browse(third).get(f"/evaluations/{evaluation.id}/scores").status_code == 409
    assert evaluation.state == EvaluationState.SCORING

    for plan in plans:
        give_score(plan, marks(tender.call, 4, 4), actor=third)
    lock_scores(evaluation, actor=third)
    assert evaluation.state == EvaluationState.CONSENSUS
    assert words in browse(third).get_ok(f"/evaluations/{evaluation.id}/scores").text
    told = db.session.scalars(db.select(Notification).where(Notification.action == "score.lock")).all()
    assert {notice.address for notice in told} == {scorer.email for scorer in tender.scorers}


def test_a_scorer_only_touches_own_scores(tender):
    plan = tender.opened_of(tender.bidders[0])
    first, second = tender.scorers[:2]
    give_score(plan, marks(tender.call, 9, 9), actor=first)
    give_score(plan, marks(tender.call, 2, 2), actor=second)
    by_scorer = {score.scorer_id: score.points for score in db.session.scalars(db.select(Score))}
    assert by_scorer == {first.id: 9, second.id: 2}


def test_outsiders_do_not_score(tender, browse):
    plan = tender.opened_of(tender.bidders[0])
    assert browse(tender.openers[0]).get(f"/opened/{plan.id}/score").status_code == 403
    assert browse(tender.bidders[0].lead).get(f"/opened/{plan.id}/score").status_code == 404
    with pytest.raises(NotYours):
        give_score(plan, marks(tender.call, 9, 9), actor=tender.openers[0])


def test_no_scoring_after_the_lock_of_all(app, browse):
    tender = make_tender(bidders=1)
    score_all(tender)
    assert browse(tender.scorers[0]).get(f"/opened/{tender.opened_of(tender.bidders[0]).id}/score").status_code == 409


def test_a_declaration_comes_before_the_lock(app):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    with pytest.raises(Refused):
        lock_scores(evaluation, actor=tender.scorers[0])


def test_who_has_locked_is_offered_no_form_that_refuses(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    scorer, plan = tender.scorers[0], tender.opened_of(tender.bidders[0])
    declare_conflict(evaluation, False, "", actor=scorer)
    give_score(plan, marks(tender.call, 7, 7), actor=scorer)
    home, score, lock = (
        f"/calls/{tender.call.id}/evaluation",
        f"/opened/{plan.id}/score",
        f"/evaluations/{evaluation.id}/lock",
    )
    before = browse(scorer).get_ok(home).text
    assert score in before
    assert lock in before
    assert "Completely scored by you" in browse(scorer).get_ok(lock).text
    lock_scores(evaluation, actor=scorer)
    after = browse(scorer).get_ok(home).text
    assert score not in after
    assert lock not in after
    assert browse(scorer).get(score).status_code == browse(scorer).get(lock).status_code == 409
