"""Which receipts a distribution was paid from, without a look at each of its ten thousand payments."""

import uuid
from bisect import bisect_right
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from app.extensions import db
from app.ledger.balances import moved
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.treasury.movements import Booked, Share, apart_from_investors, bank_of, moments_of, paid_one_by_one, place_of
from app.treasury.returned import or_again


def paid_from(programme_id: uuid.UUID, whole: Select[Any], own: Select[Any] | None = None, own_minor: int = 0) -> Any:
    """Of each receipt, what went out with the parts `whole` of one distribution; with `own`, some of these parts that
    come to `own_minor`: then where all receipts are of one kind they are not told apart."""
    bank = bank_of(programme_id)
    found = _in_sums(bank, apart_from_investors(bank), whole) if bank is not None else []
    if found and own is not None:
        kinds = {kind for _id, kind, _amount in found}
        found = [(found[0][0], kinds.pop(), own_minor)] if len(kinds) == 1 else None
    return paid_one_by_one(bank, or_again(whole if own is None else own)) if found is None else found


@dataclass(slots=True)
class Place:
    """What moved between two moments, in minor units, and when the first and the last of it went out."""

    receipts: list[Share] = field(default_factory=list)  # meant for distributions
    came: int = 0  # in all
    vat: int = 0  # of it
    costs: int = 0  # meant to be paid from capital
    vat_paid: int = 0
    went: int = 0  # in all, but for what is asked for
    asked: int = 0
    booked_back: bool = False  # something of it
    went_at: tuple[datetime, datetime] | None = None
    asked_at: tuple[datetime, datetime] | None = None


def _in_sums(bank: uuid.UUID, apart: list[Booked], asked: Select[Any]) -> list[Share] | None:
    """None where capital paid for some of it, something was booked back, money of others was among it that is no VAT,
    or the order inside a place matters: then each movement must be read."""
    others = AccountKind.PAYER_CREDIT, AccountKind.GUARANTEE
    beside = (one.kind in others or (one.kind == AccountKind.VAT and one.incoming) for one in apart)
    if any(one.frees or one.back for one in apart) or any(beside):
        return None
    there: deque[Share] = deque()
    capital, vat, found = 0, 0, []
    for _number, place in sorted(_places(bank, apart, asked).items()):
        there.extend(place.receipts)
        capital += place.came - place.vat - _sum(place.receipts)
        vat += place.vat - place.vat_paid
        before = _before(place, capital)
        if before is None or place.booked_back or vat < 0:
            return None
        for is_asked in (False, True) if before else (True, False):
            if is_asked:
                taken = _take(there, place.asked)
                found += taken
                lacking = place.asked - _sum(taken)
            else:
                borrowed = max(0, place.costs - capital)
                given = place.went - place.costs - place.vat_paid
                capital -= place.costs - borrowed
                lacking = borrowed - _sum(_take(there, borrowed))
                capital -= given - _sum(_take(there, given))
            if lacking or capital < 0:
                return None
    return found


def _before(place: Place, capital: int) -> bool | None:
    """Does all else go out before what is asked for? None where that matters and both went out by turns."""
    if place.asked_at is None or place.went_at is None or (place.went - place.vat_paid == place.costs <= capital):
        return True
    if place.went_at[1] < place.asked_at[0]:
        return True
    return False if place.asked_at[1] < place.went_at[0] else None


def _take(there: deque[Share], minor: int) -> list[Share]:
    """What came first goes first; less than `minor` where no more is there."""
    taken: list[Share] = []
    while minor and there:
        id, kind, amount = there.popleft()
        part = min(amount, minor)
        taken.append((id, kind, part))
        minor -= part
        if amount > part:
            there.appendleft((id, kind, amount - part))
    return taken


def _sum(shares: list[Share]) -> int:
    return sum(amount for _id, _kind, amount in shares)


def _places(bank: uuid.UUID, apart: list[Booked], asked: Select[Any]) -> dict[int, Place]:
    moments = moments_of(apart)
    found: dict[int, Place] = defaultdict(Place)
    for one in apart:
        place = found[bisect_right(moments, one.at)]
        if one.incoming and one.meant is None:
            place.vat += one.vat_minor
            if one.amount_minor > one.vat_minor:
                place.receipts.append((one.id, one.kind, one.amount_minor - one.vat_minor))
        elif not one.incoming and one.meant is not None:
            place.costs += one.amount_minor
        elif not one.incoming and one.kind == AccountKind.VAT:
            place.vat_paid += one.amount_minor
    incoming = Transfer.debit_id == bank
    mine = Transfer.cause_id.in_(asked)
    columns = (place_of(moments).label("place"), incoming.label("incoming"), mine.label("mine"))
    back = case((Transfer.kind == TransferKind.REVERSAL, 1), else_=0).label("back")
    each = select(*columns, Transfer.amount_minor, Transfer.created_at, back)
    row = each.where(moved(), or_(incoming, Transfer.credit_id == bank)).subquery()
    keys = (row.c.place, row.c.incoming, row.c.mine)
    sums = (func.sum(row.c.amount_minor), func.min(row.c.created_at), func.max(row.c.created_at), func.max(row.c.back))
    found_of = select(*keys, *sums).group_by(*keys)
    for number, came, is_asked, minor, first, last, was_back in db.session.execute(found_of):
        place = found[number]
        place.booked_back |= bool(was_back)
        if came:
            place.came += int(minor)
        elif is_asked:
            place.asked, place.asked_at = int(minor), (first, last)
        else:
            place.went, place.went_at = int(minor), (first, last)
    return found
