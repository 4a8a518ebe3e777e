"""Counts that may point at a person are hidden together with every amount that would reveal them (domain, section 9).

A careful, simple rule: a row of fewer than five people is hidden with its amount; where that leaves a single hidden
row, or fewer than five hidden people, the next smallest rows are hidden too; and with anything hidden no sum is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """An effect: how many were proven, for how many people, for how much (minor units)."""

    name: str
    count: int
    people: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader may see of a row; None is hidden."""

    name: str
    count: int | None
    amount_minor: int | None


def suppressed(rows: Sequence[Row]) -> list[Shown]:
    """The rows as somebody outside provider, assessor and case owner may see them."""
    by_size = sorted((row for row in rows if row.people), key=lambda row: (row.people, row.amount_minor))
    hidden = [row for row in by_size if row.people < LEAST]
    others = by_size[len(hidden) :]
    while hidden and others and (len(hidden) < 2 or sum(row.people for row in hidden) < LEAST):
        hidden.append(others.pop(0))
    return [
        Shown(row.name, None, None) if row in hidden else Shown(row.name, row.count, row.amount_minor) for row in rows
    ]
