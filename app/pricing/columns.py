"""Whole numbers in columns, exactly: 64 bits where every sum and product fits, else integers of any length.

An amount is never a float here, and never wraps round.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
FITS = 2**62


def amounts(numbers: Sequence[int]) -> Column:
    """A column whose sum, and the product of its sum and any of its numbers, stay exact."""
    total, most = sum(numbers), max(numbers, default=0)
    return np.array(numbers, dtype=np.int64 if total * max(most, 1) < FITS else object)


class Keys:
    """A column of keys as numbers: `column[n]` is the place in `keys` of the key of line n."""

    __slots__ = ("column", "keys")

    def __init__(self, found: Sequence[Hashable]):
        number_of: dict[Hashable, int] = {}
        places = [number_of.setdefault(key, len(number_of)) for key in found]
        self.column: Column = np.array(places, dtype=np.int64)
        self.keys: list[Any] = list(number_of)

    def sums(self, values: Column) -> dict[Any, int]:
        """The sum of `values` per key."""
        return dict(zip(self.keys, sums_of(self.column, values, len(self.keys)).tolist(), strict=True))


def sums_of(group_of: Column, values: Column, groups: int) -> Column:
    """The sum of `values` per group, exact (a weighted count would be a float)."""
    sums = np.zeros(groups, dtype=values.dtype)
    np.add.at(sums, group_of, values)
    return sums


def largest_remainders(values: Column, group_of: Column, whole_of: Column, part_of: Column, step: int) -> Column:
    """Share out `part_of` each group by `values`, which sum to `whole_of` it: `rounding.largest_remainder` for many.

    All are multiples of `step`, as every part is; on equal remainders the first line of the group gets the odd step.
    """
    steps, wholes = part_of // step, whole_of // step
    products = values // step * steps[group_of]
    parts = products // wholes[group_of]
    remainders = products - parts * wholes[group_of]
    missing = steps - sums_of(group_of, parts, len(steps))
    order = np.argsort(-remainders, kind="stable")
    order = order[np.argsort(group_of[order], kind="stable")]
    sorted_groups = group_of[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_groups, sorted_groups)
    parts[order[rank < missing[sorted_groups]]] += 1
    return parts * step
