"""From agreed points to a ranking: whole numbers only, the same answer on every machine.

The total of a plan is the sum of points x weight (percent), so in hundredths of a point. A plan below the minimum of a
criterion, or with a total below the minimum of the call, has a total and no place. Points for a discount follow from a
formula: the highest point of the scale x discount / highest discount, rounded half up; 0 for all when nobody gives one.
The highest discount is that of the plans that meet the minimum of every criterion of quality, so a plan that cannot win
does not press the others down.

Plans with the same total are told apart by the criterion with the highest weight, then by the next one, in the order of
the call where weights are equal; or, where the call says so, by lots alone. Plans that are equal in all of it share a
rank until a lot is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.evaluation.states import Shortfall


@dataclass(frozen=True, slots=True)
class Weight:
    """A criterion by `key` with its `weight` in percent and its `minimum` (points), if any."""

    key: Any
    weight: int
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """How a call ranks. `discount` is the key of the criterion that a formula gives points for, `most` the highest
    point of the scale, `minimum_total` in hundredths; `by_heaviest`: ties are first told apart by criterion."""

    weights: Sequence[Weight]
    most: int = 10
    minimum_total: int | None = None
    discount: Any | None = None
    by_heaviest: bool = True

    @property
    def quality(self) -> list[Weight]:
        return [weight for weight in self.weights if weight.key != self.discount]


@dataclass(frozen=True, slots=True)
class Place:
    """`total_hundredths` of a point; `rank` from 1, none below a minimum (`shortfall`); `tied`: the total is shared
    with another ranked plan; `decided_by`: the criterion that broke the tie; `is_drawn`: a lot did."""

    total_hundredths: int
    rank: int | None
    tied: bool
    decided_by: Any | None
    shortfall: Shortfall | None = None
    is_drawn: bool = False
    points: Mapping[Any, int] = field(default_factory=dict, compare=False)


def places(
    quality: Mapping[Any, Mapping[Any, int]],
    rules: Rules,
    discounts: Mapping[Any, int | None] | None = None,
    drawn: Mapping[Any, int] | None = None,
) -> dict[Any, Place]:
    """Places by plan. `quality`: plan -> criterion -> points; `discounts`: plan -> basis points, none where the second
    seal was broken; `drawn`: plan -> its place in the lots."""
    points = {plan: dict(own) for plan, own in quality.items()}
    short = {plan: Shortfall.CRITERION for plan, own in points.items() if not _meets(own, rules.quality)}
    if rules.discount is not None:
        given = {plan: (discounts or {}).get(plan) for plan in points}
        short |= {plan: Shortfall.SEAL for plan, bp in given.items() if bp is None and plan not in short}
        best = max((bp or 0 for plan, bp in given.items() if plan not in short), default=0)
        for plan, bp in given.items():
            points[plan][rules.discount] = discount_points(bp or 0, best, rules.most)
        own_minimum = [weight for weight in rules.weights if weight.key == rules.discount]
        short |= {p: Shortfall.CRITERION for p in points if p not in short and not _meets(points[p], own_minimum)}
    least = rules.minimum_total or 0
    short |= {p: Shortfall.TOTAL for p, own in points.items() if p not in short and total(own, rules.weights) < least}
    ranked = rank({plan: own for plan, own in points.items() if plan not in short}, rules, drawn)
    for plan, why in short.items():
        ranked[plan] = Place(total(points[plan], rules.weights), None, False, None, why, points=points[plan])
    return ranked


def _meets(points: Mapping[Any, int], weights: Sequence[Weight]) -> bool:
    return all(weight.minimum is None or points[weight.key] >= weight.minimum for weight in weights)


def discount_points(discount_bp: int, highest_bp: int, most: int) -> int:
    """`most` x discount / highest, rounded half up; a discount above the highest that counts gets no more than
    `most`."""
    if highest_bp <= 0:
        return 0
    return min(most, (2 * most * discount_bp + highest_bp) // (2 * highest_bp))


def rank(
    points: Mapping[Any, Mapping[Any, int]], rules: Rules | Sequence[Weight], drawn: Mapping[Any, int] | None = None
) -> dict[Any, Place]:
    """Places of plans that all have points for every criterion and fall short of nothing."""
    rules = rules if isinstance(rules, Rules) else Rules(rules)
    heaviest_first = sorted(rules.weights, key=lambda weight: -weight.weight) if rules.by_heaviest else []
    order = {plan: key_of(plan, own, rules, heaviest_first, drawn or {}) for plan, own in points.items()}
    rank_of: dict[Any, int] = {}
    with_total: dict[int, list[Any]] = {}
    for position, (plan, mine) in enumerate(sorted(order.items(), key=lambda item: item[1], reverse=True), start=1):
        rank_of.setdefault(mine, position)
        with_total.setdefault(mine[0], []).append(plan)
    decided_by = {
        shared: _first_difference([order[plan] for plan in tied], heaviest_first) for shared, tied in with_total.items()
    }
    alike: dict[Any, int] = {}
    for mine in order.values():
        alike[mine[:-1]] = alike.get(mine[:-1], 0) + 1
    return {
        plan: Place(
            mine[0],
            rank_of[mine],
            len(with_total[mine[0]]) > 1,
            decided_by[mine[0]],
            is_drawn=alike[mine[:-1]] > 1 and plan in (drawn or {}),
            points=points[plan],
        )
        for plan, mine in order.items()
    }


def key_of(
    plan: Any,
    points: Mapping[Any, int],
    rules: Rules,
    heaviest_first: Sequence[Weight],
    drawn: Mapping[Any, int],
) -> tuple[int, ...]:
    """What plans are compared by, the higher the better: total, criteria by weight, lot."""
    return (total(points, rules.weights), *(points[one.key] for one in heaviest_first), -drawn.get(plan, 0))


def total(points: Mapping[Any, int], weights: Sequence[Weight]) -> int:
    """Hundredths of a point: sum of points x weight."""
    return sum(points[weight.key] * weight.weight for weight in weights)


def shares_first(ranked: Mapping[Any, Place]) -> bool:
    return sum(place.rank == 1 for place in ranked.values()) > 1


def sharing(ranked: Mapping[Any, Place]) -> list[Any]:
    """The plans that share their place with another, so that only a lot tells them apart."""
    counts: dict[int, int] = {}
    for place in ranked.values():
        if place.rank is not None:
            counts[place.rank] = counts.get(place.rank, 0) + 1
    return [plan for plan, place in ranked.items() if place.rank is not None and counts[place.rank] > 1]


def _first_difference(tied: Sequence[Sequence[int]], heaviest_first: Sequence[Weight]) -> Any:
    """The criterion that tells plans with one total apart; none where there is one plan or all are equal."""
    for index, weight in enumerate(heaviest_first, start=1):
        if len({own[index] for own in tied}) > 1:
            return weight.key
    return None
