"""Money of somebody unknown that was sent back: two lines that were set aside and cancel each other out. Nothing of
them is in the books, and nothing of them is on the account."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.extensions import db


def sent_back(programme_id: uuid.UUID) -> list[tuple[BankEntry, BankEntry]]:
    """(what came in, the later line that took it out again), each line once: the same amount to the cent, and to the
    account that it came from where the bank names both."""
    aside = select(BankEntry).filter_by(programme_id=programme_id, state=EntryState.SET_ASIDE)
    lines = db.session.scalars(aside.order_by(BankEntry.booked_on, BankEntry.position, BankEntry.id)).unique().all()
    return pairs_of(lines)


def pairs_of(lines: Sequence[BankEntry]) -> list[tuple[BankEntry, BankEntry]]:
    came = [line for line in lines if line.amount_minor > 0]
    found = []
    for out in (line for line in lines if line.amount_minor < 0):
        one = next((line for line in came if is_sent_back(line, out)), None)
        if one is not None:
            came.remove(one)
            found.append((one, out))
    return found


def is_sent_back(came: BankEntry, out: BankEntry) -> bool:
    same = came.amount_minor == -out.amount_minor and came.booked_on <= out.booked_on
    return same and (not came.iban or not out.iban or came.iban == out.iban)
