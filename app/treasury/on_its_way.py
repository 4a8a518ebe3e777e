"""Has an investor its money yet? Approved is not paid: that is known when a line of the bank shows the payment. Of a
bond whose bank is not read here it is never known, and the words say so."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, union_all

from app.extensions import db
from app.programmes.states import Phase
from app.treasury.at_bank import is_bank_read
from app.treasury.models import DistributionPart
from app.treasury.returned import ReturnedPayment
from app.treasury.standing import GONE_OUT, PAID, TO_BE_PAID_AGAIN

ON_ITS_WAY = _l("approved, on its way")
NOT_KNOWN = _l("approved; whether it was paid is not known here")
STATED = _l("paid, as two people stated at the close of the bond")
State = tuple[Any, str]  # words and tone


def states_of(parts: Sequence[DistributionPart]) -> dict[uuid.UUID, State]:
    """By part of an approved distribution, all of one bond: paid, on its way (or not known), or returned and to be paid
    again. In three selects."""
    if not parts:
        return {}
    last: dict[uuid.UUID, uuid.UUID] = {part.id: part.id for part in parts}  # what is to be paid of each part now
    waits: set[uuid.UUID] = set()
    first = {part.id: part.id for part in parts}
    own = [part.organisation_id for part in parts]
    back = select(ReturnedPayment).where(ReturnedPayment.organisation_id.in_(own)).order_by(ReturnedPayment.created_at)
    for one in db.session.scalars(back).unique():  # oldest first: a payment may come back again
        if (origin := first.get(one.cause_id)) is not None:
            first[one.id], last[origin] = origin, one.id
            (waits.add if one.repaid_at is None else waits.discard)(origin)
    paid = gone_out(last.values())
    programme = parts[0].distribution.programme
    read = is_bank_read(programme.id)
    beyond = ON_ITS_WAY if read else STATED if programme.phase == Phase.CLOSED else NOT_KNOWN
    return {id: _state(id in waits, now in paid, beyond) for id, now in last.items()}


def gone_out(causes: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these payments that a line of the bank shows."""
    sent: Any = union_all(*(found() for found in GONE_OUT)).subquery()
    return set(db.session.scalars(select(sent.c[0]).where(sent.c[0].in_(list(causes)))))


def _state(waits: bool, paid: bool, beyond: Any) -> State:
    if waits:
        return TO_BE_PAID_AGAIN, "warn"
    if paid:
        return PAID, "good"
    return beyond, "good" if beyond is STATED else "info"


def on_its_way_minor(parts: Sequence[DistributionPart], states: dict[uuid.UUID, State]) -> int:
    """What was approved for this investor and is not known to have reached it (minor units)."""
    return sum(part.principal_minor + part.return_minor for part in parts if states[part.id][0] not in (PAID, STATED))
