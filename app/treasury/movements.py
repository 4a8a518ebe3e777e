"""Everything on the bank account of a bond, as movements that can be traced."""

import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, not_, or_, select

from app.extensions import db
from app.ledger.balances import moved
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.treasury.of_others import Freed, freed, guaranteed_parts, vat_shares
from app.treasury.trace import Movement, Purse, links

# Capital is meant for running costs and the bank, what municipalities pay for distributions.
OF_CAPITAL = (AccountKind.INVESTOR_CAPITAL, AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)
FROM_CAPITAL = (AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)
OF_INVESTORS = (AccountKind.INVESTOR_CAPITAL, AccountKind.INVESTOR_RETURN)
OF_OTHERS = {AccountKind.VAT: Purse.VAT, AccountKind.GUARANTEE: Purse.GUARANTEE}


Share = tuple[uuid.UUID, AccountKind, int]  # of a transfer: which, the account on its other side, minor units


class Around(NamedTuple):
    """What money came in with, what it went out with, in the order of the books, and how much of it is still on the
    account (minor units)."""

    sources: list[Share]
    uses: list[Share]
    left_minor: int


def around(programme_id: uuid.UUID, through: Collection[uuid.UUID]) -> Around:
    """Of the money of these transfers. What was booked back, and what booked it back, is no money."""
    movements = list(bank_movements(programme_id))
    kinds = {movement.id: kind for movement, kind in movements}
    undone = {movement.undoes for movement, _kind in movements}
    mine = [one for one, _kind in movements if one.id in through and one.id not in undone and one.undoes is None]
    left = sum(one.amount_minor for one in mine if one.incoming)
    turned = {one.id for one in mine if one.sets_off}
    sources, uses = [], []
    for link in links(movement for movement, _kind in movements):
        if link.use in through:
            sources.append((link.source, kinds[link.source], link.amount_minor))
            left += link.amount_minor if link.use in turned else 0
        if link.source in through:
            uses.append((link.use, kinds[link.use], link.amount_minor))
            left -= link.amount_minor
    return Around(sources, uses, left)


def bank_movements(programme_id: uuid.UUID) -> Iterator[tuple[Movement, AccountKind]]:
    """In the order of the books, each with the account on its other side; at one moment what came in is before what
    went out."""
    for row in _moved(bank_of(programme_id)):
        yield _movement(row), row.kind


def _movement(row: "Row") -> Movement:
    vat = row.vat_minor
    if row.frees:
        return Movement(row.id, row.amount_minor, False, OF_OTHERS[row.kind], row.party, frees=True)
    if row.kind == AccountKind.PAYER_CREDIT or row.sets_off:
        return Movement(row.id, row.amount_minor, row.incoming, Purse.CREDIT, row.party, row.sets_off, row.undoes, vat)
    if row.guaranteed is not None and row.kind == AccountKind.INVESTOR_CAPITAL:
        return Movement(row.id, row.amount_minor, False, Purse.GUARANTEE, row.guaranteed)
    came = row.incoming != (row.undoes is not None)  # the purse is that of what is undone
    meant = Purse.CAPITAL if row.kind in (OF_CAPITAL if came else FROM_CAPITAL) else Purse.OUTCOMES
    purse = OF_OTHERS.get(row.kind, meant)
    return Movement(row.id, row.amount_minor, row.incoming, purse, undoes=row.undoes, vat_minor=vat)


def paid_one_by_one(bank: uuid.UUID | None, causes: Select[Any]) -> list[Share]:
    """Of each receipt, what went out with the transfers of these causes."""
    rows = list(_moved(bank, Transfer.cause_id.in_(causes)))
    own = {row.id for row in rows if row.marked}
    kinds = {row.id: row.kind for row in rows}
    sums: dict[uuid.UUID, int] = {}
    for link in links(_movement(row) for row in rows):
        if link.use in own:
            sums[link.source] = sums.get(link.source, 0) + link.amount_minor
    return [(source, kinds[source], amount) for source, amount in sums.items()]


