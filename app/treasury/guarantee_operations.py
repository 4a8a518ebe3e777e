"""The guarantee of a tranche: called at the end of the bond for capital that did not come back, then paid out."""

import uuid
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.capital.models import Commitment, Tranche, TrancheTerms, standing_round
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import sums_of
from app.ledger.models import AccountKind
from app.people.models import User
from app.programmes.models import Programme
from app.treasury import ending_notices, notices
from app.treasury.flows import owed_apart, what_is_due
from app.treasury.guarantee import GuaranteeCall
from app.treasury.in_hand import free_minor
from app.treasury.models import CapitalCall, CapitalCallPart, Distribution, DistributionPart
from app.treasury.plan import guarantee_in_hand, last_distribution
from app.treasury.states import GUARANTEE_FLOW, GuaranteeState, PaymentState


def guarantee_due(programme: Programme) -> tuple[Tranche, int] | None:
    """The tranche that has a guarantee, and what of its capital the guarantor makes up as things stand (minor units):
    what is outstanding, up to the guarantee, less what was called already, paid or given up. None where that is
    nothing."""
    round = db.session.scalar(standing_round(programme.id))
    covered = next((one for one in round.tranches if one.guarantee_minor), None) if round is not None else None
    if covered is None or covered.terms == TrancheTerms.GRANT:
        return None
    calls = select(func.coalesce(func.sum(GuaranteeCall.amount_minor), 0)).where(
        GuaranteeCall.programme_id == programme.id,
        GuaranteeCall.state.not_in((GuaranteeState.REJECTED, GuaranteeState.WITHDRAWN)),
    )
    called = int(db.session.scalar(calls) or 0)
    underway = called - guarantee_paid_out(programme)
    amount = min(covered.guarantee_minor - called, outstanding_minor(covered) - underway)
    return (covered, amount) if amount > 0 else None


def guarantee_paid_out(programme: Programme) -> int:
    found = select(func.coalesce(func.sum(Distribution.guarantee_minor), 0)).where(
        Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED
    )
    return int(db.session.scalar(found) or 0)


def outstanding_minor(tranche: Tranche) -> int:
    """Capital of a tranche that was paid in and did not come back yet."""
    paid_in = select(func.coalesce(func.sum(CapitalCallPart.amount_minor), 0)).join(CapitalCallPart.commitment)
    paid_in = paid_in.where(CapitalCallPart.received_on.is_not(None), Commitment.tranche_id == tranche.id)
    back = select(func.coalesce(func.sum(DistributionPart.principal_minor), 0)).join(Distribution)
    back = back.where(DistributionPart.tranche_id == tranche.id, Distribution.state == PaymentState.APPROVED)
    return int(db.session.scalar(paid_in) or 0) - int(db.session.scalar(back) or 0)


def still_distributable_minor(programme: Programme) -> int:
    """What a distribution would give to investors of the money in hand, were it made now. Nothing once the guarantee
    was paid out: that is the last distribution, and what comes in after it is left."""
    if guarantee_paid_out(programme):
        return 0
    last = last_distribution(programme)
    on = clock.today() if last is None else max(clock.today(), last.on + timedelta(days=1))
    free = free_minor(programme.id) - guarantee_in_hand(programme)
    due = what_is_due(programme, on, free, apart=owed_apart(programme, on)) if free > 0 else []
    return sum(one.amount_minor for one in due)


def guarantee_to_distribute(programme: Programme) -> int:
    """What the guarantor paid in for capital that is still outstanding (minor units): the last distribution pays it
    out, and until then investors are owed it. What is not needed goes back to the guarantor."""
    round = db.session.scalar(standing_round(programme.id))
    covered = next((one for one in round.tranches if one.guarantee_minor), None) if round is not None else None
    return min(guarantee_in_hand(programme), outstanding_minor(covered)) if covered is not None else 0


