"""Who judges, and what each of them gives: declare, name, release, score, lock."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from app.access.actions import Action
from app.access.record import record
from app.calls.independence import why_not_independent
from app.calls.models import LEAST_SCORERS, Call, CommitteeMember, Criterion, Duty
from app.consortia.models import Consortium
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evaluation import conflicts, notices
from app.evaluation.conflict_models import ConflictDeclaration, ConflictFinding
from app.evaluation.models import Evaluation, OpenedProposal, Score
from app.evaluation.rules import quality_of
from app.evaluation.states import FINDING_FLOW, FLOW, Admission, Detected, EvaluationState, Release
from app.extensions import db
from app.people.models import User


@dataclass(frozen=True, slots=True)
class Mark:
    """What a scorer, or the committee, gives one criterion of one plan: points and why (either may be missing
    in a draft)."""

    points: int | None
    motivation: str


Marks = Mapping[uuid.UUID, Mark]  # by criterion


@operation
def declare_conflict(evaluation: Evaluation, has_conflict: bool, explanation: str, *, actor: User) -> None:
    """Whoever opens, scores or decides says, on the names of the bidders alone, whether there is a conflict of
    interest.

    With one, the person is out at once: reads nothing, and what was scored no longer counts. "None" may later become a
    conflict, never the other way round. Refused when the portal itself knows better; somebody who is named in a plan
    waits until an official of the leading municipality has looked whether it is a namesake.
    """
    FLOW.advance(evaluation, Action.CONFLICT_DECLARE)
    declared = evaluation.declaration_of(actor)
    if declared is not None and (declared.has_conflict or not has_conflict):
        raise NotNow(_("You have declared already."))
    if has_conflict and not explanation:
        raise Refused(_("Say what the conflict of interest is."), "explanation")
    found = [] if has_conflict else conflicts.found_about(evaluation, actor)
    _refuse_known(found, actor, "has_conflict")
    if not has_conflict:
        _refuse_dependent(evaluation, actor, "has_conflict")
    record(Action.CONFLICT_DECLARE, evaluation, actor, has_conflict=has_conflict)
    if declared is None:
        declared = ConflictDeclaration(user=actor)
        evaluation.conflicts.append(declared)
    declared.has_conflict, declared.explanation = has_conflict, explanation
    db.session.flush()
    for finding in conflicts.keep(evaluation, actor, found):
        notices.tell_found(finding)
    if has_conflict:
        notices.tell_declared(evaluation, actor, len(evaluation.active_scorers()), LEAST_SCORERS)
    _look_again(evaluation)


def _refuse_dependent(evaluation: Evaluation, person: User, field: str) -> None:
    """A party may have been added to the bond, or a membership made, since the committee was named."""
    reason = why_not_independent(evaluation.call.programme, [person.id])
    if reason is not None:
        raise Refused(reason, field)


def _refuse_known(found: list[tuple[Detected, Consortium]], person: User, field: str) -> None:
    """A tie that stands in the books cannot be declared away; a name in a plan may be that of another."""
    known = next((one for one in found if one[0] != Detected.NAMED_PERSON), None)
    if known is None:
        return
    kind, bidder = known
    if kind == Detected.SAME_ORGANISATION:
        raise Refused(
            _("%(name)s takes part in %(bidder)s: that is a conflict.", name=person.name, bidder=bidder.name), field
        )
    raise Refused(
        _("%(name)s %(tie)s (%(bidder)s): that is a conflict.", name=person.name, tie=kind.label, bidder=bidder.name),
        field,
    )


@operation
def dismiss_conflict(finding: ConflictFinding, reason: str, *, actor: User) -> None:
    """An official of the leading municipality, never the person concerned, finds that the name in the plan is a
    namesake's; the plans open again to whoever declared."""
    FINDING_FLOW.advance(finding, Action.CONFLICT_DISMISS)
    record(Action.CONFLICT_DISMISS, finding, actor, person=str(finding.user_id))
    finding.dismissed_at, finding.dismissed_by_id, finding.reason = clock.now(), actor.id, reason
    notices.tell_dismissed(finding)