@dataclass(frozen=True, slots=True)
class Booked:
    """One movement over the bank account; `meant` as in `bank_runs`. `undoes`: the movement that it books back."""

    id: uuid.UUID
    at: datetime
    amount_minor: int
    incoming: bool
    kind: AccountKind
    undoes: uuid.UUID | None = None
    vat_minor: int = 0  # of it
    frees: bool = False  # as in `Movement`: no money moved

    @property
    def back(self) -> bool:
        return self.undoes is not None

    @property
    def meant(self) -> AccountKind | None:
        return self.kind if self.kind in FROM_CAPITAL else None

    @property
    def is_investors(self) -> bool:
        return self.kind in OF_INVESTORS

    @property
    def is_from_outside(self) -> bool:
        """Neither an investor nor the bank brought it, and no provider brought it back."""
        return self.incoming and self.meant is None and not self.is_investors

    @property
    def purse(self) -> Purse:
        """Of what books back that of what is undone."""
        of_capital = OF_CAPITAL if self.incoming != self.back else FROM_CAPITAL
        return OF_OTHERS.get(self.kind, Purse.CAPITAL if self.kind in of_capital else Purse.OUTCOMES)


def apart_from_investors(bank: uuid.UUID | None) -> list[Booked]:
    """In the order of the books whatever moved over the bank account but capital and what was distributed: these may
    have tens of thousands, all else is little. Of them too what was booked back, and what booked it back: whatever was
    paid from a receipt that is gone was paid from other money, and that is one answer here and where a cent is
    followed."""
    undoes = case((Transfer.kind == TransferKind.REVERSAL, Transfer.pending_id))
    undone = select(Transfer.pending_id).where(Transfer.kind == TransferKind.REVERSAL)
    undone = undone.where(or_(Transfer.debit_id == bank, Transfer.credit_id == bank))

    def moving(side: Any, other: Any, incoming: bool) -> Any:
        columns = (Transfer.id, Transfer.created_at, Transfer.amount_minor, literal(incoming), Account.kind, undoes)
        found = select(*columns).join(Account, Account.id == other).where(side == bank, moved())
        is_reversal = Transfer.kind == TransferKind.REVERSAL
        return found.where(or_(Account.kind.not_in(OF_INVESTORS), is_reversal, Transfer.id.in_(undone)))

    came = moving(Transfer.debit_id, Transfer.credit_id, True)
    went = moving(Transfer.credit_id, Transfer.debit_id, False)
    rows = db.session.execute(came.union_all(went)) if bank is not None else ()
    vat = vat_shares(bank) if bank is not None else {}
    found = [
        Booked(id, at, minor, bool(incoming), kind, booked_back, vat.get(id, 0))
        for id, at, minor, incoming, kind, booked_back in rows
    ]
    for one in freed(bank) if bank is not None else ():
        found.append(Booked(one.id, one.at, one.amount_minor, False, one.kind, frees=True))
    return sorted(found, key=lambda one: (one.at, not one.incoming, not one.frees, one.id))


def bank_runs(bank: uuid.UUID | None, apart: list[Booked]) -> list[tuple[Movement, AccountKind | None]]:
    """The same in sums, for whoever names no transfer: between two movements that are no investor's, all capital and
    all that was distributed is added up by the database, for there the order of these changes nothing. The kind is that
    of capital or of what it is meant for; of what municipalities pay, and distributions, None.

    Until the first payment of a municipality there is only capital, and no order at all matters.
    """
    moments = moments_of(apart)
    found: list[tuple[tuple[int, bool, int], Movement, AccountKind | None]] = []  # in a place first what came in
    known: Counter[tuple[int, bool, bool]] = Counter()
    for number, one in enumerate(apart, start=1):
        place = bisect_right(moments, one.at)
        known[place, one.incoming, one.back] += 0 if one.frees else one.amount_minor
        movement = Movement(
            one.id,
            one.amount_minor,
            one.incoming,
            one.purse,
            undoes=one.undoes,
            vat_minor=one.vat_minor,
            frees=one.frees,
        )
        found.append(((place, not one.incoming, -1 if one.frees else number), movement, one.meant))
    for place, incoming, back, whole in _sums_between(bank, moments) if bank is not None else ():
        if left := int(whole) - known[place, incoming, back]:
            purse, kind = (Purse.CAPITAL, AccountKind.INVESTOR_CAPITAL) if incoming else (Purse.OUTCOMES, None)
            name = uuid.UUID(int=2 * place + incoming)
            found.append(((place, not incoming, 0), Movement(name, left, bool(incoming), purse), kind))
    return [(movement, kind) for _order, movement, kind in sorted(found, key=lambda one: one[0])]


def moments_of(apart: list[Booked]) -> list[datetime]:
    """Where the order begins to matter, and from there each moment by itself: its beginning and its end."""
    first = next((one.at for one in apart if one.is_from_outside or one.is_investors), None)
    single = {one.at for one in apart if first is not None and one.at >= first}
    return sorted(single | {at + datetime.resolution for at in single})


