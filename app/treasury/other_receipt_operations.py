"""Money that nobody asked for, booked as what it is; what the bond owes to a municipality, set off against what that
owes."""

import uuid
from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import balances, bank_minor, owed_to_payers
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme
from app.settlement.dispute_operations import settle_state
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import STATEMENT_FLOW
from app.treasury import credit_notices, notices
from app.treasury.in_hand import free_minor
from app.treasury.other_receipt import OtherReceipt
from app.treasury.states import OTHER_RECEIPT_FLOW, OtherReceiptKind

CREDITED = {
    OtherReceiptKind.OVERPAID: AccountKind.PAYER_CREDIT,
    OtherReceiptKind.VAT_BACK: AccountKind.VAT,
    OtherReceiptKind.COSTS_BACK: AccountKind.RUNNING_COSTS,
}


@operation
def book_other_receipt(
    programme: Programme,
    kind: OtherReceiptKind,
    organisation: Organisation | None,
    amount_minor: int,
    on: date,
    description: str,
    *,
    actor: User,
    once: uuid.UUID,
) -> OtherReceipt:
    """`amount_minor` was on the account of the bond on the day `on`: BANK debit; credit what is owed to the
    municipality, VAT, or the running costs of the provider.

    Refused: a day to come; who has no such part in the bond; more VAT than the tax authority owes, or more costs than
    the provider was paid.
    """
    existing = db.session.get(OtherReceipt, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    if amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    if on > clock.today():
        raise Refused(_("Money cannot have come in on a day that is still to come."), "on")
    if (organisation is None) != (kind == OtherReceiptKind.VAT_BACK) or (
        organisation is not None and not payers_of(programme, kind, among={organisation.id})
    ):
        raise Refused(_("Choose who paid it."), "source")
    most = most_minor(programme, kind, organisation)
    if most is not None and amount_minor > most:
        raise Refused(_("At most %(amount)s of this kind.", amount=notices.shown(most, programme)), "amount")
    made = OtherReceipt(
        id=once,
        programme=programme,
        kind=kind,
        organisation=organisation,
        amount_minor=amount_minor,
        received_on=on,
        description=description,
    )
    db.session.add(made)
    posting.post(
        posting.account(programme.id, AccountKind.BANK, None, programme.currency),
        posting.account(programme.id, CREDITED[kind], organisation.id if organisation else None, programme.currency),
        amount_minor,
        made,
        entered_by=actor,
        once=uuid.uuid5(made.id, "booked"),
    )
    record(Action.OTHER_RECEIPT_BOOK, made, actor, on_behalf_of=programme, kind=kind, amount=amount_minor, on=on)
    credit_notices.tell_other_receipt(made)
    return made


def payers_of(
    programme: Programme, kind: OtherReceiptKind, *, among: Collection[uuid.UUID] | None = None
) -> list[Organisation]:
    """Who can have paid money of this kind: too much, municipalities and investors; nobody on the portal pays VAT
    back. `among`: of these alone, since there may be ten thousand investors."""
    if kind == OtherReceiptKind.OVERPAID:
        cities = [one.organisation for one in programme.shares if among is None or one.organisation_id in among]
        return [*cities, *programme.organisations(Part.INVESTOR, among=among)]
    return programme.organisations(Part.PROVIDER, among=among) if kind == OtherReceiptKind.COSTS_BACK else []


def most_minor(programme: Programme, kind: OtherReceiptKind, organisation: Organisation | None) -> int | None:
    """The most that can come in (minor units); None where there is no such bound."""
    books = balances(programme.id, AccountKind.VAT, AccountKind.RUNNING_COSTS)
    if kind == OtherReceiptKind.VAT_BACK:
        return max(-books.get((AccountKind.VAT, None), 0), 0)
    if kind == OtherReceiptKind.COSTS_BACK and organisation is not None:
        return books.get((AccountKind.RUNNING_COSTS, organisation.id), 0)
    return None


@operation
def propose_reversal(receipt: OtherReceipt, reason: str, *, actor: User, version: int | None = None) -> None:
    """It was booked wrongly, says one person, with the reason; nothing changes before a second one agrees. Not now when
    it was set off, paid back or spent by now."""
    receipt.expect_version(version)
    OTHER_RECEIPT_FLOW.advance(receipt, Action.OTHER_RECEIPT_PROPOSE_REVERSAL)
    _expect_there(receipt)
    receipt.reversal_reason = reason
    record(Action.OTHER_RECEIPT_PROPOSE_REVERSAL, receipt, actor, amount=receipt.amount_minor, reason=reason)
    credit_notices.tell_reversal_proposed(receipt, actor)


@operation
def reverse_other_receipt(receipt: OtherReceipt, *, actor: User, version: int | None = None) -> None:
    """A second person agrees: the books take it back now by the opposite transfer, and who paid it is told. What was
    distributed meanwhile stays as it was: a distribution after this reckons with the reversal."""
    receipt.expect_version(version)
    OTHER_RECEIPT_FLOW.advance(receipt, Action.OTHER_RECEIPT_REVERSE)
    _expect_there(receipt)
    receipt.reversed_at = clock.now()
    booked = select(Transfer).where(Transfer.cause_id == receipt.id, Transfer.kind == TransferKind.POSTED)
    posting.reverse(db.session.scalars(booked).one(), receipt, entered_by=actor)
    amount, reason = receipt.amount_minor, receipt.reversal_reason
    record(Action.OTHER_RECEIPT_REVERSE, receipt, actor, kind=receipt.kind, amount=amount, reason=reason)
    credit_notices.tell_reversed(receipt, actor)


@operation
def keep_other_receipt(receipt: OtherReceipt, *, actor: User, version: int | None = None) -> None:
    """It was right after all."""
    receipt.expect_version(version)
    OTHER_RECEIPT_FLOW.advance(receipt, Action.OTHER_RECEIPT_KEEP)
    was, receipt.reversal_reason = receipt.reversal_reason, ""
    record(Action.OTHER_RECEIPT_KEEP, receipt, actor, was_to_be_taken_back_because=was)
    credit_notices.tell_kept(receipt, actor)


def why_not_there(receipt: OtherReceipt) -> str | None:
    """Why the books cannot take it back now: the money is not there any more."""
    programme = receipt.programme
    if receipt.kind == OtherReceiptKind.OVERPAID:
        if owed_to_payers(programme.id).get(receipt.organisation_id, 0) < receipt.amount_minor:  # type: ignore[arg-type]
            return _("It was set off or paid back, or is to be, at least in part.")
        there = bank_minor(programme.id)
    else:
        there = free_minor(programme.id)
    if receipt.amount_minor > there:
        return _("The bank account does not hold this amount any more.")
    return None


def _expect_there(receipt: OtherReceipt) -> None:
    reason = why_not_there(receipt)
    if reason is not None:
        raise NotNow(reason)


@operation
def set_off(statement: Statement, *, actor: User, once: uuid.UUID, version: int | None = None) -> None:
    """What the bond owes to the municipality pays (a part of) what it owes by this statement: PAYER_CREDIT debit,
    RECEIVABLE credit; no money moves. Not now where the bond owes it nothing."""
    if db.session.get(StatementPayment, once) is not None:
        return
    statement.expect_version(version)
    STATEMENT_FLOW.advance(statement, Action.STATEMENT_SET_OFF)
    amount = set_off_minor(statement)
    if amount <= 0:
        raise NotNow(_("Nothing is owed to this municipality that could be set off."))
    statement.payments.append(StatementPayment(id=once, amount_minor=amount, received_on=clock.today()))
    booked = _book_set_off(statement, amount, actor, once)
    settle_state(statement)
    record(Action.STATEMENT_SET_OFF, statement, actor, amount=amount)
    credit_notices.tell_set_off(statement, amount, booked)


def _book_set_off(statement: Statement, amount_minor: int, actor: User, once: uuid.UUID) -> Transfer:
    programme = statement.settlement.programme
    kinds = (AccountKind.PAYER_CREDIT, AccountKind.RECEIVABLE)
    debit, credit = (posting.account(programme.id, kind, statement.payer_id, programme.currency) for kind in kinds)
    return posting.post(
        debit, credit, amount_minor, statement, entered_by=actor, once=once, reference=statement.reference
    )


def set_off_minor(statement: Statement) -> int:
    """What can be set off against this statement (minor units)."""
    if not statement.is_payable:
        return 0
    credit = owed_to_payers(statement.programme_id).get(statement.payer_id, 0)
    return min(credit, statement.outstanding_minor)
