"""Tells the treasury what the bank says: its newest balance, and which approved money no line of it shows."""

import uuid

from sqlalchemy import ColumnElement, func, select

from app.bank.importing import STANDS
from app.bank.models import BankBalance, BankEntry, BankMatch, BankStatement
from app.bank.reconciling import payments, receipts
from app.bank.states import EntryState
from app.extensions import db
from app.treasury.at_bank import AT_BANK, READ, UNBOOKED, AtBank


def at_bank(programme_id: uuid.UUID) -> AtBank | None:
    """None for a bond of which no statement came in."""
    newest = select(BankBalance.on, BankBalance.amount_minor).filter_by(programme_id=programme_id)
    told = db.session.execute(newest.order_by(BankBalance.on.desc()).limit(1)).first()
    if told is None:
        return None
    booked = unpaid_minor(programme_id), unreported_minor(programme_id)
    lines = select(func.sum(BankEntry.amount_minor), func.count()).filter_by(programme_id=programme_id)
    open_ones = lines.where(BankEntry.state != EntryState.MATCHED, BankEntry.booked_on <= told[0])
    left, number = db.session.execute(open_ones).one()
    return AtBank(told[0], int(told[1]), *booked, None if left is None else int(left), number)


def unpaid_minor(programme_id: uuid.UUID) -> int:
    """What was approved and no line of the bank shows (minor units)."""
    return sum(minor for _on, minor in payments(programme_id)) - _matched(programme_id, BankEntry.amount_minor < 0)


def unreported_minor(programme_id: uuid.UUID) -> int:
    """What was booked as received and no line of the bank shows (minor units)."""
    return sum(minor for _on, minor in receipts(programme_id)) - _matched(programme_id, BankEntry.amount_minor > 0)


def _matched(programme_id: uuid.UUID, lines: ColumnElement[bool]) -> int:
    found = select(func.coalesce(func.sum(BankMatch.amount_minor), 0)).join(BankEntry)
    return int(db.session.scalar(found.where(BankEntry.programme_id == programme_id, lines)) or 0)


def unbooked(programme_id: uuid.UUID) -> int:
    found = select(func.count()).select_from(BankEntry).filter_by(programme_id=programme_id)
    return int(db.session.scalar(found.where(BankEntry.state != EntryState.MATCHED)) or 0)


def is_read(programme_id: uuid.UUID) -> bool:
    found = select(BankStatement.id).filter_by(programme_id=programme_id).where(STANDS)
    return db.session.scalar(found.limit(1)) is not None


AT_BANK.append(at_bank)
UNBOOKED.append(unbooked)
READ.append(is_read)
