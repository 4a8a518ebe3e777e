"""A receipt is taken back in the books: its posting is reversed, and what was asked is asked again. Called by the
bank's desk, which knows the lines, inside the operation that records it."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.ledger import posting
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.people.models import User
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.settlement.dispute_operations import settle_state
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import SettlementState
from app.treasury import notices
from app.treasury.curing import reopen_default
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import BookedTransfer, CapitalCallPart, Distribution
from app.treasury.other_receipt import OtherReceipt
from app.treasury.other_receipt_operations import why_not_there
from app.treasury.plan import last_distribution
from app.treasury.reminder import PaymentReminder
from app.treasury.states import CapitalCallState, GuaranteeState, OtherReceiptState

RECEIPTS = {one.__tablename__: one for one in (CapitalCallPart, StatementPayment, GuaranteeCall, OtherReceipt)}

# Of receipts those that a line of the bank shows (""), or why a person waits already; the bank's desk adds to it.
BOUND: list[Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, str]]] = []


def why_not_unbooked(receipt: Any) -> str | None:
    """A distribution reckoned with capital, or paid the guarantor's money out: history must not change under it. What a
    municipality paid too much may be set off or paid back by now."""
    if isinstance(receipt, StatementPayment):
        return None
    if isinstance(receipt, OtherReceipt):
        return why_not_there(receipt)
    return why_reckoned(last_distribution(_programme_of(receipt)), receipt)


def why_reckoned(last: Distribution | None, receipt: Any) -> str | None:
    """Capital and the guarantor's money that were there when the bond last paid out stay."""
    if last is None or not isinstance(receipt, CapitalCallPart | GuaranteeCall):
        return None
    if receipt.received_on is None or receipt.received_on > last.on:
        return None
    told = notices.day(last.on)
    return _("The distribution of %(day)s reckons with this money: it cannot be taken back in the books.", day=told)


def receipt_of(transfer: Transfer | BookedTransfer) -> Any:
    """What an investor, a municipality or the guarantor paid and this transfer booked; None where it is none of these,
    or was booked back."""
    table = StatementPayment.__tablename__ if transfer.cause_type == Statement.__tablename__ else transfer.cause_type
    model = RECEIPTS.get(table)
    answer = select(Transfer.id).where(Transfer.pending_id == transfer.id)
    is_money = transfer.kind == TransferKind.POSTED and transfer.debit.kind == AccountKind.BANK
    if model is None or model is OtherReceipt or not is_money or db.session.scalar(answer) is not None:
        return None
    return db.session.get(model, transfer.id if model is StatementPayment else transfer.cause_id)


def by_hand(programme: Programme, receipts: Sequence[Any]) -> dict[uuid.UUID, str | None]:
    """Of these receipts of one bond those that no line of the bank shows, and why each cannot be taken back: None where
    nothing stands in the way. In a fixed number of statements."""
    ids = [one.id for one in receipts]
    told = {id: why for found in BOUND for id, why in found(ids).items()} if ids else {}
    last = last_distribution(programme) if ids else None
    return {one.id: told.get(one.id) or _why_kept(last, one) for one in receipts if told.get(one.id) != ""}


def _why_kept(last: Distribution | None, receipt: Any) -> str | None:
    reason = why_reckoned(last, receipt)
    if reason is None or _programme_of(receipt).phase == Phase.CLOSED:  # then nothing can be asked for any more
        return reason
    instead = _("If it never came, ask for the payment as yet: the line of the bank is then matched with this receipt.")
    return f"{reason} {instead}"


def _programme_of(receipt: Any) -> Programme:
    found: Programme = receipt.capital_call.programme if isinstance(receipt, CapitalCallPart) else receipt.programme
    return found


def unbook(receipt: Any, once: uuid.UUID, *, actor: User) -> date:
    """The part of a capital call, the statement or the call of the guarantee waits for its money again, and what was
    paid too much is owed no more; the day on which it had been booked. Not now where that cannot be."""
    reason = why_not_unbooked(receipt)
    if reason is not None:
        raise NotNow(reason)
    if isinstance(receipt, StatementPayment):
        return _unbook_payment(receipt, once, actor)
    posting.reverse(_standing_for(receipt), receipt, entered_by=actor)
    if isinstance(receipt, OtherReceipt):
        receipt.state, receipt.reversed_at = OtherReceiptState.REVERSED, clock.now()
        return receipt.received_on
    was: date = receipt.received_on
    receipt.received_on = None
    if isinstance(receipt, CapitalCallPart):
        receipt.capital_call.state = CapitalCallState.CALLED
        if not reopen_default(receipt):
            _ask_again(receipt)
    else:
        receipt.state = GuaranteeState.CALLED
    return was


def _ask_again(part: CapitalCallPart) -> None:
    """The portal had said that the money was there: the investor has the notice of the call anew from today, and so
    have the reminders and a default."""
    call = part.capital_call
    part.due_again_on = max(call.due_on, clock.today() + timedelta(days=call.notice_days))
    db.session.execute(delete(PaymentReminder).where(PaymentReminder.subject_id == part.id))


def _unbook_payment(payment: StatementPayment, once: uuid.UUID, actor: User) -> date:
    """It stands a second time, below zero, on the day of today."""
    statement = payment.statement
    posting.reverse(db.session.get_one(Transfer, payment.id), statement, entered_by=actor, once=once)
    back = StatementPayment(
        id=once, amount_minor=-payment.amount_minor, received_on=clock.today(), takes_back_id=payment.id
    )
    statement.payments.append(back)
    statement.paid_on = None
    if statement.settlement.state == SettlementState.PAID:
        statement.settlement.state = SettlementState.APPROVED
    settle_state(statement)
    return payment.received_on


def standing_for(receipts: Sequence[Any]) -> list[Transfer]:
    """The transfers that booked these and that nobody reversed."""
    undone, ids = aliased(Transfer), [one.id for one in receipts]
    found = select(Transfer).outerjoin(undone, undone.pending_id == Transfer.id)
    found = found.where(Transfer.cause_id.in_(ids) | Transfer.id.in_(ids), undone.id.is_(None))
    return list(db.session.scalars(found.where(Transfer.kind == TransferKind.POSTED).order_by(Transfer.created_at)))


def _standing_for(receipt: Any) -> Transfer:
    undone = aliased(Transfer)
    found = select(Transfer).outerjoin(undone, undone.pending_id == Transfer.id)
    found = found.where(Transfer.cause_type == receipt.__tablename__, Transfer.cause_id == receipt.id)
    return db.session.scalars(found.where(Transfer.kind == TransferKind.POSTED, undone.id.is_(None))).one()
