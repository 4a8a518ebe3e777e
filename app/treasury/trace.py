"""Follow a cent through one bank account: what comes in first goes out first. Pure.

Money in an account has no colour. The portal follows it first in, first out, so that every payment is made of named
receipts and every receipt ends in named payments, and each cent is counted once.
"""

import uuid
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Movement:
    """An amount (minor units, above zero) that came in or went out; in the order of the books."""

    id: uuid.UUID
    amount_minor: int
    incoming: bool


@dataclass(frozen=True, slots=True)
class Link:
    """`amount_minor` of what came in with `source` went out with `use`."""

    source: uuid.UUID
    use: uuid.UUID
    amount_minor: int


def links(movements: Iterable[Movement]) -> list[Link]:
    """Which receipt paid for which payment, to the cent."""
    found: list[Link] = []
    waiting: deque[tuple[uuid.UUID, int]] = deque()
    for movement in movements:
        if movement.incoming:
            waiting.append((movement.id, movement.amount_minor))
            continue
        left = movement.amount_minor
        while left and waiting:
            source, there = waiting.popleft()
            taken = min(left, there)
            found.append(Link(source, movement.id, taken))
            left -= taken
            if there > taken:
                waiting.appendleft((source, there - taken))
    return found
