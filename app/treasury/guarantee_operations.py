"""The guarantee of a tranche: called at the end of the bond for capital that did not come back, then paid out."""

import uuid
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.capital.models import Tranche, TrancheTerms, standing_round
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
from app.treasury.in_parts import in_part
from app.treasury.models import CapitalCall
from app.treasury.plan import guarantee_paid_out, last_distribution, outstanding_minor, own_in_hand
from app.treasury.states import GUARANTEE_FLOW, GuaranteeState, PaymentState


def guarantee_due(programme: Programme) -> tuple[Tranche, int] | None:
    """The tranche that has a guarantee, and what of its capital the guarantor makes up as things stand (minor units):
    what is outstanding, up to the guarantee, less what was called already, paid or given up. None where that is
    nothing."""
    round = db.session.scalar(standing_round(programme.id))
    covered = next((one for one in round.tranches if one.guarantee_minor), None) if round is not None else None
    if covered is None or covered.terms == TrancheTerms.GRANT:
        return None
    called = _called_minor(programme)
    underway = called - guarantee_paid_out(programme)
    amount = min(covered.guarantee_minor - called, outstanding_minor(covered) - underway)
    return (covered, amount) if amount > 0 else None


def _called_minor(programme: Programme) -> int:
    """Called already, paid, given up, or about to be called."""
    calls = select(func.coalesce(func.sum(GuaranteeCall.amount_minor), 0)).where(
        GuaranteeCall.programme_id == programme.id,
        GuaranteeCall.state.not_in((GuaranteeState.REJECTED, GuaranteeState.WITHDRAWN)),
    )
    return int(db.session.scalar(calls) or 0)


def still_distributable_minor(programme: Programme) -> int:
    """What a distribution would give to investors of the money in hand, without the guarantor's, were it made now."""
    last = last_distribution(programme)
    on = clock.today() if last is None else max(clock.today(), last.on + timedelta(days=1))
    free = own_in_hand(programme)
    due = what_is_due(programme, on, free, apart=owed_apart(programme, on)) if free > 0 else []
    return sum(one.amount_minor for one in due)


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
    """A second person calls it. The guarantor is asked outside the portal, with the reference; investors are told.

    Not now while a distribution waits, or where money came in since, or was distributed, so that less capital lacks.
    """
    call.expect_version(version)
    if call.state == GuaranteeState.PREPARED:
        _expect_still_lacking(call)
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_APPROVE)
    record(Action.GUARANTEE_APPROVE, call, actor, amount=call.amount_minor, guarantor=call.guarantor)
    ending_notices.tell_guarantee_called(call)


def _expect_still_lacking(call: GuaranteeCall) -> None:
    reason = why_too_early(call.programme)
    if reason is not None:
        raise NotNow(reason)
    if _called_minor(call.programme) - guarantee_paid_out(call.programme) > outstanding_minor(call.tranche):
        raise NotNow(_("Less capital lacks than when this was prepared. Reject it and prepare it anew."))


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
def receive_guarantee(
    call: GuaranteeCall,
    on: date,
    amount_minor: int | None = None,
    *,
    actor: User,
    once: uuid.UUID | None = None,
) -> GuaranteeCall:
    """The guarantor paid on the day `on`: BANK debit, GUARANTEE credit; the row that was received. The last
    distribution pays out what its tranche still lacks then; what is not needed goes back to the guarantor.

    `amount_minor` is what the bank shows, at most what is still owed; none: all of that. What is less is received as a
    row of its own, and the rest stays owed with the same reference. The same `once` again is the same receipt. Refused
    for a day to come, or before it was called.
    """
    known = db.session.get(GuaranteeCall, once) if once is not None else None
    if known is not None and known.received_on is not None:
        return known
    if on > clock.today():
        raise Refused(_("Money cannot have come in on a day that is still to come."), "on")
    if on < clock.day_of(call.created_at):
        raise Refused(_("The money cannot have come in before it was called."), "on")
    if amount_minor is not None and call.state == GuaranteeState.CALLED:
        call = _part_of(call, amount_minor, once or uuid.uuid4())
    GUARANTEE_FLOW.advance(call, Action.GUARANTEE_RECEIVE)
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
    ending_notices.tell_guarantee_received(call, still_owed_minor(call))
    return call


def _part_of(asked: GuaranteeCall, amount_minor: int, id: uuid.UUID) -> GuaranteeCall:
    def split_off() -> GuaranteeCall:
        return GuaranteeCall(
            id=id,
            programme=asked.programme,
            tranche=asked.tranche,
            guarantor=asked.guarantor,
            amount_minor=amount_minor,
            due_on=asked.due_on,
            reference=asked.reference,
            state=GuaranteeState.CALLED,
            paid_of_id=asked.id,
        )

    return in_part(asked, amount_minor, asked.programme, split_off)


def rows_of(call: GuaranteeCall) -> list[GuaranteeCall]:
    """The call and whatever was split off it when a part came in, in the order of time."""
    found = select(GuaranteeCall).filter_by(programme_id=call.programme_id, reference=call.reference)
    return list(db.session.scalars(found.order_by(GuaranteeCall.created_at, GuaranteeCall.id)).unique())


def still_owed_minor(call: GuaranteeCall) -> int:
    """Of all that was called with its reference (minor units)."""
    return sum(one.amount_minor for one in rows_of(call) if one.state == GuaranteeState.CALLED)
