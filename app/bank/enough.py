"""Is there enough at the bank for a batch? What the bank last reported, less what is on its way to it."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.bank.models import BankBalance, BankEntry, BankMatch, BatchPayment, PaymentBatch
from app.bank.states import PaymentBatchState
from app.core import format
from app.core.money import Money
from app.extensions import db
from app.programmes.models import Programme


@dataclass(frozen=True, slots=True)
class AtTheBank:
    """Minor units: what the bank reported on its newest day `on`, with later lines; and of the batches that were let go
    what no line shows yet."""

    on: date
    reported_minor: int
    underway_minor: int

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
    went = select(BankMatch.cause_id).join(BankEntry).where(BankEntry.amount_minor < 0)
    underway = select(func.coalesce(func.sum(BatchPayment.amount_minor), 0)).join(PaymentBatch)
    underway = underway.where(
        PaymentBatch.programme_id == programme_id,
        PaymentBatch.state == PaymentBatchState.APPROVED,
        BatchPayment.cause_id.not_in(went),
    )
    return AtTheBank(last or told[0], int(told[1]) + int(moved), int(db.session.scalar(underway) or 0))


def why_not_enough(programme: Programme, amount_minor: int) -> str | None:
    """Why the bank would not carry out a batch of `amount_minor` more; None where it would, or nobody knows."""
    bank = at_the_bank(programme.id)
    if bank is None or amount_minor <= bank.left_minor:
        return None

    def shown(minor: int) -> str:
        return format.money(Money(minor, programme.currency))

    return _(
        "This batch is %(batch)s. The bank reported %(bank)s on %(day)s, and batches of %(underway)s are on their way: "
        "%(left)s is left.",
        batch=shown(amount_minor),
        bank=shown(bank.reported_minor),
        day=format.day(bank.on),
        underway=shown(bank.underway_minor),
        left=shown(bank.left_minor),
    )
