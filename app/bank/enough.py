"""Is there enough at the bank for a batch? What the bank last reported, less what is on its way to it.

A line that went out lowered what the bank reported. Where nobody matched it yet, and it is beyond doubt a payment of a
batch, that payment is no more on its way. Where there is doubt it stays on its way: better asked than bounced.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.bank.matching import names
from app.bank.models import BankBalance, BankEntry, BankMatch, BatchPayment, PaymentBatch
from app.bank.states import EntryState, PaymentBatchState
from app.core import clock, format
from app.core.money import Money
from app.extensions import db
from app.programmes.models import Programme


@dataclass(frozen=True, slots=True)
class AtTheBank:
    """Minor units: what the bank reported on its newest day `on`, with later lines; of the batches that were let go
    what no line shows yet; and lines that went out, which nobody matched and which may be anything."""

    on: date
    reported_minor: int
    underway_minor: int
    unmatched_minor: int = 0

    @property
    def left_minor(self) -> int:
        return self.reported_minor - self.underway_minor


def at_the_bank(programme_id: uuid.UUID) -> AtTheBank | None:
    """None where the bank never reported a balance."""
    newest = select(BankBalance.on, BankBalance.amount_minor).filter_by(programme_id=programme_id)
    told = db.session.execute(newest.order_by(BankBalance.on.desc()).limit(1)).first()
    if told is None:
        return None
    later = select(func.coalesce(func.sum(BankEntry.amount_minor), 0), func.max(BankEntry.booked_on))
    moved, last = db.session.execute(
        later.where(BankEntry.programme_id == programme_id, BankEntry.booked_on > told[0])
    ).one()
    unmatched = _unmatched(programme_id)
    certain = sum(_certainly(programme_id, unmatched))
    total = select(func.coalesce(func.sum(BatchPayment.amount_minor), 0))
    underway = int(db.session.scalar(_underway(total, programme_id)) or 0)
    lines = -sum(line.amount_minor for line in unmatched)
    return AtTheBank(last or told[0], int(told[1]) + int(moved), underway - certain, lines - certain)


def _unmatched(programme_id: uuid.UUID) -> list[BankEntry]:
    """Lines that went out and wait for a person; what was set aside is no payment of the bond."""
    waits = BankEntry.state.in_((EntryState.OPEN, EntryState.PROPOSED))
    found = select(BankEntry).where(BankEntry.programme_id == programme_id, BankEntry.amount_minor < 0, waits)
    return list(db.session.scalars(found.order_by(BankEntry.booked_on, BankEntry.position)).unique())


def _underway(found: Select[Any], programme_id: uuid.UUID) -> Select[Any]:
    """Payments of batches that were let go, with which no line was matched."""
    went = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)
    return found.join(PaymentBatch).where(
        PaymentBatch.programme_id == programme_id,
        PaymentBatch.state == PaymentBatchState.APPROVED,
        BatchPayment.cause_id.not_in(went),
    )


def _certainly(programme_id: uuid.UUID, unmatched: Sequence[BankEntry]) -> Iterator[int]:
    """The amounts of the payments that left by one of the lines, each line and each payment once."""
    if not unmatched:
        return
    found = _underway(select(BatchPayment), programme_id).order_by(PaymentBatch.number, BatchPayment.position)
    found = found.where(BatchPayment.amount_minor.in_({-line.amount_minor for line in unmatched}))
    payments = list(db.session.scalars(found).unique())
    for line in unmatched:
        gone = next((one for one in payments if _is(line, one)), None)
        if gone is not None:
            payments.remove(gone)
            yield gone.amount_minor


def _is(line: BankEntry, payment: BatchPayment) -> bool:
    """To the cent, after the batch was let go, and by its own reference or to the account that it was for."""
    decided = payment.batch.decided_at
    if -line.amount_minor != payment.amount_minor or decided is None or line.booked_on < clock.day_of(decided):
        return False
    return names(line, payment.reference) or line.iban.replace(" ", "").upper() == payment.iban


def why_not_enough(programme: Programme, amount_minor: int) -> str | None:
    """Why the bank would not carry out a batch of `amount_minor` more; None where it would, or nobody knows."""
    bank = at_the_bank(programme.id)
    if bank is None or amount_minor <= bank.left_minor:
        return None

    def shown(minor: int) -> str:
        return format.money(Money(minor, programme.currency))

    words = _(
        "This batch is %(batch)s. The bank reported %(bank)s on %(day)s, and batches of %(underway)s are on their way: "
        "%(left)s is left.",
        batch=shown(amount_minor),
        bank=shown(bank.reported_minor),
        day=format.day(bank.on),
        underway=shown(bank.underway_minor),
        left=shown(bank.left_minor),
    )
    if not bank.unmatched_minor or amount_minor > bank.left_minor + min(bank.unmatched_minor, bank.underway_minor):
        return words
    doubt = _(
        "On the work list stand lines of %(lines)s that went out. Match those that are payments of these batches: then "
        "they count once.",
        lines=shown(bank.unmatched_minor),
    )
    return f"{words} {doubt}"
