"""From agreed points to a ranking: whole numbers only, the same answer on every machine.

The total of a plan is the sum of points (0-10) x weight (percent), so in hundredths of a point: 0 to 1000. Plans with
the same total are told apart by the criterion with the highest weight, then by the next one, in the order of the call
where weights are equal. Plans that are equal in every criterion share a rank.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Weight:
    """A criterion by `key` with its `weight` in percent."""

    key: Any
    weight: int


@dataclass(frozen=True, slots=True)
class Place:
    """`total_hundredths` of a point; `rank` from 1; `decided_by`: the criterion that broke a tie on the total;
    `tied`: the total is shared with another plan."""

    total_hundredths: int
    rank: int
    tied: bool
    decided_by: Any | None


def rank(points: Mapping[Any, Mapping[Any, int]], weights: Sequence[Weight]) -> dict[Any, Place]:
    """Places by plan. `points`: plan -> criterion key -> points; every plan has points for every criterion."""
    heaviest_first = sorted(weights, key=lambda weight: -weight.weight)
    order = {
        plan: (total(own, weights), *(own[weight.key] for weight in heaviest_first)) for plan, own in points.items()
    }
    rank_of: dict[Any, int] = {}
    with_total: dict[int, list[Any]] = {}
    for position, (plan, mine) in enumerate(sorted(order.items(), key=lambda item: item[1], reverse=True), start=1):
        rank_of.setdefault(mine, position)
        with_total.setdefault(mine[0], []).append(plan)
    decided_by = {
        total: _first_difference([order[plan] for plan in tied], heaviest_first) for total, tied in with_total.items()
    }
    return {
        plan: Place(mine[0], rank_of[mine], len(with_total[mine[0]]) > 1, decided_by[mine[0]])
        for plan, mine in order.items()
    }


def total(points: Mapping[Any, int], weights: Sequence[Weight]) -> int:
    """Hundredths of a point: sum of points x weight."""
    return sum(points[weight.key] * weight.weight for weight in weights)


def _first_difference(tied: Sequence[Sequence[int]], heaviest_first: Sequence[Weight]) -> Any:
    """The criterion that tells plans with one total apart; none where there is one plan or all are equal."""
    for index, weight in enumerate(heaviest_first, start=1):
        if len({own[index] for own in tied}) > 1:
            return weight.key
    return None
