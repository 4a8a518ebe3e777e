"""Does the winner change when one agreed score moves by one step of the scale? Pure: no database.

Only the plan whose score moves gets another key, so each move is one comparison with the best of the others. A move
that takes a plan over a minimum, where a discount is given, can change the highest discount and with it everybody's
points: then everything is ranked again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.evaluation import ranking
from app.evaluation.ranking import Place, Rules, Weight

Quality = Mapping[Any, Mapping[Any, int]]
Discounts = Mapping[Any, int | None] | None


@dataclass(frozen=True, slots=True)
class Move:
    """The agreed points of one criterion of one plan go from `before` to `after`; then `first` have the first place."""

    plan: Any
    criterion: Any
    before: int
    after: int
    first: frozenset[Any]


def decisive(
    quality: Quality,
    rules: Rules,
    scale: Sequence[int],
    discounts: Discounts = None,
    drawn: Mapping[Any, int] | None = None,
) -> list[Move]:
    """The moves of one score by one step that change who has the first place."""
    ranked = ranking.places(quality, rules, discounts, drawn)
    now = firsts(ranked)
    heaviest_first = sorted(rules.weights, key=lambda one: -one.weight) if rules.by_heaviest else []
    keys = {
        plan: ranking.key_of(plan, place.points, rules, heaviest_first, drawn or {})
        for plan, place in ranked.items()
        if place.rank is not None
    }
    best = sorted(keys.values(), reverse=True)
    moves = []
    for plan, weight, before, after in _steps(quality, rules, scale):
        if rules.discount is not None and _crosses(weight, before, after):
            then = firsts(ranking.places(_moved(quality, plan, weight.key, after), rules, discounts, drawn))
        else:
            points = {**ranked[plan].points, weight.key: after}
            key = ranking.key_of(plan, points, rules, heaviest_first, drawn or {})
            counts = _counts(points, rules, ranked[plan], discounts, plan)
            then = _firsts_with(plan, key if counts else None, keys, best)
        if then != now:
            moves.append(Move(plan, weight.key, before, after, then))
    return moves


def firsts(ranked: Mapping[Any, Place]) -> frozenset[Any]:
    return frozenset(plan for plan, place in ranked.items() if place.rank == 1)


def _steps(quality: Quality, rules: Rules, scale: Sequence[int]) -> Iterator[tuple[Any, Weight, int, int]]:
    """Each agreed score with its neighbours on the scale."""
    steps = sorted(scale)
    around = {
        point: [steps[at] for at in (index - 1, index + 1) if 0 <= at < len(steps)] for index, point in enumerate(steps)
    }
    for plan, points in quality.items():
        for weight in rules.quality:
            for after in around.get(points[weight.key], []):
                yield plan, weight, points[weight.key], after


def _crosses(weight: Weight, before: int, after: int) -> bool:
    return weight.minimum is not None and (before >= weight.minimum) != (after >= weight.minimum)


def _moved(quality: Quality, plan: Any, criterion: Any, after: int) -> Quality:
    return {**quality, plan: {**quality[plan], criterion: after}}


def _counts(points: Mapping[Any, int], rules: Rules, place: Place, discounts: Discounts, plan: Any) -> bool:
    """Does the plan have a place with these points?"""
    if rules.discount is not None and (discounts or {}).get(plan) is None:
        return False
    enough = all(weight.minimum is None or points[weight.key] >= weight.minimum for weight in rules.weights)
    return enough and ranking.total(points, rules.weights) >= (rules.minimum_total or 0)


def _firsts_with(
    plan: Any, key: tuple[int, ...] | None, keys: Mapping[Any, tuple[int, ...]], best: Sequence[tuple[int, ...]]
) -> frozenset[Any]:
    """Who is first when `plan` has this key (none: no place) and all others keep theirs."""
    own = keys.get(plan)
    rest = best[1] if best and own == best[0] and len(best) > 1 else (best[0] if best and own != best[0] else None)
    if key is not None and (rest is None or key > rest):
        return frozenset({plan})
    others = (
        frozenset(other for other, theirs in keys.items() if theirs == rest and other != plan) if rest else frozenset()
    )
    return others | {plan} if key is not None and key == rest else others