def why_too_early(programme: Programme) -> str | None:
    """Why what is left, or what lacks, is not known yet."""
    if clock.today() <= programme.tail_until:
        return _("Effects still accrue until %(day)s.", day=notices.day(programme.tail_until))
    if sums_of(programme.id).total(AccountKind.RECEIVABLE):
        return _("Municipalities still owe money.")
    asked = select(CapitalCall.id).where(CapitalCall.programme_id == programme.id)
    if db.session.scalar(asked.limit(1)) is None:
        return _("No capital was ever called.")
    last = last_distribution(programme)
    if last is not None and last.state == PaymentState.PREPARED:
        return _("A distribution waits for a second person.")
    if still_distributable_minor(programme):
        return _("Money in hand is still owed to investors: distribute it first.")
    return None


@operation
def prepare_guarantee(programme: Programme, due_on: date, *, actor: User, once: uuid.UUID) -> GuaranteeCall:
    """Lay down what the guarantor is asked to pay in by `due_on`; nothing is asked until a second person approves.

    Not now while effects still accrue, municipalities owe money or money in hand is owed to investors.
    """
    existing = db.session.get(GuaranteeCall, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    reason = why_too_early(programme)
    if reason is not None:
        raise NotNow(reason)
    due = guarantee_due(programme)
    if due is None:
        raise NotNow(_("No guarantee covers capital that did not come back."))
    if due_on < clock.today():
        raise Refused(_("This day is past."), "due_on")
    tranche, amount = due
    made = GuaranteeCall(
        id=once,
        programme=programme,
        tranche=tranche,
        guarantor=tranche.guarantor,
        amount_minor=amount,
        due_on=due_on,
        reference=f"G{once.hex[:12].upper()}",
    )
    db.session.add(made)
    record(Action.GUARANTEE_PREPARE, made, actor, on_behalf_of=programme, amount=amount, tranche=tranche.name)
    notices.tell_prepared(made, Action.GUARANTEE_PREPARE, "treasury.guarantee", actor)
    return made


@operation
def approve_guarantee(call: GuaranteeCall, *, actor: User, version: int | None = None) -> None:
    """A second person calls it. The guarantor is asked outside the portal, with the reference; investors are told."""
    call.expect_version(version)
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_APPROVE)
    record(Action.GUARANTEE_APPROVE, call, actor, amount=call.amount_minor, guarantor=call.guarantor)
    ending_notices.tell_guarantee_called(call)


@operation
def reject_guarantee(call: GuaranteeCall, reason: str, *, actor: User) -> None:
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_REJECT)
    call.rejected_because = reason
    record(Action.GUARANTEE_REJECT, call, actor, reason=reason)
    notices.tell_rejected(call, Action.GUARANTEE_REJECT, "treasury.guarantee", reason)


@operation
def withdraw_guarantee(call: GuaranteeCall, reason: str, *, gives_up: bool, actor: User) -> None:
    """A call that was made is not waited for any more; somebody else says so than who made it, and investors are told.

    `gives_up`: the guarantor does not pay, and the capital counts as lost; else it can be called anew.
    """
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_WITHDRAW)
    call.state = GuaranteeState.GIVEN_UP if gives_up else GuaranteeState.WITHDRAWN
    call.rejected_because = reason
    record(Action.GUARANTEE_WITHDRAW, call, actor, amount=call.amount_minor, state=call.state, reason=reason)
    ending_notices.tell_guarantee_withdrawn(call)


@operation
def receive_guarantee(call: GuaranteeCall, on: date, *, actor: User) -> None:
    """The guarantor paid on the day `on`: BANK debit, GUARANTEE credit. The last distribution pays out what
    its tranche still lacks then; what is not needed goes back to the guarantor. Refused for a day to come, or before it
    was called."""
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_RECEIVE)
    if on > clock.today():
        raise Refused(_("Money cannot have come in on a day that is still to come."), "on")
    if on < call.created_at.astimezone(clock.LOCAL).date():
        raise Refused(_("The money cannot have come in before it was called."), "on")
    call.received_on = on
    programme = call.programme
    posting.post(
        posting.account(programme.id, AccountKind.BANK, None, programme.currency),
        posting.account(programme.id, AccountKind.GUARANTEE, None, programme.currency),
        call.amount_minor,
        call,
        entered_by=actor,
        once=posting.once_more(call, "received"),
        reference=call.reference,
    )
    record(Action.GUARANTEE_RECEIVE, call, actor, amount=call.amount_minor, on=on)
    ending_notices.tell_guarantee_received(call)
