"""The only code that changes evaluations: open, declare, score, agree, decide, object, finalise."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls.models import LEAST_SCORERS, Call, CommitteeMember, Duty
from app.calls.operations import close_call
from app.calls.states import CallState
from app.consortia.models import Consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.evaluation import notices, ranking
from app.evaluation.models import (
    ConflictDeclaration,
    Consensus,
    Evaluation,
    Objection,
    OpenedProposal,
    OpeningConsent,
    Score,
)
from app.evaluation.states import FLOW, OBJECTION_FLOW, EvaluationState, Release
from app.extensions import db
from app.people.models import User
from app.programmes.operations import reach_phase
from app.programmes.states import Phase
from app.proposals.models import Proposal
from app.proposals.sealing import SealBroken, open_sealed
from app.proposals.states import ProposalState


@dataclass(frozen=True, slots=True)
class Mark:
    """What a scorer, or the committee, gives one criterion of one plan: 0-10 points and why (either may be missing
    in a draft)."""

    points: int | None
    motivation: str


Marks = Mapping[uuid.UUID, Mark]  # by criterion


@operation
def consent_to_open(call: Call, *, actor: User) -> Evaluation:
    """An official named in the call consents; the second one opens every plan that was handed in.

    `NotNow` before the deadline (art. 2.108 Aw), `NotYours` for a second consent by the same person. A plan that no
    longer matches its digest stays closed and is reported; the others open.
    """
    evaluation = Evaluation.of(call)
    FLOW.advance(evaluation, Action.PROPOSALS_OPEN)
    db.session.add(evaluation)
    is_first = not evaluation.consents
    opened, broken = ([], []) if is_first else _open_all(evaluation)
    record(
        Action.PROPOSALS_OPEN,
        evaluation,
        actor,
        opened={str(one.proposal_id): one.digest for one in opened},
        broken={str(one.id): one.digest for one in broken},
    )
    evaluation.consents.append(OpeningConsent(user=actor))
    if is_first:
        notices.tell_first_consent(evaluation, actor)
    else:
        notices.tell_opened(evaluation, [proposal.consortium for proposal in broken])
    return evaluation


def _open_all(evaluation: Evaluation) -> tuple[list[OpenedProposal], list[Proposal]]:
    call = evaluation.call
    if call.state == CallState.PUBLISHED:  # the deadline rules, not the worker that makes it visible
        close_call(call)
    handed_in = select(Proposal).filter_by(call_id=call.id, state=ProposalState.SUBMITTED)
    broken = []
    for proposal in db.session.scalars(handed_in.order_by(Proposal.submitted_at, Proposal.id)):
        try:
            content = open_sealed(proposal)
        except SealBroken:
            broken.append(proposal)
            continue
        proposal.state = ProposalState.OPENED
        evaluation.opened.append(
            OpenedProposal(
                proposal=proposal, consortium=proposal.consortium, content=dict(content), digest=proposal.digest
            )
        )
    evaluation.state = EvaluationState.SCORING
    db.session.flush()
    return list(evaluation.opened), broken


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


@operation
def write_reasons(
    evaluation: Evaluation, reasons: Mapping[uuid.UUID, str], *, actor: User, version: int | None = None
) -> None:
    """Keep the reasons of some bidders until the decision is taken: with many plans nobody writes all in one go."""
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_REASON)
    for opened in evaluation.opened:
        opened.reasons = reasons.get(opened.id, opened.reasons)
    flag_modified(evaluation, "state")  # two people who write at once hear of each other
    record(Action.AWARD_REASON, evaluation, actor, plans=sorted(str(key) for key in reasons))


@operation
def decide_award(
    evaluation: Evaluation, reasons: Mapping[uuid.UUID, str], *, actor: User, version: int | None = None
) -> None:
    """Decide for the first of the ranking and send every bidder its letter. `reasons` by opened plan; a plan that is
    not among them keeps what was written before.

    Refused while a bidder has no reasons (art. 2.130 Aw: features and relative advantages of the winner). The
    standstill counts from the day after sending (art. 2.127 Aw; BE: art. 11 Law of 17 June 2013).
    """
    evaluation.expect_version(version)
    FLOW.advance(evaluation, Action.AWARD_DECIDE)
    for opened in evaluation.opened:
        opened.reasons = reasons.get(opened.id, opened.reasons)
        if not opened.reasons:
            raise Refused(_("Every bidder must hear the reasons."), f"reasons_{opened.id.hex}")
    call = evaluation.call
    evaluation.decided_at, evaluation.withdrawn_at = clock.now(), None
    evaluation.standstill_until = clock.term_end(clock.today(), call.standstill_days, call.programme.jurisdiction)
    record(
        Action.AWARD_DECIDE,
        evaluation,
        actor,
        ranking={str(one.consortium_id): [one.rank, one.total_hundredths] for one in evaluation.opened},
        standstill_until=evaluation.standstill_until,
    )
    notices.tell_decided(evaluation)


@operation
def file_objection(evaluation: Evaluation, grounds: str, *, actor: User) -> Objection:
    """The lead partner of a bidder objects within the standstill. `NotNow` while an earlier one is undecided."""
    FLOW.advance(evaluation, Action.OBJECTION_FILE)
    lead_of = [o.consortium for o in evaluation.opened_by(actor) if o.consortium.lead_id in actor.organisation_ids]
    undecided = {objection.consortium_id for objection in evaluation.objections if objection.decided_at is None}
    free = [consortium for consortium in lead_of if consortium.id not in undecided]
    if lead_of and not free:
        raise NotNow(_("Your objection has been filed and is not decided yet."))
    objection = Objection(consortium=free[0] if free else None, filed_by=actor, grounds=grounds)
    record(Action.OBJECTION_FILE, evaluation, actor)
    evaluation.objections.append(objection)
    db.session.flush()
    notices.tell_objection(objection)
    return objection


@operation
def decide_objection(objection: Objection, upheld: bool, decision: str, *, actor: User) -> None:
    """Upheld: the award decision is withdrawn, the evaluation is back at consensus, other open objections lapse.
    Rejected: the decision stands. Both with words."""
    OBJECTION_FLOW.advance(objection, Action.OBJECTION_DECIDE)
    evaluation, now = objection.evaluation, clock.now()
    record(Action.OBJECTION_DECIDE, objection, actor, upheld=upheld)
    objection.upheld, objection.decision, objection.decided_at = upheld, decision, now
    if upheld:
        for other in evaluation.objections:
            other.decided_at = other.decided_at or now
        evaluation.state = EvaluationState.CONSENSUS
        evaluation.decided_at, evaluation.standstill_until, evaluation.withdrawn_at = None, None, now
    notices.tell_objection_decided(objection)


@operation
def finalise_award(evaluation: Evaluation, *, actor: User) -> None:
    """The standstill has passed and no objection is open: the award is final, the bond goes on to its agreement."""
    FLOW.advance(evaluation, Action.AWARD_FINALISE)
    winner, call = evaluation.awarded(), evaluation.call
    handed_in = select(Consortium).filter_by(call_id=call.id, state=ConsortiumState.SUBMITTED)
    for consortium in db.session.scalars(handed_in):
        consortium.state = ConsortiumState.NOT_AWARDED
    winner.consortium.state = ConsortiumState.AWARDED
    evaluation.finalised_at = clock.now()
    call.state = CallState.AWARDED
    reach_phase(call.programme, Phase.AGREEMENT)
    record(Action.AWARD_FINALISE, evaluation, actor, winner=str(winner.consortium_id))
    notices.tell_final(evaluation)
