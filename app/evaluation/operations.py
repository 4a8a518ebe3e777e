"""The only code that changes evaluations: open, declare, score, agree, decide, object, finalise."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.models import LEAST_SCORERS, CommitteeMember, Duty
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evaluation import notices, ranking
from app.evaluation.models import (
    ConflictDeclaration,
    Consensus,
    Evaluation,
    OpenedProposal,
    Score,
)
from app.evaluation.states import FLOW, EvaluationState, Release
from app.extensions import db
from app.people.models import User


@dataclass(frozen=True, slots=True)
class Mark:
    """What a scorer, or the committee, gives one criterion of one plan: 0-10 points and why (either may be missing
    in a draft)."""

    points: int | None
    motivation: str


Marks = Mapping[uuid.UUID, Mark]  # by criterion


@operation
def declare_conflict(evaluation: Evaluation, has_conflict: bool, explanation: str, *, actor: User) -> None:
    """A scorer says, now that the bidders are known, whether there is a conflict of interest.

    With one, the scorer is out: reads nothing, and what was scored no longer counts. "None" may later become a
    conflict, never the other way round. Refused when the portal itself knows better.
    """
    FLOW.advance(evaluation, Action.CONFLICT_DECLARE)
    declared = evaluation.declaration_of(actor)
    if declared is not None and (declared.has_conflict or not has_conflict):
        raise NotNow(_("You have declared already."))
    if has_conflict and not explanation:
        raise Refused(_("Say what the conflict of interest is."), "explanation")
    if not has_conflict:
        _refuse_bidder(evaluation, actor, "has_conflict")
    record(Action.CONFLICT_DECLARE, evaluation, actor, has_conflict=has_conflict)
    if declared is None:
        declared = ConflictDeclaration(user=actor)
        evaluation.conflicts.append(declared)
    declared.has_conflict, declared.explanation = has_conflict, explanation
    db.session.flush()
    notices.tell_declared(evaluation, actor, has_conflict, len(evaluation.active_scorers()), LEAST_SCORERS)
    _reach_consensus(evaluation)


def _refuse_bidder(evaluation: Evaluation, person: User, field: str) -> None:
    own = evaluation.opened_by(person)
    if own:
        name = own[0].consortium.name
        raise Refused(_("%(name)s takes part in %(bidder)s: that is a conflict.", name=person.name, bidder=name), field)


@operation
def name_scorer(evaluation: Evaluation, person: User, *, actor: User) -> None:
    """The lead official names another scorer, for instance after a conflict of interest left fewer than three."""
    FLOW.advance(evaluation, Action.SCORER_NAME)
    if any(scorer.id == person.id for scorer in evaluation.scorers()):
        raise Refused(_("%(name)s scores already.", name=person.name), "person")
    _refuse_bidder(evaluation, person, "person")
    record(Action.SCORER_NAME, evaluation, actor, scorer=str(person.id))
    evaluation.call.committee.append(CommitteeMember(user=person, duty=Duty.SCORER))
    notices.tell_named(evaluation, person)


@operation
def release_scorer(evaluation: Evaluation, person: User, reason: Release, *, actor: User) -> None:
    """A scorer who never locks would hold up everybody: the lead official takes this person off the committee.

    Nobody's scores are known yet, so nothing can be steered by it. Refused for who has locked; the committee is told.
    """
    FLOW.advance(evaluation, Action.SCORER_RELEASE)
    seats = evaluation.call.committee
    seat = next((one for one in seats if one.duty == Duty.SCORER and one.user_id == person.id), None)
    if seat is None:
        raise Refused(_("%(name)s does not score.", name=person.name), "person")
    if person.id in evaluation.who_locked():
        raise Refused(_("%(name)s has locked: those scores stand.", name=person.name), "person")
    record(Action.SCORER_RELEASE, evaluation, actor, scorer=str(person.id), reason=reason)
    seats.remove(seat)
    db.session.flush()
    notices.tell_released(evaluation, person, reason)
    _reach_consensus(evaluation)


@operation
def give_score(opened: OpenedProposal, marks: Marks, *, actor: User) -> None:
    """Save the actor's own points and motivations for one plan; a draft until it is locked."""
    evaluation = opened.evaluation
    FLOW.advance(evaluation, Action.SCORE_GIVE)
    if actor.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))
    given = {score.criterion_id: score for score in opened.scores if score.scorer_id == actor.id}
    for criterion in evaluation.call.criteria:
        mark = marks.get(criterion.id, Mark(None, ""))
        score = given.get(criterion.id)
        if score is None:
            score = Score(criterion=criterion, scorer=actor)
            opened.scores.append(score)
        score.points, score.motivation = mark.points, mark.motivation
    # How many points were given stays out of the trail: colleagues' scores are nobody's business before the lock.
    record(Action.SCORE_GIVE, opened, actor)


