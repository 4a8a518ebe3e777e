"""Tells the treasury what the bank says: its newest balance, and which approved money no line of it shows."""

import uuid

from sqlalchemy import func, select

from app.bank.importing import STANDS
from app.bank.models import BankBalance, BankEntry, BankMatch, BankStatement
from app.bank.reconciling import payments
from app.bank.states import EntryState
from app.extensions import db
from app.treasury.at_bank import AT_BANK, READ, UNBOOKED, AtBank


def at_bank(programme_id: uuid.UUID) -> AtBank | None:
    """None for a bond of which no statement came in."""
    newest = select(BankBalance.on, BankBalance.amount_minor).filter_by(programme_id=programme_id)
    told = db.session.execute(newest.order_by(BankBalance.on.desc()).limit(1)).first()
    if told is None:
        return None
    unpaid = unpaid_minor(programme_id)
    lines = select(func.sum(BankEntry.amount_minor)).filter_by(programme_id=programme_id)
    left = db.session.scalar(lines.where(BankEntry.state != EntryState.MATCHED, BankEntry.booked_on <= told[0]))
    return AtBank(told[0], int(told[1]), unpaid, None if left is None else int(left))


def unpaid_minor(programme_id: uuid.UUID) -> int:
    """What was approved and no line of the bank shows (minor units)."""
    went = select(func.coalesce(func.sum(BankMatch.amount_minor), 0)).join(BankEntry)
    went = went.where(BankEntry.programme_id == programme_id, BankEntry.amount_minor < 0)
    return sum(minor for _on, minor in payments(programme_id)) - int(db.session.scalar(went) or 0)


def unbooked(programme_id: uuid.UUID) -> int:
    found = select(func.count()).select_from(BankEntry).filter_by(programme_id=programme_id)
    return int(db.session.scalar(found.where(BankEntry.state != EntryState.MATCHED)) or 0)


def is_read(programme_id: uuid.UUID) -> bool:
    found = select(BankStatement.id).filter_by(programme_id=programme_id).where(STANDS)
    return db.session.scalar(found.limit(1)) is not None


AT_BANK.append(at_bank)
UNBOOKED.append(unbooked)
READ.append(is_read)
