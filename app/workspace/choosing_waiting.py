"""What waits while plans are opened, screened, scored, ranked and awarded."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, exists, func, select

from app.access.actions import Action as A
from app.awards.models import Letter, LetterReading
from app.awards.states import LetterState
from app.calls.models import LEAST_SCORERS, Call, CommitteeMember, Duty
from app.calls.states import CallState
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.evaluation.award_models import Objection
from app.evaluation.conflict_models import ConflictDeclaration, ConflictFinding
from app.evaluation.consensus_models import Meeting
from app.evaluation.models import Evaluation, OpenedProposal, Score
from app.evaluation.proof_models import Proof
from app.evaluation.screening_models import Enquiry
from app.evaluation.states import Admission, EvaluationState
from app.programmes.models import Part, Programme
from app.workspace.rows import ME, ORGANISATIONS, TODAY, bond, mine_as

OFFICIALS = mine_as(Part.GOVERNMENT, lead=True)
S = EvaluationState


def of_committee() -> Iterator[Select[Any]]:
    """Whoever is named in a call: declares, screens, scores, agrees, draws lots, checks proof."""
    duty = select(CommitteeMember.call_id).where(CommitteeMember.user_id == ME)
    opens, scores = duty.where(CommitteeMember.duty == Duty.OPENER), duty.where(CommitteeMember.duty == Duty.SCORER)
    declared = select(ConflictDeclaration.evaluation_id).where(ConflictDeclaration.user_id == ME)
    free = Evaluation.id.in_(declared.where(~ConflictDeclaration.has_conflict))
    opening, scoring = Evaluation.call_id.in_(opens), Evaluation.call_id.in_(scores)
    to_screen = _plans(OpenedProposal.admission == Admission.OPEN)
    yield _evaluation(A.CONFLICT_DECLARE, S.SCORING).where(opening | scoring, Evaluation.id.not_in(declared))
    yield _evaluation(A.SCREENING_DECIDE, S.SCORING).where(opening, free, to_screen)
    locked = (
        select(OpenedProposal.evaluation_id)
        .join(Score, Score.opened_id == OpenedProposal.id)
        .where(Score.scorer_id == ME, Score.locked_at.is_not(None))
    )
    to_lock = _evaluation(A.SCORE_LOCK, S.SCORING, Call.id).where(scoring, free, ~to_screen)
    yield to_lock.where(Evaluation.id.not_in(locked))
    agreeing = scoring, free
    yield _evaluation(A.CONSENSUS_SET, S.CONSENSUS, Call.id).where(*agreeing, Evaluation.agreed_at.is_(None))
    agreed = _evaluation(A.MEETING_RECORD, S.CONSENSUS).where(*agreeing, Evaluation.agreed_at.is_not(None))
    yield agreed.where(~_met())
    yield _evaluation(A.TIE_DRAW, S.FROZEN).where(opening, free, Evaluation.is_tied)
    handed = select(OpenedProposal.evaluation_id).join(Proof, Proof.opened_id == OpenedProposal.id)
    handed = handed.where(Proof.handed_in_at.is_not(None), Proof.accepted.is_(None))
    yield _evaluation(A.PROOF_CHECK, S.STANDSTILL).where(opening, free, Evaluation.id.in_(handed))


def of_award() -> Iterator[Select[Any]]:
    """The officials of the leading municipality: name a scorer, freeze, decide, answer objections, make final."""
    mine = Programme.id.in_(OFFICIALS)
    judged = Evaluation.state.in_([S.SCORING, S.CONSENSUS])
    yield _of_any_state(A.SCORER_NAME).where(mine, judged, _scorers_left() < LEAST_SCORERS)
    agreed = _evaluation(A.QUALITY_FREEZE, S.CONSENSUS).where(mine, Evaluation.agreed_at.is_not(None))
    yield agreed.where(_met())
    ranked = _evaluation(A.AWARD_DECIDE, S.FROZEN).where(mine, Evaluation.ranked_at.is_not(None))
    yield ranked.where(~Evaluation.is_tied)
    undecided = select(Objection.evaluation_id).where(Objection.decided_at.is_(None))
    yield _evaluation(A.OBJECTION_DECIDE, S.STANDSTILL).where(mine, Evaluation.id.in_(undecided))
    over = _evaluation(A.AWARD_FINALISE, S.STANDSTILL)
    over = over.where(mine, Evaluation.standstill_until < TODAY, Evaluation.id.not_in(undecided))
    lacking = select(OpenedProposal.evaluation_id).join(Proof, Proof.opened_id == OpenedProposal.id)
    yield over.where(Evaluation.id.not_in(lacking.where(OpenedProposal.rank == 1, Proof.accepted.is_not(True))))


def of_asked() -> Iterator[Select[Any]]:
    """A bidder: answers what was asked about its plan, reads its letter, hands in its proof."""
    leads = select(Consortium.id).where(Consortium.lead_id.in_(ORGANISATIONS))
    asked = bond(A.ENQUIRY_ANSWER, Enquiry.id).select_from(Enquiry)
    asked = asked.join(OpenedProposal, OpenedProposal.id == Enquiry.opened_id)
    asked = asked.join(Evaluation, Evaluation.id == OpenedProposal.evaluation_id)
    asked = asked.join(Programme, Programme.id == Evaluation.programme_id)
    asked = asked.where(OpenedProposal.consortium_id.in_(leads), Evaluation.state.in_([S.SCORING, S.FROZEN]))
    yield asked.where(Enquiry.answered_at.is_(None), Enquiry.judged_at.is_(None), Enquiry.answer_until >= TODAY)
    ours = select(Partner.consortium_id).where(
        Partner.organisation_id.in_(ORGANISATIONS), Partner.state == PartnerState.ACCEPTED
    )
    letters = bond(A.LETTER_READ, Letter.id).select_from(Letter)
    letters = letters.join(Evaluation, Evaluation.id == Letter.evaluation_id)
    letters = letters.join(OpenedProposal, OpenedProposal.id == Letter.opened_id)
    letters = letters.join(Programme, Programme.id == Evaluation.programme_id)
    letters = letters.where(Evaluation.state == S.STANDSTILL, OpenedProposal.consortium_id.in_(ours))
    read = exists().where(LetterReading.letter_id == Letter.id, LetterReading.user_id == ME)
    yield letters.where(Letter.state == LetterState.SENT, ~read)
    owed = select(OpenedProposal.evaluation_id).join(Proof, Proof.opened_id == OpenedProposal.id)
    owed = owed.where(Proof.organisation_id.in_(ORGANISATIONS), OpenedProposal.rank == 1)
    owed = owed.where(Proof.handed_in_at.is_(None) | (Proof.accepted.is_not(None) & ~Proof.accepted))
    yield _evaluation(A.PROOF_HAND_IN, S.STANDSTILL).where(Evaluation.id.in_(owed))


def _evaluation(kind: A, state: EvaluationState, key: Any = Evaluation.id) -> Select[Any]:
    return _of_any_state(kind, key).where(Evaluation.state == state)


def _of_any_state(kind: A, key: Any = Evaluation.id) -> Select[Any]:
    found = bond(kind, key).select_from(Evaluation).join(Call, Call.id == Evaluation.call_id)
    return found.join(Programme, Programme.id == Evaluation.programme_id).where(Call.state != CallState.CANCELLED)


def _scorers_left() -> Any:
    """How many of those named to score have no conflict, declared or found and not dismissed."""
    out = select(ConflictDeclaration.user_id).where(
        ConflictDeclaration.evaluation_id == Evaluation.id, ConflictDeclaration.has_conflict
    )
    found = select(ConflictFinding.user_id).where(
        ConflictFinding.evaluation_id == Evaluation.id, ConflictFinding.dismissed_at.is_(None)
    )
    left = select(func.count(CommitteeMember.user_id)).where(CommitteeMember.call_id == Evaluation.call_id)
    left = left.where(CommitteeMember.duty == Duty.SCORER, CommitteeMember.user_id.not_in(out.correlate(Evaluation)))
    left = left.where(CommitteeMember.user_id.not_in(found.correlate(Evaluation)))
    return left.correlate(Evaluation).scalar_subquery()


def _plans(*kind: Any) -> Any:
    """Are there plans, of this kind?"""
    return exists().where(OpenedProposal.evaluation_id == Evaluation.id, *kind).correlate(Evaluation)


def _met() -> Any:
    """Is there a record of a meeting since the last decision was taken back?"""
    since = Evaluation.withdrawn_at.is_(None) | (Meeting.created_at >= Evaluation.withdrawn_at)
    return exists().where(Meeting.evaluation_id == Evaluation.id, since).correlate(Evaluation)
