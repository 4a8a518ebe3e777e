"""Follow a cent through one bank account: by purpose, and then what comes in first goes out first. Pure.

Money in an account has no colour. The portal follows running costs to the investors' capital first and distributions to
the payments of municipalities first, since that is what each was meant for; inside a purse, and where a purse is empty,
first in, first out. So every payment is made of named receipts, and each cent is counted once.
"""

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Purse(Enum):
    """What money was meant for when it came in, or is meant to be paid from when it goes out. Where a purse is empty
    the others follow in this order: what a municipality gets back is money that municipalities paid."""

    OUTCOMES = "outcomes"
    CAPITAL = "capital"
    CREDIT = "credit"  # what a municipality paid too much


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount (minor units, above zero) that came in or went out; in the order of the books.

    `party`: whose purse it is, of money that one municipality paid too much. `sets_off`: no money moved; from here on
    what it takes of that purse is a payment of the municipality, meant for distributions. `undoes`: the movement that
    this one books back; its purse is that of what it undoes.
    """

    id: uuid.UUID
    amount_minor: int
    incoming: bool
    purse: Purse
    party: uuid.UUID | None = None
    sets_off: bool = False
    undoes: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """`amount_minor` of what came in with `source` went out with `use`."""

    source: uuid.UUID
    use: uuid.UUID
    amount_minor: int


Key = tuple[Purse, uuid.UUID | None]
Purses = dict[Key, deque[tuple[uuid.UUID, int]]]
MEANT_FOR_DISTRIBUTIONS: Key = (Purse.OUTCOMES, None)
ORDER = {purse: number for number, purse in enumerate(Purse)}


def links(movements: Iterable[Movement]) -> list[Link]:
    """Which receipt paid for which payment, to the cent. What was set off is a link of its own between the two. What
    was booked back, and what booked it back, are in no link."""
    found: list[Link] = []
    purses: Purses = defaultdict(deque)
    homes: dict[uuid.UUID, Key] = {}  # in which purse each receipt came
    for movement in movements:
        own: Key = (movement.purse, movement.party)
        if movement.undoes is not None and movement.incoming:
            found = _give_back(purses, homes, movement.undoes, found)
        elif movement.undoes is not None:
            found = _replace(purses, own, movement, found)
        elif movement.incoming:
            homes[movement.id] = own
            purses[own].append((movement.id, movement.amount_minor))
        elif movement.sets_off:
            if turned := _take(purses[own], movement.id, movement.amount_minor, found):
                homes[movement.id] = MEANT_FOR_DISTRIBUTIONS
                purses[MEANT_FOR_DISTRIBUTIONS].append((movement.id, turned))
        else:
            _pay(purses, own, movement.id, movement.amount_minor, found)
    return found


def _pay(purses: Purses, own: Key, use: uuid.UUID, wanted: int, found: list[Link]) -> None:
    left = wanted - _take(purses[own], use, wanted, found)
    for key in sorted(purses, key=lambda one: ORDER[one[0]]) if left else ():
        left -= _take(purses[key], use, left, found)


def _give_back(purses: Purses, homes: dict[uuid.UUID, Key], use: uuid.UUID, found: list[Link]) -> list[Link]:
    """The payment `use` came back: what it was made of is the next to go out again."""
    for link in reversed([one for one in found if one.use == use]):
        purse, minor = purses[homes[link.source]], link.amount_minor
        if purse and purse[0][0] == link.source:
            minor += purse.popleft()[1]
        purse.appendleft((link.source, minor))
    return [one for one in found if one.use != use]


def _replace(purses: Purses, own: Key, reversal: Movement, found: list[Link]) -> list[Link]:
    """A receipt was booked back: what is left of it goes, and what was paid from it is made of the money that is there
    instead."""
    undone = reversal.undoes
    purses[own] = deque(one for one in purses[own] if one[0] != undone)
    kept = [one for one in found if one.source != undone]
    for link in found:
        if link.source == undone:
            _pay(purses, own, link.use, link.amount_minor, kept)
    return kept


def _take(purse: deque[tuple[uuid.UUID, int]], use: uuid.UUID, wanted: int, found: list[Link]) -> int:
    """How much of `wanted` there was (minor units); first in, first out."""
    left = wanted
    while left and purse:
        source, there = purse.popleft()
        taken = min(left, there)
        found.append(Link(source, use, taken))
        left -= taken
        if there > taken:
            purse.appendleft((source, there - taken))
    return wanted - left


def left_and_borrowed(movements: Iterable[Movement]) -> tuple[dict[Purse, int], dict[uuid.UUID, int]]:
    """What `links` leaves in each purse, and of each payment what it took from the purse that it was not meant for
    (minor units). In sums, since here no receipt is named and there may be tens of thousands."""
    left = dict.fromkeys(Purse, 0)
    borrowed: dict[uuid.UUID, int] = {}
    for movement in movements:
        if movement.incoming:
            left[movement.purse] += movement.amount_minor
            continue
        if movement.sets_off:
            turned = min(left[movement.purse], movement.amount_minor)
            left[movement.purse] -= turned
            left[Purse.OUTCOMES] += turned
            continue
        wanted = movement.amount_minor
        for purse in sorted(Purse, key=lambda one: one != movement.purse):
            taken = min(left[purse], wanted)
            left[purse] -= taken
            wanted -= taken
            if taken and purse != movement.purse:
                borrowed[movement.id] = borrowed.get(movement.id, 0) + taken
    return left, borrowed
