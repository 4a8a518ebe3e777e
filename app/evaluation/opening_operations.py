"""The opening of the sealed plans by two officials."""

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.calls.models import Call
from app.calls.operations import close_call
from app.calls.states import CallState
from app.core.operation import operation
from app.evaluation import notices
from app.evaluation.models import (
    Evaluation,
    OpenedProposal,
    OpeningConsent,
)
from app.evaluation.states import FLOW, EvaluationState
from app.extensions import db
from app.people.models import User
from app.proposals.models import Proposal
from app.proposals.sealing import SealBroken, open_sealed
from app.proposals.states import ProposalState


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
