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
    what it takes of that purse is a payment of the municipality, meant for distributions.
    """

    id: uuid.UUID
    amount_minor: int
    incoming: bool
    purse: Purse
    party: uuid.UUID | None = None
    sets_off: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """`amount_minor` of what came in with `source` went out with `use`."""

    source: uuid.UUID
    use: uuid.UUID
    amount_minor: int


Key = tuple[Purse, uuid.UUID | None]
MEANT_FOR_DISTRIBUTIONS: Key = (Purse.OUTCOMES, None)
ORDER = {purse: number for number, purse in enumerate(Purse)}


def links(movements: Iterable[Movement]) -> list[Link]:
    """Which receipt paid for which payment, to the cent. What was set off is a link of its own between the two."""
    found: list[Link] = []
    purses: dict[Key, deque[tuple[uuid.UUID, int]]] = defaultdict(deque)
    for movement in movements:
        own: Key = (movement.purse, movement.party)
        if movement.incoming:
            purses[own].append((movement.id, movement.amount_minor))
            continue
        left = movement.amount_minor - _take(purses[own], movement, movement.amount_minor, found)
        if movement.sets_off:
            if turned := movement.amount_minor - left:
                purses[MEANT_FOR_DISTRIBUTIONS].append((movement.id, turned))
            continue
        for key in sorted(purses, key=lambda one: ORDER[one[0]]) if left else ():
            left -= _take(purses[key], movement, left, found)
    return found


def _take(purse: deque[tuple[uuid.UUID, int]], use: Movement, wanted: int, found: list[Link]) -> int:
    """How much of `wanted` there was (minor units); first in, first out."""
    left = wanted
    while left and purse:
        source, there = purse.popleft()
        taken = min(left, there)
        found.append(Link(source, use.id, taken))
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