@operation
def lock_scores(evaluation: Evaluation, *, actor: User) -> None:
    """The actor's scores are complete and final. When every scorer has locked, the committee sees them all.

    Refused while a point or a motivation is missing (domain, section 6: locked before consensus).
    """
    FLOW.advance(evaluation, Action.SCORE_LOCK)
    if actor.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))
    scores = evaluation.scores_of(actor)
    complete = {(s.opened_id, s.criterion_id) for s in scores if s.points is not None and s.motivation}
    wanted = {(opened.id, criterion.id) for opened in evaluation.opened for criterion in evaluation.call.criteria}
    if not wanted:
        raise NotNow(_("No plan was opened."))
    if wanted - complete:
        missing = len(wanted - complete)
        raise Refused(
            ngettext(
                "%(num)d score still lacks points or a motivation.",
                "%(num)d scores still lack points or a motivation.",
                missing,
            )
        )
    record(Action.SCORE_LOCK, evaluation, actor, digest=_digest_of(scores))
    now = clock.now()
    for score in scores:
        score.locked_at = now
    db.session.flush()
    _reach_consensus(evaluation)


def _digest_of(scores: list[Score]) -> str:
    rows = sorted([str(s.opened_id), str(s.criterion_id), s.points, s.motivation] for s in scores)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def _reach_consensus(evaluation: Evaluation) -> None:
    """At least three scorers without a conflict, and all of them have locked."""
    active = {scorer.id for scorer in evaluation.active_scorers()}
    if len(active) >= LEAST_SCORERS and active <= evaluation.who_locked():
        evaluation.state = EvaluationState.CONSENSUS
        notices.tell_consensus(evaluation)


@operation
def set_consensus(opened: OpenedProposal, marks: Marks, *, actor: User, version: int | None = None) -> None:
    """What the committee agrees on one plan; a criterion without points and motivation is not agreed yet.

    Refused when one of the two is missing: every bidder hears why (arts. 2.130 and 2.131 Aw).
    """
    opened.expect_version(version)
    FLOW.advance(opened.evaluation, Action.CONSENSUS_SET)
    agreed = {one.criterion_id: one for one in opened.consensus}
    for criterion in opened.evaluation.call.criteria:
        mark, one = marks.get(criterion.id, Mark(None, "")), agreed.get(criterion.id)
        if (mark.points is None) != (not mark.motivation):
            missing = "points" if mark.points is None else "motivation"
            raise Refused(_("Give both points and a motivation."), f"{missing}_{criterion.id.hex}")
        if mark.points is None:
            if one is not None:
                opened.consensus.remove(one)
                db.session.delete(one)
            continue
        if one is None:
            opened.consensus.append(Consensus(criterion=criterion, points=mark.points, motivation=mark.motivation))
        else:
            one.points, one.motivation = mark.points, mark.motivation
    flag_modified(opened, "total_hundredths")  # the version counts every change of what is agreed
    db.session.flush()
    record(Action.CONSENSUS_SET, opened, actor, points={str(key): value for key, value in opened.points().items()})
    _rank(opened.evaluation)


def _rank(evaluation: Evaluation) -> None:
    weights = [ranking.Weight(criterion.id, criterion.weight) for criterion in evaluation.call.criteria]
    points = evaluation.points()
    is_complete = all(len(own) == len(weights) for own in points.values())
    was_complete = all(opened.rank is not None for opened in evaluation.opened)
    places = ranking.rank(points, weights) if is_complete else {}
    for opened in evaluation.opened:
        place = places.get(opened.id)
        opened.total_hundredths = place.total_hundredths if place else None
        opened.rank = place.rank if place else None
    if is_complete and not was_complete:
        notices.tell_ranked(evaluation)
