"""The opening of the second envelopes, once quality is frozen: by two officials again, with the same passphrases."""

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.calls.key_models import CallKey, OpenerKey, Purpose
from app.calls.key_operations import unlock_opening_key
from app.core.operation import operation
from app.evaluation import notices
from app.evaluation.consensus_operations import rank_plans
from app.evaluation.models import Evaluation, OpenedProposal
from app.evaluation.opening_models import OpeningConsent
from app.evaluation.opening_operations import expect_may, expect_receipt, take_part_in
from app.evaluation.states import FLOW, Admission
from app.extensions import db
from app.people.models import User
from app.proposals import envelope
from app.proposals.models import Proposal
from app.sealing import DoesNotOpen


def consent_to_open_discounts(evaluation: Evaluation, passphrase: str, *, actor: User) -> None:
    """An official named in the call takes the outer layer off; the second one opens what the admitted plans ask in
    money, and the plans get their places.

    `NotNow` before quality is frozen, `NotYours` for a second consent by the same person, Refused for a wrong
    passphrase. A second envelope that no longer matches its receipt stays closed: that plan gets no place.
    """
    expect_may(evaluation, Action.DISCOUNTS_OPEN, actor)
    key, private = unlock_opening_key(evaluation.call, passphrase, actor=actor)  # slow: before the turn
    _open_discounts(evaluation, key, private, actor=actor)


@operation
def _open_discounts(evaluation: Evaluation, key: OpenerKey, private: bytes, *, actor: User) -> None:
    FLOW.advance(evaluation, Action.DISCOUNTS_OPEN)
    is_first = not evaluation.consents_to(Purpose.DISCOUNT)
    opened, broken = _open_all(evaluation, take_part_in(evaluation.call, key, private, Purpose.DISCOUNT, actor))
    record(
        Action.DISCOUNTS_OPEN,
        evaluation,
        actor,
        opened={str(one.proposal_id): one.proposal.discount_digest for one in opened},
        broken={str(one.proposal_id): one.proposal.discount_digest for one in broken},
    )
    evaluation.consents.append(OpeningConsent(user=actor, purpose=Purpose.DISCOUNT))
    db.session.flush()
    if is_first:
        notices.tell_first_consent(evaluation, actor, Purpose.DISCOUNT)
        return
    notices.tell_discounts_opened(evaluation, [one.consortium for one in broken])
    rank_plans(evaluation)


def _open_all(
    evaluation: Evaluation, keys: list[tuple[CallKey, bytes]]
) -> tuple[list[OpenedProposal], list[OpenedProposal]]:
    done: list[OpenedProposal] = []
    broken: list[OpenedProposal] = []
    for key, secret in keys:
        for opened in _sealed_to(evaluation, key):
            proposal, digest = opened.proposal, opened.proposal.discount_digest
            try:
                expect_receipt(proposal, "discount_digest", digest)
                opened.discount = envelope.open_(proposal.discount, secret, Purpose.DISCOUNT, proposal.id, digest)
                done.append(opened)
            except DoesNotOpen:
                broken.append(opened)
    db.session.flush()
    return done, broken


def _sealed_to(evaluation: Evaluation, key: CallKey) -> list[OpenedProposal]:
    """The admitted plans whose second envelope is still closed; what an excluded plan asks is nobody's to know."""
    found = select(OpenedProposal).join(Proposal, Proposal.id == OpenedProposal.proposal_id)
    found = found.where(OpenedProposal.evaluation_id == evaluation.id, OpenedProposal.discount.is_(None))
    found = found.where(OpenedProposal.admission == Admission.ADMITTED, Proposal.generation == key.generation)
    return list(db.session.scalars(found.order_by(Proposal.submitted_at, Proposal.id)).unique())