@operation
def name_scorer(evaluation: Evaluation, person: User, *, actor: User) -> None:
    """The lead official names another scorer, for instance after a conflict of interest left fewer than three. When the
    committee was agreeing already, it waits until the new scorer has locked too."""
    FLOW.advance(evaluation, Action.SCORER_NAME)
    if any(scorer.id == person.id for scorer in evaluation.scorers()):
        raise Refused(_("%(name)s scores already.", name=person.name), "person")
    found = conflicts.found_about(evaluation, person)
    _refuse_known(found, person, "person")
    _refuse_dependent(evaluation, person, "person")
    if found:
        name = found[0][1].name
        raise Refused(_("%(name)s is named in the plan of %(bidder)s.", name=person.name, bidder=name), "person")
    record(Action.SCORER_NAME, evaluation, actor, scorer=str(person.id))
    evaluation.call.committee.append(CommitteeMember(user=person, duty=Duty.SCORER))
    evaluation.state = EvaluationState.SCORING
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
    reach_consensus(evaluation)


@operation
def give_score(opened: OpenedProposal, marks: Marks, *, actor: User) -> None:
    """Save the actor's own points and motivations for one plan; a draft until it is locked. Only for an admitted plan,
    and only points that stand on the scale of the call."""
    evaluation = opened.evaluation
    FLOW.advance(evaluation, Action.SCORE_GIVE)
    expect_admitted(opened)
    if actor.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))
    given = {score.criterion_id: score for score in opened.scores if score.scorer_id == actor.id}
    for criterion in quality_of(evaluation.call):
        mark = marks.get(criterion.id, Mark(None, ""))
        expect_on_scale(mark, criterion, evaluation.call)
        score = given.get(criterion.id)
        if score is None:
            score = Score(criterion=criterion, scorer=actor)
            opened.scores.append(score)
        score.points, score.motivation = mark.points, mark.motivation
    # How many points were given stays out of the trail: colleagues' scores are nobody's business before the lock.
    record(Action.SCORE_GIVE, opened, actor)


def expect_admitted(opened: OpenedProposal) -> None:
    if not opened.is_admitted:
        raise NotNow(_("Only an admitted plan is scored; this one is: %(state)s.", state=opened.admission.label))


def expect_on_scale(mark: Mark, criterion: Criterion, call: Call) -> None:
    if mark.points is not None and mark.points not in call.scale:
        raise Refused(_("Give one of these: %(points)s.", points=on_scale(call)), f"points_{criterion.id.hex}")


def on_scale(call: Call) -> str:
    return ", ".join(str(point) for point in sorted(call.scale))


@operation
def lock_scores(evaluation: Evaluation, *, actor: User) -> None:
    """The actor's scores are complete and final. When every scorer has locked, the committee sees them all.

    Refused while a plan is not screened, or a point or a motivation is missing (domain, section 6: locked before
    consensus).
    """
    FLOW.advance(evaluation, Action.SCORE_LOCK)
    if actor.id in evaluation.who_locked():
        raise NotNow(_("You have locked your scores."))
    admissions = evaluation.admissions()
    if admissions[Admission.OPEN]:
        raise NotNow(_("Not every plan has been admitted or excluded."))
    scores = evaluation.scores_of(actor)
    complete = {(s.opened_id, s.criterion_id) for s in scores if s.points is not None and s.motivation}
    criteria = quality_of(evaluation.call)
    wanted = {(plan, criterion.id) for plan in evaluation.admitted_ids() for criterion in criteria}
    if not wanted:
        raise NotNow(_("No plan was admitted.") if evaluation.standing()[0] else _("No plan was opened."))
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
    reach_consensus(evaluation)


def _digest_of(scores: list[Score]) -> str:
    rows = sorted([str(s.opened_id), str(s.criterion_id), s.points, s.motivation] for s in scores)
    return hashlib.sha256(json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


def reach_consensus(evaluation: Evaluation) -> None:
    """At least three scorers without a conflict, and all of them have locked."""
    active = {scorer.id for scorer in evaluation.active_scorers()}
    if len(active) >= LEAST_SCORERS and active <= evaluation.who_locked():
        evaluation.state = EvaluationState.CONSENSUS
        notices.tell_consensus(evaluation)


def _look_again(evaluation: Evaluation) -> None:
    """After a conflict of interest: who remains may have locked all; or too few remain to agree."""
    if evaluation.state == EvaluationState.SCORING:
        reach_consensus(evaluation)
    elif evaluation.state == EvaluationState.CONSENSUS and len(evaluation.active_scorers()) < LEAST_SCORERS:
        evaluation.state = EvaluationState.SCORING
