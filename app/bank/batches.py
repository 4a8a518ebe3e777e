"""Payments on their way to the bank. A batch moves no money in the books: its causes were approved and booked before.
Only a payment that came back is booked anew when the batch in which it goes out again is let go.

So four people at the most, two at the least, stand between a wish and a payment: who prepared and who approved the
cost or the distribution, and who made and who let go the batch.
"""

import hashlib
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.bank import notices
from app.bank.accounts import accounts_in_use
from app.bank.enough import why_not_enough
from app.bank.models import BankEntry, BankMatch, BatchPayment, PaymentBatch, PayoutAccount
from app.bank.pain import pain_of
from app.bank.states import PAYMENT_BATCH_FLOW
from app.core import clock, format
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.languages import LOCALES
from app.people.models import Organisation, User
from app.programmes.models import Programme
from app.treasury.models import CostPayment, Distribution, DistributionPart
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.returned_operations import pay_again
from app.treasury.states import PaymentState

MOST_DAYS_AHEAD = 30  # further away an account or an amount may well be another one by then


@dataclass(frozen=True, slots=True)
class Payable:
    """An approved payment that is in no batch yet; without `account` it cannot be in one."""

    cause: Any
    organisation: Organisation | None  # none: it is paid on the account that the remittance names, where it does
    amount_minor: int
    description: str
    account: PayoutAccount | None
    came_back: bool = False  # an earlier payment to this very account did

    @property
    def id(self) -> uuid.UUID:
        found: uuid.UUID = self.cause.id
        return found

    @property
    def payee(self) -> str:
        return self.organisation.name if self.organisation is not None else str(self.cause.payee)

    @property
    def can_go(self) -> bool:
        """It is known on which account."""
        return self.account is not None or (self.organisation is None and bool(self.cause.iban))


Paying = tuple[Any, Organisation | None, int, str]  # the row, who is paid, minor units, what for


def payable(programme: Programme) -> list[Payable]:
    """What was approved and neither stands in a batch nor was found on a statement of the bank, oldest first."""
    went = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)
    held = select(BatchPayment.held_id).where(BatchPayment.held_id.is_not(None))
    taken = held.union(went, select(ReturnedPayment.cause_id))
    costs = select(CostPayment).where(
        CostPayment.programme_id == programme.id,
        CostPayment.state == PaymentState.APPROVED,
        CostPayment.id.not_in(taken),
    )
    parts = (
        select(DistributionPart, Distribution)
        .join(Distribution)
        .where(
            Distribution.programme_id == programme.id,
            Distribution.state == PaymentState.APPROVED,
            DistributionPart.id.not_in(taken),
        )
        .order_by(Distribution.number, DistributionPart.position)
    )
    found: list[Paying] = [
        (cost, cost.organisation, cost.amount_minor, cost.description)
        for cost in db.session.scalars(costs.order_by(CostPayment.decided_at)).unique()
    ]
    for part, distribution in db.session.execute(parts).unique():
        found.append((part, part.organisation, part.principal_minor + part.return_minor, distribution.title))
    found += _others(programme, taken)
    accounts = accounts_in_use({one[1].id for one in found if one[1] is not None})
    bad: set[uuid.UUID | str | None] = {*_gave_back(programme), *_gave_back_outside(programme)}
    return [_payable(one, accounts.get(one[1].id) if one[1] is not None else None, bad) for one in found]


def _payable(one: Paying, account: PayoutAccount | None, bad: Collection[uuid.UUID | str | None]) -> Payable:
    sign = account.id if account is not None else getattr(one[0], "iban", None) or None
    return Payable(*one, account, came_back=sign is not None and sign in bad)


def _gave_back(programme: Programme) -> set[uuid.UUID | None]:
    """The accounts from which a payment of this bond came back."""
    back = select(ReturnedPayment.cause_id).filter_by(programme_id=programme.id)
    return set(db.session.scalars(select(BatchPayment.account_id).where(BatchPayment.cause_id.in_(back))))


def _gave_back_outside(programme: Programme) -> Sequence[str]:
    """The same of who is no party of the portal: IBANs."""
    back = select(ReturnedPayment.cause_id).filter_by(programme_id=programme.id)
    return db.session.scalars(select(RemittancePart.iban).where(RemittancePart.id.in_(back))).all()


def _others(programme: Programme, taken: Any) -> Iterator[Paying]:
    """VAT, parts of what is left at the end, and payments that came back and wait to go out again."""
    parts = select(RemittancePart).join(Remittance).order_by(Remittance.decided_at, RemittancePart.position)
    parts = parts.where(Remittance.programme_id == programme.id, Remittance.state == PaymentState.APPROVED)
    for part in db.session.scalars(parts.where(RemittancePart.id.not_in(taken))).unique():
        bears = part.remittance.reference if part.organisation is None else ""
        yield part, part.organisation, part.amount_minor, bears or part.title
    back = select(ReturnedPayment).where(
        ReturnedPayment.programme_id == programme.id,
        *ReturnedPayment.waiting(),
        ReturnedPayment.id.not_in(taken),
    )
    for one in db.session.scalars(back.order_by(ReturnedPayment.created_at)).unique():
        yield one, one.organisation, one.amount_minor, one.title


