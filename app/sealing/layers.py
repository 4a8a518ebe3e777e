"""A private key that any two of several officials open together, and none of them alone.

For every ordered pair the key lies in two envelopes, one in the other: the outer one is to the first official, the
inner one to the second. What the first takes off leaves an envelope that only the second can open.
"""

from collections.abc import Mapping
from itertools import permutations
from typing import TypeVar

from app.sealing.envelope import open_, seal

OUTER, INNER = "outer layer", "inner layer"
Holder = TypeVar("Holder")


def wrap(private: bytes, holders: Mapping[Holder, bytes], *bound_to: object) -> dict[tuple[Holder, Holder], bytes]:
    """By (outer, inner) of `holders`, who are named with their public keys."""
    return {
        (outer, inner): seal(
            seal(private, holders[inner], INNER, outer, inner, *bound_to),
            holders[outer],
            OUTER,
            outer,
            inner,
            *bound_to,
        )
        for outer, inner in permutations(holders, 2)
    }


def peel(layer: bytes, private_of_outer: bytes, outer: object, inner: object, *bound_to: object) -> bytes:
    """Take the outer envelope off; what is left is sealed to `inner`. Raises `DoesNotOpen`."""
    return open_(layer, private_of_outer, OUTER, outer, inner, *bound_to)


def unwrap(peeled: bytes, private_of_inner: bytes, outer: object, inner: object, *bound_to: object) -> bytes:
    """The private key, out of what `peel` left. Raises `DoesNotOpen`."""
    return open_(peeled, private_of_inner, INNER, outer, inner, *bound_to)
