"""Tells the treasury which receipts a line of the bank shows, and of which a second person is asked already whether
they are to be taken back."""

import uuid
from collections.abc import Collection

from flask_babel import gettext as _
from sqlalchemy import select

from app.bank.models import BankEntry, BankMatch
from app.bank.states import SlipState
from app.bank.taken_back import TakenBack
from app.extensions import db
from app.ledger.models import Transfer
from app.treasury.unbooking import BOUND


def bound(receipts: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    booked = select(Transfer.id, Transfer.cause_id).join(TakenBack, TakenBack.transfer_id == Transfer.id)
    booked = booked.where(TakenBack.state == SlipState.PREPARED)
    booked = booked.where(Transfer.id.in_(receipts) | Transfer.cause_id.in_(receipts))
    why = _("A second person is asked already whether this was taken back.")
    waiting = {id: why for row in db.session.execute(booked) for id in row}
    return waiting | dict.fromkeys(shown(receipts), "")


def shown(receipts: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those that a line of the bank was matched with."""
    found = select(BankMatch.cause_id).join(BankEntry).where(BankMatch.cause_id.in_(receipts))
    return set(db.session.scalars(found.where(BankEntry.amount_minor > 0)))


BOUND.append(bound)
