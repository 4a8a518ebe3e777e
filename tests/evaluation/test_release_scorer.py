"""One scorer who never locks does not hold up the others for ever; why is kept, and everybody is told."""

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.operations import declare_conflict, give_score, lock_scores, release_scorer
from app.evaluation.states import EvaluationState, Release
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.evaluation import make_tender, marks, open_plans, score_all
from tests.factories.people import make_user


def all_but_the_last_lock(tender):
    evaluation = open_plans(tender)
    for scorer in tender.scorers:
        declare_conflict(evaluation, False, "", actor=scorer)
    for scorer in tender.scorers[:-1]:
        give_score(tender.opened_of(tender.bidders[0]), marks(tender.call, 7, 7), actor=scorer)
        lock_scores(evaluation, actor=scorer)
    return evaluation


def test_the_others_go_on_and_the_reason_is_kept(app, browse):
    tender = make_tender(bidders=1, scorers=4)
    evaluation = all_but_the_last_lock(tender)
    late = tender.scorers[-1]
    assert evaluation.state == EvaluationState.SCORING
    url = f"/evaluations/{evaluation.id}/release-scorer"
    assert url in browse(tender.official).get_ok(f"/calls/{tender.call.id}/evaluation").text
    answer = browse(tender.official).post_form(url, {"person": late.id, "reason": "no_answer"})
    assert answer.status_code == 303
    db.session.refresh(evaluation)
    assert evaluation.state == EvaluationState.CONSENSUS
    assert late not in evaluation.active_scorers()
    kept = db.select(AuditFacts.body).join(AuditEntry).where(AuditEntry.action == "scorer.release")
    assert db.session.scalars(kept).all() == [{"scorer": str(late.id), "reason": "no_answer"}]
    told = set(db.session.scalars(db.select(Notification.address).filter_by(action="scorer.release")))
    assert {late.email, tender.scorers[0].email, tender.official.email} <= told
    plan = tender.opened_of(tender.bidders[0])
    assert browse(late).get(f"/opened/{plan.id}").status_code in (403, 404)


def test_fewer_than_three_scorers_still_agree_on_nothing(app):
    tender = make_tender(bidders=1, scorers=3)
    evaluation = all_but_the_last_lock(tender)
    release_scorer(evaluation, tender.scorers[-1], Release.ABSENT, actor=tender.official)
    assert evaluation.state == EvaluationState.SCORING


def test_locked_scores_stand(app, browse):
    """Otherwise an official could take away the scores that it does not like."""
    tender = make_tender(bidders=1, scorers=4)
    evaluation = all_but_the_last_lock(tender)
    page = browse(tender.official).get_ok(f"/evaluations/{evaluation.id}/release-scorer")
    assert str(tender.scorers[0].id) not in page.text
    with pytest.raises(Refused, match="has locked"):
        release_scorer(evaluation, tender.scorers[0], Release.LEFT, actor=tender.official)
    with pytest.raises(Refused, match="does not score"):
        release_scorer(evaluation, make_user(), Release.LEFT, actor=tender.official)


def test_only_the_lead_official_and_only_while_scores_are_given(app, browse):
    tender = make_tender(bidders=1)
    evaluation = open_plans(tender)
    assert browse(tender.scorers[0]).get(f"/evaluations/{evaluation.id}/release-scorer").status_code == 403
    with pytest.raises(NotYours):
        release_scorer(evaluation, tender.scorers[1], Release.LEFT, actor=tender.scorers[0])
    tender = make_tender(bidders=1)
    evaluation = score_all(tender)
    assert browse(tender.official).get(f"/evaluations/{evaluation.id}/release-scorer").status_code == 409
    with pytest.raises(NotNow):
        release_scorer(evaluation, tender.scorers[1], Release.LEFT, actor=tender.official)