def _sums_between(bank: uuid.UUID, moments: list[datetime]) -> Iterable[Any]:
    """(place between the moments, did it come in, does it book something back, minor units)."""
    incoming = Transfer.debit_id == bank
    columns = (place_of(moments).label("place"), incoming.label("incoming"), _is_back().label("back"))
    row = select(*columns, Transfer.amount_minor).where(moved(), or_(incoming, Transfer.credit_id == bank)).subquery()
    keys = (row.c.place, row.c.incoming, row.c.back)
    return db.session.execute(select(*keys, func.sum(row.c.amount_minor)).group_by(*keys))


def _is_back() -> ColumnElement[int]:
    return case((Transfer.kind == TransferKind.REVERSAL, 1), else_=0)


def place_of(moments: list[datetime], first: int = 0) -> ColumnElement[int]:
    """How many of the moments had come, found by halves."""
    if not moments:
        return literal(first)
    middle = len(moments) // 2
    before, after = place_of(moments[:middle], first), place_of(moments[middle + 1 :], first + middle + 1)
    return case((Transfer.created_at < moments[middle], before), else_=after)


class Row(NamedTuple):
    """One transfer over the bank account, with the account on its other side; or a set-off, where no money moved and
    that is the receivable it pays."""

    id: uuid.UUID
    amount_minor: int
    incoming: bool
    sets_off: bool
    kind: AccountKind
    party: uuid.UUID | None
    undoes: uuid.UUID | None
    marked: bool
    at: datetime
    vat_minor: int = 0
    guaranteed: uuid.UUID | None = None  # the distribution that pays it of the guarantor's money
    frees: bool = False

    @property
    def order(self) -> tuple[datetime, int]:
        return self.at, 0 if self.incoming else 1 if self.sets_off or self.frees else 2


def _moved(bank: uuid.UUID | None, marked: Any = None) -> Iterator[Row]:
    """In the order of the books; at one moment first what came in, then what was set off or is another's no more."""
    if bank is None:
        return
    vat, released = vat_shares(bank), freed(bank)
    paid_out = {one.id for one in released if one.kind == AccountKind.GUARANTEE}
    yield from merge(
        map(_freed_row, released), _booked(bank, marked, vat, guaranteed_parts(paid_out)), key=lambda row: row.order
    )


def _freed_row(one: Freed) -> "Row":
    party = one.id if one.kind == AccountKind.GUARANTEE else None
    return Row(one.id, one.amount_minor, False, False, one.kind, party, None, False, one.at, frees=True)


def _booked(
    bank: uuid.UUID, marked: Any, vat: dict[uuid.UUID, int], guaranteed: dict[uuid.UUID, uuid.UUID]
) -> list[Row]:
    incoming, outgoing = Transfer.debit_id == bank, Transfer.credit_id == bank
    owed = _credits_beside(bank)  # few, and by name: so that the database looks them up instead of reading all
    other = case((outgoing, Transfer.debit_id), else_=Transfer.credit_id)
    columns = (Transfer.id, Transfer.amount_minor, incoming, and_(not_(incoming), not_(outgoing)))
    undoes = case((Transfer.kind == TransferKind.REVERSAL, Transfer.pending_id))
    found = select(*columns, Account.kind, Account.organisation_id, undoes, false() if marked is None else marked)
    found = found.add_columns(Transfer.created_at, Transfer.cause_id).join(Account, Account.id == other)
    found = found.where(
        moved(), or_(incoming, outgoing, Transfer.debit_id.in_(owed)) if owed else or_(incoming, outgoing)
    )
    rows = []
    for id, minor, comes, sets_off, kind, party, undone, mark, at, cause in db.session.execute(found):
        if not sets_off or kind == AccountKind.RECEIVABLE:
            paid_of = guaranteed.get(cause) if not comes and undone is None else None
            rows.append(Row(id, minor, comes, sets_off, kind, party, undone, mark, at, vat.get(id, 0), paid_of))
    rows.sort(key=lambda row: (*row.order, row.id.int))  # the database is slow with ten thousand rows of one moment
    return rows


def _credits_beside(bank: uuid.UUID) -> list[uuid.UUID]:
    """The accounts of what the same bond owes to its municipalities."""
    bond = select(Account.programme_id).where(Account.id == bank).scalar_subquery()
    found = select(Account.id).where(Account.programme_id == bond, Account.kind == AccountKind.PAYER_CREDIT)
    return list(db.session.scalars(found))


def bank_of(programme_id: uuid.UUID) -> uuid.UUID | None:
    """Looked up first: the database then knows how many transfers it has, which may be tens of thousands."""
    return db.session.scalar(select(Account.id).filter_by(programme_id=programme_id, kind=AccountKind.BANK))
