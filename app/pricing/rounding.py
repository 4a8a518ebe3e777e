"""Rounding and sharing out in whole numbers, so that no cent appears or vanishes."""

import math
from collections.abc import Sequence
from fractions import Fraction

Number = int | Fraction


def plain(number: Number) -> Number:
    """The same number as an `int` when it is whole: integers are several times faster than fractions."""
    return int(number) if number.denominator == 1 else number


def half_up(amount: Number, step: int) -> int:
    """`amount` (minor units) rounded half up to a multiple of `step` (minor units)."""
    top, bottom = amount.numerator, amount.denominator * step
    return (2 * top + bottom) // (2 * bottom) * step


def down(amount: int, step: int) -> int:
    """`amount` (minor units) rounded down to a multiple of `step`."""
    return amount // step * step


def whole_weights(weights: Sequence[Number]) -> list[int]:
    """The same proportions as integers."""
    bottom = math.lcm(*(weight.denominator for weight in weights))
    return [int(weight * bottom) for weight in weights]


def largest_remainder(amount: int, weights: Sequence[int], step: int = 1) -> list[int]:
    """Share `amount` (minor units, a multiple of `step`) by `weights`, which are integers of which one is positive.

    Every part is a multiple of `step` and the parts sum to `amount`. What rounding down leaves over goes, a step each,
    to the largest remainders; on equal remainders to the first in the list.
    """
    total = sum(weights)
    if total <= 0:
        raise ValueError("at least one weight must be above zero")
    if amount % step:
        raise ValueError(f"{amount} is no multiple of the step {step}")
    steps = amount // step
    parts, remainders = [], []
    for weight in weights:
        part, remainder = divmod(steps * weight, total)
        parts.append(part)
        remainders.append(remainder)
    left = steps - sum(parts)
    for place in sorted(range(len(parts)), key=lambda place: -remainders[place])[:left]:
        parts[place] += 1
    return [part * step for part in parts]