@operation
def prepare_batch(
    programme: Programme, chosen: Sequence[uuid.UUID], execution_on: date, *, actor: User, once: uuid.UUID
) -> PaymentBatch:
    """Lay approved payments together for the bank, to be executed on the working day `execution_on`.

    Refused: nothing chosen, a payment that has no account in use or stands in a batch already, a day that is past, on
    which banks are closed or more than `MOST_DAYS_AHEAD` days away, a bond without an account of its own, or one that
    is not kept in euros.
    """
    existing = db.session.get(PaymentBatch, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    own = programme.account
    if own is None:
        raise NotNow(_("The bond has no account in use yet that this could be paid from."))
    if programme.currency != "EUR":
        raise NotNow(_("A SEPA file takes euros only."))
    _check_day(programme, execution_on)
    with force_locale(LOCALES[programme.jurisdiction]):  # the receiver reads it on a statement
        open_ones = {one.id: one for one in payable(programme)}
    wanted = [one for one in open_ones.values() if one.id in set(chosen) and one.can_go]
    if not chosen or len(wanted) != len(set(chosen)):
        raise Refused(_("Choose payments that have an account in use and stand in no batch yet."), "payments")
    latest = select(func.max(PaymentBatch.number)).where(PaymentBatch.programme_id == programme.id)
    number = (db.session.scalar(latest) or 0) + 1
    batch = PaymentBatch(
        id=once,
        programme=programme,
        number=number,
        reference=f"P{number:03d}-{once.hex[:12].upper()}",
        execution_on=execution_on,
        amount_minor=sum(one.amount_minor for one in wanted),
        holder=own.holder,
        iban=own.iban,
    )
    db.session.add(batch)
    for position, one in enumerate(wanted, start=1):
        _add(batch, position, one)
    record(
        Action.PAYMENT_BATCH_PREPARE, batch, actor, on_behalf_of=programme, amount=batch.amount_minor, count=len(wanted)
    )
    notices.tell_prepared(batch, actor)
    return batch


def _check_day(programme: Programme, execution_on: date) -> None:
    if execution_on < clock.today():
        raise Refused(_("This day is past."), "execution_on")
    if not clock.is_working_day(execution_on, programme.jurisdiction):
        raise Refused(_("Banks are closed on this day."), "execution_on")
    last = clock.today() + timedelta(days=MOST_DAYS_AHEAD)
    if execution_on > last:
        facts = {"days": MOST_DAYS_AHEAD, "day": format.day(last)}
        raise Refused(_("At most %(days)d days ahead: %(day)s at the latest.", **facts), "execution_on")


def _add(batch: PaymentBatch, position: int, one: Payable) -> None:
    payment_id = uuid.uuid4()
    db.session.add(
        BatchPayment(
            id=payment_id,
            batch=batch,
            position=position,
            cause_type=one.cause.__tablename__,
            cause_id=one.id,
            held_id=one.id,
            organisation=one.organisation,
            account=one.account,
            amount_minor=one.amount_minor,
            reference=f"P{batch.number:03d}-{position:04d}-{payment_id.hex[:12].upper()}",
            description=one.description,
        )
    )


@operation
def approve_batch(batch: PaymentBatch, *, actor: User, version: int | None = None) -> None:
    """A second person of the intermediary lets the batch go: its file is made once, and stays as it is.

    Not now when an account changed since the batch was made, when its day is past, or when the bank has not enough for
    it by what it last reported.
    """
    batch.expect_version(version)
    short = why_not_enough(batch.programme, batch.amount_minor)  # before the batch itself counts as on its way
    PAYMENT_BATCH_FLOW.advance(batch, Action.PAYMENT_BATCH_APPROVE)
    if short is not None:
        raise NotNow(short)
    if batch.execution_on < clock.today():
        raise NotNow(_("The day of execution is past. Reject this batch and prepare it anew."))
    of_parties = {one.organisation_id: one for one in batch.payments if one.organisation_id is not None}
    in_use = accounts_in_use(set(of_parties))
    changed = [id for id, one in of_parties.items() if in_use.get(id) is not one.account]
    own = batch.programme.account
    if changed or own is None or own.iban != batch.iban:
        raise NotNow(_("An account changed since this batch was made. Reject it and prepare it anew."))
    for payment in batch.payments:
        if payment.cause_type == ReturnedPayment.__tablename__:
            pay_again(db.session.get_one(ReturnedPayment, payment.cause_id), actor=actor)
    batch.decided_at = clock.now()
    with force_locale(LOCALES[batch.programme.jurisdiction]):
        batch.file = pain_of(batch)
    batch.file_sha256 = hashlib.sha256(batch.file).hexdigest()
    record(Action.PAYMENT_BATCH_APPROVE, batch, actor, amount=batch.amount_minor, sha256=batch.file_sha256)
    notices.tell_approved(batch)


@operation
def reject_batch(batch: PaymentBatch, reason: str, *, actor: User, version: int | None = None) -> None:
    """The batch does not go to the bank; its payments may stand in another."""
    batch.expect_version(version)
    PAYMENT_BATCH_FLOW.advance(batch, Action.PAYMENT_BATCH_REJECT)
    batch.decided_at, batch.rejected_because = clock.now(), reason
    for payment in batch.payments:
        payment.held_id = None
    record(Action.PAYMENT_BATCH_REJECT, batch, actor, reason=reason)
    notices.tell_rejected(batch)


@operation
def note_download(batch: PaymentBatch, *, actor: User) -> None:
    """The file holds accounts and amounts, and whoever has it may bring it to a bank: each who takes it stands in the
    trail, with what was in it."""
    PAYMENT_BATCH_FLOW.advance(batch, Action.PAYMENT_BATCH_DOWNLOAD)
    record(Action.PAYMENT_BATCH_DOWNLOAD, batch, actor, amount=batch.amount_minor, sha256=batch.file_sha256)
