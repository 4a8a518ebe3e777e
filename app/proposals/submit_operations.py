"""Hand in, read the own copy, withdraw, seal anew. Whether it is in time is judged once, by the database's clock read
before the act waits for its turn."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.calls.key_models import Purpose, current_key, keys_of
from app.calls.key_operations import cost, unlock
from app.calls.models import Call
from app.calls.states import CallState
from app.consortia import vault
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import second
from app.core.operation import forget_deleted, operation
from app.people.models import User
from app.proposals import envelope, notices
from app.proposals.content import plan_in, second_in
from app.proposals.models import Proposal
from app.proposals.operations import not_ready
from app.proposals.states import FLOW, ProposalState

FILES = "file:"  # slots of the vault that stand in the plan already


def submit_proposal(proposal: Proposal, passphrase: str, *, actor: User, version: int | None = None) -> None:
    """The lead hands the plan in, before the deadline to the second; everybody in the consortium gets the receipt.

    The plan and what it asks in money go into two envelopes that only the officials open; a copy for the consortium
    itself is locked under `passphrase`, which the portal made and nobody keeps. The draft and its key are destroyed.
    Refused while something is not answered, nothing is promised, a cap is passed, a partner has not confirmed this very
    text, or an organisation is not vetted; `NotNow` from the deadline on.
    """
    received_at = clock.database_now()
    copy_key = envelope.make_copy_key(passphrase, cost(), proposal.id)  # slow: before the turn
    _hand_in(proposal, copy_key, received_at, actor=actor, version=version)
    forget_deleted()


@operation
def _hand_in(
    proposal: Proposal, copy_key: envelope.CopyKey, received_at: datetime, *, actor: User, version: int | None
) -> None:
    expect_in_time(proposal.call, received_at)
    if proposal.state != ProposalState.DRAFT:
        FLOW.advance(proposal, Action.PROPOSAL_SUBMIT)  # says why not
    proposal.expect_version(version)
    for reason in not_ready(proposal):
        raise Refused(reason)
    seal_up(proposal, copy_key)
    vault.destroy(proposal.consortium)
    proposal.state, proposal.submitted_at, proposal.submitted_by_id = ProposalState.SUBMITTED, received_at, actor.id
    proposal.consortium.state, proposal.consortium.lot_fate = ConsortiumState.SUBMITTED, None
    record(Action.PROPOSAL_SUBMIT, proposal, actor, at=received_at, **receipt(proposal))
    notices.tell_submitted(proposal)


def expect_in_time(call: Call, received_at: datetime) -> None:
    """`NotNow` for what came in at the deadline or later, to the second, whatever the worker has said already.

    What came in before it and had to wait for its turn is in time, also when the call was closed meanwhile.
    """
    if received_at >= call.deadline:
        raise NotNow(
            _(
                "The deadline has passed: a plan has to be in before %(deadline)s, and this came in at %(moment)s.",
                deadline=second(call.deadline),
                moment=second(received_at),
            )
        )
    waited = call.state == CallState.CLOSED and call.plans_opened_at is None
    if call.state != CallState.PUBLISHED and not waited:
        raise NotNow(_("Not possible now: the call is %(state)s.", state=call.state.label))


def receipt(proposal: Proposal) -> dict[str, Any]:
    """What proves later that what is opened is what was handed in."""
    return {"digest": proposal.digest, "discount_digest": proposal.discount_digest, "generation": proposal.generation}


def seal_up(proposal: Proposal, copy_key: envelope.CopyKey) -> None:
    """What the vault holds: into two envelopes to the officials, and one for the consortium itself."""
    written = vault.read_all(proposal.consortium)
    plan, discount = (envelope.salted(take(written, proposal.consortium)) for take in (plan_in, second_in))
    _into_envelopes(proposal, plan, discount)
    slots = {name: value for name, value in written.items() if not name.startswith(FILES)}
    copy = {"plan": plan, "discount": discount, "slots": slots}
    proposal.own_key, proposal.own_copy = copy_key.locked, envelope.seal_copy(copy, copy_key, proposal.id)


def _into_envelopes(proposal: Proposal, plan: Any, discount: Any) -> None:
    """Sealed to the newest keys of the call."""
    for purpose, content in ((Purpose.PLAN, plan), (Purpose.DISCOUNT, discount)):
        key = current_key(proposal.call, purpose)
        if key is None:
            raise NotNow(_("This call has no keys to seal to."))
        sealed = envelope.seal(content, key, proposal.id)
        proposal.generation = key.generation
        if purpose == Purpose.PLAN:
            proposal.plan, proposal.digest = sealed.envelope, sealed.digest
        else:
            proposal.discount, proposal.discount_digest = sealed.envelope, sealed.digest


def read_own_copy(proposal: Proposal, passphrase: str, *, reader: User) -> Any:
    """{"plan", "discount", "slots"} as handed in, for who has the passphrase of the consortium. Refused (on
    `passphrase`) for a wrong one; raises `DoesNotOpen` when what is stored is not what was stored."""
    if not proposal.own_key:
        raise NotNow(_("Nothing is handed in."))
    private = unlock(proposal.own_key, passphrase, *envelope.copy_lock(proposal.id), trier=reader)
    return envelope.open_copy(proposal.own_copy, private, proposal.id)


def withdraw_proposal(proposal: Proposal, passphrase: str | None, *, actor: User, version: int | None = None) -> None:
    """Back to a draft, before the deadline only. With the passphrase the draft is as it was, and what the partners
    confirmed still holds; without it (None: lost) the text is gone and the consortium starts anew."""
    received_at = clock.database_now()
    copy = None if passphrase is None else read_own_copy(proposal, passphrase, reader=actor)
    _take_back(proposal, None if copy is None else _slots_in(copy), received_at, actor=actor, version=version)


def _slots_in(copy: Any) -> dict[str, Any]:
    return copy["slots"] | {f"{FILES}{key}": data for key, data in copy["plan"].get("files", {}).items()}


@operation
def _take_back(
    proposal: Proposal, slots: dict[str, Any] | None, received_at: datetime, *, actor: User, version: int | None
) -> None:
    expect_in_time(proposal.call, received_at)
    if proposal.state != ProposalState.SUBMITTED:
        FLOW.advance(proposal, Action.PROPOSAL_WITHDRAW)  # says why not
    proposal.expect_version(version)
    record(Action.PROPOSAL_WITHDRAW, proposal, actor, text_kept=slots is not None, **receipt(proposal))
    proposal.state = ProposalState.DRAFT
    proposal.submitted_at = proposal.submitted_by_id = proposal.generation = None
    proposal.plan = proposal.discount = proposal.own_key = proposal.own_copy = b""
    proposal.digest = proposal.discount_digest = ""
    proposal.consortium.state = ConsortiumState.FORMING
    vault.restore(proposal.consortium, slots or {}, actor=actor)
    notices.tell_withdrawn(proposal, text_kept=slots is not None)


def reseal_proposal(proposal: Proposal, passphrase: str, *, actor: User) -> None:
    """The same plan, sealed to the newest keys of the call after an official was replaced; its receipt stays as it is.

    Possible until the plans are opened, also after the deadline: the digests prove that not a word is different.
    """
    copy = read_own_copy(proposal, passphrase, reader=actor)
    _seal_anew(proposal, copy["plan"], copy["discount"], actor=actor)


@operation
def _seal_anew(proposal: Proposal, plan: Any, discount: Any, *, actor: User) -> None:
    FLOW.advance(proposal, Action.PROPOSAL_RESEAL)
    if not is_outdated(proposal):
        raise NotNow(_("This plan is sealed to the officials of today already."))
    before = (proposal.digest, proposal.discount_digest)
    if (envelope.digest_of(plan), envelope.digest_of(discount)) != before:
        raise NotNow(_("What is stored does not match your receipt. Tell the keeper of the portal."))
    _into_envelopes(proposal, plan, discount)
    record(Action.PROPOSAL_RESEAL, proposal, actor, **receipt(proposal))


def officials_left(proposal: Proposal) -> int:
    """How many of the officials to whom it was sealed have their key still; two together open it."""
    key = next((one for one in keys_of(proposal.call, Purpose.PLAN) if one.generation == proposal.generation), None)
    return len(key.holders) if key is not None else 0


def is_outdated(proposal: Proposal) -> bool:
    """Was an official replaced since this was sealed?"""
    key = current_key(proposal.call, Purpose.PLAN)
    return proposal.state == ProposalState.SUBMITTED and key is not None and key.generation != proposal.generation
