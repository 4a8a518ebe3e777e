"""What waits for the officials who open: a key to make, the plans, and later what they ask in money."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import aliased

from app.access.actions import Action as A
from app.audit.models import AuditEntry
from app.calls.asked import ItemKind, PlanItem
from app.calls.extension_models import Extension
from app.calls.key_models import OPEN_TOGETHER, CallKey, KeyLayer, OpenerKey, Purpose
from app.calls.models import Call, CommitteeMember, Criterion, CriterionKind, Duty
from app.calls.states import CallState, ExtensionState
from app.consortia.models import Consortium
from app.evaluation.models import Evaluation
from app.evaluation.opening_models import OpeningConsent
from app.evaluation.states import EvaluationState
from app.programmes.models import Part, Programme
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.workspace.rows import ME, NOW, ORGANISATIONS, bond, mine_as, other_eyes

OPENS = select(CommitteeMember.call_id).where(CommitteeMember.user_id == ME, CommitteeMember.duty == Duty.OPENER)


def of_opener() -> Iterator[Select[Any]]:
    made = select(OpenerKey.call_id).where(OpenerKey.user_id == ME, OpenerKey.retired_at.is_(None))
    alive = [CallState.DRAFT, CallState.PUBLISHED, CallState.CLOSED]
    named = bond(A.OPENING_KEY_MAKE, Call.id).join_from(Call, Programme).where(Call.id.in_(OPENS))
    yield named.where(Call.id.not_in(made), Call.state.in_(alive), Call.plans_opened_at.is_(None))
    yield _plans()
    yield _second_envelopes()
    yield from of_replaced()


def of_replaced() -> Iterator[Select[Any]]:
    """An official who opens is to be replaced, for a second official; or was, for a bidder whose plan opens no more."""
    alive = Call.state.in_([CallState.PUBLISHED, CallState.CLOSED]), Call.plans_opened_at.is_(None)
    said, later = aliased(AuditEntry), aliased(AuditEntry)
    answered = exists().where(later.subject_id == said.subject_id, later.seq > said.seq)
    proposed = exists().where(said.subject_id == CommitteeMember.id, said.action == str(A.OPENER_PROPOSE), ~answered)
    seats = bond(A.OPENER_REPLACE, CommitteeMember.id).select_from(CommitteeMember)
    seats = seats.join(Call, Call.id == CommitteeMember.call_id).join(Programme, Programme.id == Call.programme_id)
    seats = seats.where(*alive, proposed, Programme.id.in_(mine_as(Part.GOVERNMENT, lead=True)))
    yield seats.where(other_eyes(A.OPENER_REPLACE, CommitteeMember.id))
    plans = bond(A.PROPOSAL_RESEAL, Proposal.id).select_from(Proposal).join(Call, Call.id == Proposal.call_id)
    plans = plans.join(Programme, Programme.id == Call.programme_id)
    plans = plans.join(Consortium, Consortium.id == Proposal.consortium_id)
    plans = plans.where(*alive, Proposal.state == ProposalState.SUBMITTED, Consortium.lead_id.in_(ORGANISATIONS))
    yield plans.where(_officials_left() < OPEN_TOGETHER)


def _officials_left() -> Any:
    """How many of the keys that this plan is sealed to were not retired."""
    left = select(func.count(KeyLayer.outer_id.distinct())).join(CallKey, CallKey.id == KeyLayer.key_id)
    left = left.join(OpenerKey, OpenerKey.id == KeyLayer.outer_id).where(OpenerKey.retired_at.is_(None))
    left = left.where(CallKey.call_id == Proposal.call_id, CallKey.generation == Proposal.generation)
    return left.where(CallKey.purpose == Purpose.PLAN).correlate(Proposal).scalar_subquery()


def _plans() -> Select[Any]:
    handed_in = select(Proposal.call_id).where(Proposal.state == ProposalState.SUBMITTED)
    due = bond(A.PROPOSALS_OPEN, Call.id).join_from(Call, Programme).where(Call.id.in_(OPENS), Call.deadline <= NOW)
    due = due.where(Call.state.in_([CallState.PUBLISHED, CallState.CLOSED]), Call.plans_opened_at.is_(None))
    consented = select(Evaluation.call_id).where(Evaluation.id.in_(_consented(Purpose.PLAN)))
    waits = select(Extension.call_id).where(Extension.state == ExtensionState.PROPOSED, Extension.lapses_at > NOW)
    return due.where(Call.id.in_(handed_in), Call.id.not_in(consented), Call.id.not_in(waits))


def _second_envelopes() -> Select[Any]:
    """Once quality is frozen, where a discount or a budget was asked and nobody has opened it yet."""
    closed = select(CallKey.call_id).where(CallKey.purpose == Purpose.DISCOUNT, CallKey.opened_at.is_(None))
    asks = select(Criterion.call_id).where(Criterion.kind == CriterionKind.DISCOUNT)
    asks = asks.union(select(PlanItem.call_id).where(PlanItem.kind == ItemKind.BUDGET))  # type: ignore[assignment]
    frozen = bond(A.DISCOUNTS_OPEN, Evaluation.id).select_from(Evaluation)
    frozen = frozen.join(Programme, Programme.id == Evaluation.programme_id)
    frozen = frozen.where(Evaluation.state == EvaluationState.FROZEN, Evaluation.call_id.in_(OPENS))
    frozen = frozen.where(Evaluation.call_id.in_(closed), Evaluation.call_id.in_(asks))
    return frozen.where(Evaluation.id.not_in(_consented(Purpose.DISCOUNT)))


def _consented(purpose: Purpose) -> Select[Any]:
    mine = select(OpeningConsent.evaluation_id).where(OpeningConsent.user_id == ME)
    return mine.where(OpeningConsent.purpose == purpose)
