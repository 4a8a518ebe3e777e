"""Tells the treasury which money that came in, and that nobody matched yet, may be what an investor was asked for."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from app.bank.models import BankEntry, PayoutAccount
from app.bank.states import EntryState
from app.extensions import db
from app.treasury.default import ARRIVED
from app.treasury.models import CapitalCallPart


def arrived(part: CapitalCallPart) -> Sequence[BankEntry]:
    """Lines on the work list that name the reference or the investor, come from its account, or are of that amount."""
    programme_id = part.capital_call.programme_id
    found = select(BankEntry).filter_by(programme_id=programme_id, state=EntryState.OPEN)
    lines = db.session.scalars(found.where(BankEntry.amount_minor > 0).order_by(BankEntry.booked_on)).unique().all()
    ibans = set(db.session.scalars(select(PayoutAccount.iban).filter_by(organisation_id=part.organisation_id)))
    name = part.organisation.name.casefold()
    return [
        line
        for line in lines
        if line.amount_minor == part.amount_minor
        or line.iban in ibans
        or name in f"{line.name} {line.text}".casefold()
        or _bare(part.reference) in _bare(f"{line.end_to_end} {line.text}")
    ]


def _bare(text: str) -> str:
    """People and banks write dashes, dots and spaces as they like."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


ARRIVED.append(arrived)
