"""Follow a cent through one bank account: by purpose, and then what comes in first goes out first. Pure.

Money in an account has no colour. The portal follows running costs to the investors' capital first and distributions to
the payments of municipalities first, since that is what each was meant for; inside a purse, and where a purse is empty,
first in, first out. So every payment is made of named receipts, and each cent is counted once.
"""

import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Purse(Enum):
    """What money was meant for when it came in, or is meant to be paid from when it goes out."""

    CAPITAL = "capital"
    OUTCOMES = "outcomes"


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount (minor units, above zero) that came in or went out; in the order of the books."""

    id: uuid.UUID
    amount_minor: int
    incoming: bool
    purse: Purse


@dataclass(frozen=True, slots=True)
class Link:
    """`amount_minor` of what came in with `source` went out with `use`."""

    source: uuid.UUID
    use: uuid.UUID
    amount_minor: int


def links(movements: Iterable[Movement]) -> list[Link]:
    """Which receipt paid for which payment, to the cent."""
    found: list[Link] = []
    purses: dict[Purse, deque[tuple[uuid.UUID, int]]] = {purse: deque() for purse in Purse}
    for movement in movements:
        if movement.incoming:
            purses[movement.purse].append((movement.id, movement.amount_minor))
            continue
        left = movement.amount_minor
        for purse in sorted(Purse, key=lambda one: one != movement.purse):
            while left and purses[purse]:
                source, there = purses[purse].popleft()
                taken = min(left, there)
                found.append(Link(source, movement.id, taken))
                left -= taken
                if there > taken:
                    purses[purse].appendleft((source, there - taken))
    return found


def left_and_borrowed(movements: Iterable[Movement]) -> tuple[dict[Purse, int], dict[uuid.UUID, int]]:
    """What `links` leaves in each purse, and of each payment what it took from the purse that it was not meant for
    (minor units). In sums, since here no receipt is named and there may be tens of thousands."""
    left = dict.fromkeys(Purse, 0)
    borrowed: dict[uuid.UUID, int] = {}
    for movement in movements:
        if movement.incoming:
            left[movement.purse] += movement.amount_minor
            continue
        wanted = movement.amount_minor
        for purse in sorted(Purse, key=lambda one: one != movement.purse):
            taken = min(left[purse], wanted)
            left[purse] -= taken
            wanted -= taken
            if taken and purse != movement.purse:
                borrowed[movement.id] = taken
    return left, borrowed
