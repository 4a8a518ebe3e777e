"""Follow a cent through one bank account: by purpose, and then what comes in first goes out first. Pure.

Money in an account has no colour. The portal follows running costs to the investors' capital first, distributions to
the payments of municipalities, VAT to the VAT in these payments and what goes back to the guarantor to what that paid
in, since that is what each was meant for; inside a purse, and where a purse is empty, first in, first out. So every
payment is made of named receipts, and each cent is counted once.
"""

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum


class Purse(Enum):
    """What money was meant for when it came in, or is meant to be paid from when it goes out. Where a purse is empty
    the others follow in this order: what a municipality gets back is money that municipalities paid, and what belongs
    to others comes last."""

    OUTCOMES = "outcomes"
    CAPITAL = "capital"
    CREDIT = "credit"  # what a municipality paid too much
    VAT = "vat"  # in what municipalities paid
    GUARANTEE = "guarantee"


Key = tuple[Purse, uuid.UUID | None]
MEANT_FOR_DISTRIBUTIONS: Key = (Purse.OUTCOMES, None)
OF_VAT: Key = (Purse.VAT, None)


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount (minor units, above zero) that came in or went out; in the order of the books.

    `party`: whose purse it is, of money that one municipality paid too much; of the guarantor's, the distribution that
    pays it out. `vat_minor`: the part of it that is VAT. `sets_off`: no money moved; from here on what it takes of that
    purse is a payment of the municipality, meant for distributions. `frees`: no money moved; from here on so much of
    the purse is meant for distributions: VAT that is owed no more, or what a distribution pays out of the guarantor's.
    `undoes`: the movement that this one books back.
    """

    id: uuid.UUID
    amount_minor: int
    incoming: bool
    purse: Purse
    party: uuid.UUID | None = None
    sets_off: bool = False
    undoes: uuid.UUID | None = None
    vat_minor: int = 0
    frees: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """`amount_minor` of what came in with `source` went out with `use`; it was in the purse `home`."""

    source: uuid.UUID
    use: uuid.UUID
    amount_minor: int
    home: Key = field(default=MEANT_FOR_DISTRIBUTIONS, compare=False)


Purses = dict[Key, deque[tuple[uuid.UUID, int]]]
ORDER = {purse: number for number, purse in enumerate(Purse)}


def links(movements: Iterable[Movement]) -> list[Link]:
    """Which receipt paid for which payment, to the cent. What was set off is a link of its own between the two. What
    was booked back, and what booked it back, are in no link."""
    return _run(movements)[0]


def _run(movements: Iterable[Movement]) -> tuple[list[Link], Purses]:
    found: list[Link] = []
    purses: Purses = defaultdict(deque)
    vat_ahead = 0  # VAT that was given back to a municipality before the tax authority gave it back, or other came in
    for movement in movements:
        own: Key = (movement.purse, movement.party)
        if movement.undoes is not None and movement.incoming:
            found = _give_back(purses, movement.undoes, found)
        elif movement.undoes is not None:
            found = _replace(purses, movement.undoes, found)
        elif movement.incoming:
            vat = movement.amount_minor if own == OF_VAT else movement.vat_minor
            kept = max(0, vat - vat_ahead)
            vat_ahead -= vat - kept
            _put(purses, OF_VAT, movement.id, kept)
            _put(purses, MEANT_FOR_DISTRIBUTIONS if vat else own, movement.id, movement.amount_minor - kept)
        elif movement.frees:
            into: Key = (Purse.GUARANTEE, movement.party) if movement.party is not None else MEANT_FOR_DISTRIBUTIONS
            lacking = _move(purses[movement.purse, None], purses[into], movement.amount_minor)
            vat_ahead += lacking if movement.purse == Purse.VAT else 0
        elif movement.sets_off:
            turned = _take(purses, own, movement.id, movement.amount_minor, found)
            _put(purses, MEANT_FOR_DISTRIBUTIONS, movement.id, turned)
            kept = max(0, movement.vat_minor - vat_ahead)
            vat_ahead -= movement.vat_minor - kept
            _move(purses[MEANT_FOR_DISTRIBUTIONS], purses[OF_VAT], kept)
        else:
            _pay(purses, OF_VAT, movement.id, movement.vat_minor, found)
            _pay(purses, own, movement.id, movement.amount_minor - movement.vat_minor, found)
    return found, purses


def _put(purses: Purses, key: Key, source: uuid.UUID, minor: int) -> None:
    if minor:
        purses[key].append((source, minor))


def _move(there: deque[tuple[uuid.UUID, int]], into: deque[tuple[uuid.UUID, int]], wanted: int) -> int:
    """What is first there becomes first in the other; how much lacked (minor units)."""
    moved = []
    while wanted and there:
        source, minor = there.popleft()
        part = min(wanted, minor)
        moved.append((source, part))
        wanted -= part
        if minor > part:
            there.appendleft((source, minor - part))
    into.extendleft(reversed(moved))
    return wanted


def _pay(purses: Purses, own: Key, use: uuid.UUID, wanted: int, found: list[Link]) -> None:
    left = wanted - _take(purses, own, use, wanted, found)
    for key in sorted(purses, key=lambda one: ORDER[one[0]]) if left else ():
        left -= _take(purses, key, use, left, found)


def _give_back(purses: Purses, use: uuid.UUID, found: list[Link]) -> list[Link]:
    """The payment `use` came back: what it was made of is the next to go out again."""
    for link in reversed([one for one in found if one.use == use]):
        purse, minor = purses[link.home], link.amount_minor
        if purse and purse[0][0] == link.source:
            minor += purse.popleft()[1]
        purse.appendleft((link.source, minor))
    return [one for one in found if one.use != use]


def _replace(purses: Purses, undone: uuid.UUID, found: list[Link]) -> list[Link]:
    """A receipt was booked back: what is left of it goes, and what was paid from it is made of the money that is there
    instead."""
    for key, purse in list(purses.items()):
        purses[key] = deque(one for one in purse if one[0] != undone)
    kept = [one for one in found if one.source != undone]
    for link in found:
        if link.source == undone:
            _pay(purses, link.home, link.use, link.amount_minor, kept)
    return kept


def _take(purses: Purses, key: Key, use: uuid.UUID, wanted: int, found: list[Link]) -> int:
    """How much of `wanted` there was (minor units); first in, first out."""
    left, purse = wanted, purses[key]
    while left and purse:
        source, there = purse.popleft()
        taken = min(left, there)
        found.append(Link(source, use, taken, key))
        left -= taken
        if there > taken:
            purse.appendleft((source, there - taken))
    return wanted - left


def left_and_borrowed(movements: Iterable[Movement]) -> tuple[dict[Purse, int], dict[uuid.UUID, int]]:
    """What `links` leaves in each purse, and of each payment what it took from a purse that it was not meant for
    (minor units)."""
    flow = list(movements)
    found, purses = _run(flow)
    left = dict.fromkeys(Purse, 0)
    for key, purse in purses.items():
        left[_meant(key)] += sum(minor for _source, minor in purse)
    meant = {one.id: _meant((one.purse, one.party)) for one in flow}
    borrowed: dict[uuid.UUID, int] = {}
    for link in found:
        if _meant(link.home) != meant[link.use]:
            borrowed[link.use] = borrowed.get(link.use, 0) + link.amount_minor
    return left, borrowed


def _meant(key: Key) -> Purse:
    """What a distribution pays out of the guarantor's money is meant for that."""
    return Purse.OUTCOMES if key[0] == Purse.GUARANTEE and key[1] is not None else key[0]
