"""The opening of the sealed plans by two officials, each with a passphrase of their own."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import may, why_not_same_person
from app.access.record import record
from app.audit import trail
from app.calls.key_models import CallKey, OpenerKey, Purpose, key_of, keys_of
from app.calls.key_opening import take_part
from app.calls.key_operations import unlock_opening_key
from app.calls.models import Call
from app.calls.operations import close_call
from app.calls.states import CallState
from app.consortia.models import Consortium
from app.consortia.states import LotFate
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.operation import operation
from app.evaluation import notices
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_models import OpeningConsent
from app.evaluation.states import FLOW, EvaluationState
from app.extensions import db
from app.people.models import User
from app.proposals import envelope
from app.proposals.models import Proposal
from app.proposals.states import ProposalState
from app.sealing import DoesNotOpen


def consent_to_open(call: Call, passphrase: str, *, actor: User) -> Evaluation:
    """An official named in the call takes the outer layer off with `passphrase`; the second one opens every plan.

    `NotNow` before the deadline (art. 2.108 Aw), `NotYours` for a second consent by the same person, Refused for a
    wrong passphrase. A plan that no longer matches its receipt stays closed and is reported; the others open. A plan
    that was sealed to earlier officials waits for a second one of them.
    """
    evaluation = Evaluation.of(call)
    expect_may(evaluation, Action.PROPOSALS_OPEN, actor)
    key, private = unlock_opening_key(call, passphrase, actor=actor)  # slow: before the turn
    return _open_plans(call, key, private, actor=actor)


def expect_may(evaluation: Evaluation, action: Action, actor: User) -> None:
    """Who and when, before anything is tried with a passphrase; the operation asks again."""
    if not may(action, evaluation, actor):
        raise NotYours(_("Your part in this bond does not allow this."))
    if (reason := FLOW.why_not(action, evaluation)) is not None:
        raise NotNow(reason)
    if evaluation.id is not None and (same := why_not_same_person(action, evaluation, actor)) is not None:
        raise NotYours(same)


@operation
def _open_plans(call: Call, key: OpenerKey, private: bytes, *, actor: User) -> Evaluation:
    evaluation = Evaluation.of(call)
    FLOW.advance(evaluation, Action.PROPOSALS_OPEN)
    db.session.add(evaluation)
    is_first = not evaluation.consents_to(Purpose.PLAN)
    opened, broken = _open_all(evaluation, take_part_in(call, key, private, Purpose.PLAN, actor))
    record(
        Action.PROPOSALS_OPEN,
        evaluation,
        actor,
        opened={str(one.proposal_id): one.digest for one in opened},
        broken={str(one.id): one.digest for one in broken},
    )
    evaluation.consents.append(OpeningConsent(user=actor, purpose=Purpose.PLAN))
    if is_first:
        notices.tell_first_consent(evaluation, actor)
    elif (waiting := _waiting(evaluation)) and _somebody_left(evaluation):
        notices.tell_waiting(evaluation, [proposal.consortium for proposal in waiting])
    else:
        _finish(evaluation)
    return evaluation


def take_part_in(
    call: Call, key: OpenerKey, private: bytes, purpose: Purpose, actor: User
) -> list[tuple[CallKey, bytes]]:
    """The keys of the call that this official's consent opens; none when it is the first one."""
    standing = key_of(call, actor)
    if standing is None or standing.id != key.id:
        raise NotNow(_("You have no opening key for this call."))
    found = [(one, take_part(one, standing, private)) for one in keys_of(call, purpose)]
    return [(one, secret) for one, secret in found if secret is not None]


def _open_all(evaluation: Evaluation, keys: list[tuple[CallKey, bytes]]) -> tuple[list[OpenedProposal], list[Proposal]]:
    opened: list[OpenedProposal] = []
    broken: list[Proposal] = []
    for key, secret in keys:
        for proposal in _sealed_to(key):
            try:
                content = open_plan(proposal, secret)
            except DoesNotOpen:
                broken.append(proposal)
                continue
            proposal.state = ProposalState.OPENED
            opened.append(
                OpenedProposal(
                    proposal=proposal, consortium=proposal.consortium, content=content, digest=proposal.digest
                )
            )
    evaluation.opened.extend(opened)
    db.session.flush()
    return opened, broken


def _sealed_to(key: CallKey) -> list[Proposal]:
    found = handed_in(key.call_id).where(Proposal.generation == key.generation)
    return list(db.session.scalars(found.order_by(Proposal.submitted_at, Proposal.id)).unique())


def handed_in(call_id: Any) -> Any:
    """The sealed plans that are opened. Not those for a lot that a rectification took away: what they answer is not
    asked, and their consortia heard so when they could still hand in anew."""
    found = select(Proposal).join(Consortium, Consortium.id == Proposal.consortium_id)
    found = found.where(Proposal.call_id == call_id, Proposal.state == ProposalState.SUBMITTED)
    return found.where(Consortium.lot_fate.is_distinct_from(LotFate.GONE))


def open_plan(proposal: Proposal, secret: bytes) -> Any:
    """The plan, proven to be what the receipt says. Raises `DoesNotOpen`."""
    expect_receipt(proposal, "digest", proposal.digest)
    return envelope.open_(proposal.plan, secret, Purpose.PLAN, proposal.id, proposal.digest)


def expect_receipt(proposal: Proposal, name: str, digest: str) -> None:
    """The trail, a chain of hashes, must say the same as the row: who changes a plan would change its digest too."""
    if trail.proven_facts(Action.PROPOSAL_SUBMIT, proposal).get(name) != digest:
        raise DoesNotOpen


def _waiting(evaluation: Evaluation) -> list[Proposal]:
    """Plans sealed to earlier officials of whom two are left, but have not both consented."""
    call = evaluation.call
    reachable = [key for key in keys_of(call, Purpose.PLAN) if key.opened_at is None and len(key.holders) > 1]
    return [proposal for key in reachable for proposal in _sealed_to(key)]


def _somebody_left(evaluation: Evaluation) -> bool:
    consented = {consent.user.id for consent in evaluation.consents_to(Purpose.PLAN)}
    return any(key.retired_at is None and key.user_id not in consented for key in evaluation.call.opener_keys)


def _finish(evaluation: Evaluation) -> None:
    """Every plan that can be opened is open; what is left does not match its receipt, or its officials are gone."""
    call = evaluation.call
    if call.state == CallState.PUBLISHED:  # the deadline rules, not the worker that makes it visible
        close_call(call)
    call.plans_opened_at = clock.now()
    evaluation.state = EvaluationState.SCORING
    left = handed_in(call.id)
    broken = db.session.scalars(left.order_by(Proposal.submitted_at, Proposal.id)).unique().all()
    db.session.flush()
    notices.tell_opened(evaluation, [proposal.consortium for proposal in broken])
