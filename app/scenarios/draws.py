"""Chance: what happens in each of many draws, all at once. Only counts are drawn here; money is in `drawn_payments`.

In each draw the rate of every effect is the low one (1 in 4), the expected one (2 in 4) or the high one (1 in 4), the
same for all participants; then each participant who can reach the effect does so with that chance, so that the count of
each municipality and intake is binomial, and a follow-on effect is drawn out of those who reached what it requires. A
measured effect stands at the level drawn. The seed is expanded by numpy's Generator (PCG64): same seed, same draws.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.scenarios.assumptions import BASIS_POINTS, PEOPLE, Assumptions, in_order

DRAWS = 10_000
LEVELS = np.array([0, 1, 1, 2], dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Drawn:
    """`levels[effect][draw]`: the place in CASES of its rate; `reached[effect][participant, draw]`."""

    count: int
    levels: dict[str, NDArray[np.int8]]
    reached: dict[str, NDArray[np.bool_]]

    def one(self, number: int) -> tuple[dict[str, list[bool]], dict[str, int]]:
        """One draw, as `made_facts.expand` takes it."""
        reached = {effect: list(map(bool, who[:, number])) for effect, who in self.reached.items()}
        return reached, {effect: int(levels[number]) for effect, levels in self.levels.items()}


class Dice:
    """The draws of one seed, in portions that fit in memory: the portions depend on nothing but the assumptions."""

    def __init__(self, assumptions: Assumptions, seed: int):
        self.assumptions = assumptions
        self.random = np.random.Generator(np.random.PCG64(seed))

    def throw(self, count: int) -> Drawn:
        """The next `count` draws."""
        levels: dict[str, NDArray[np.int8]] = {}
        reached: dict[str, NDArray[np.bool_]] = {}
        for effect in in_order(self.assumptions.terms):
            level = levels[effect.id] = LEVELS[self.random.integers(0, 4, count, dtype=np.uint8)]
            if effect.kind not in PEOPLE:
                continue
            rates = np.array(self.assumptions.guesses[effect.id].rates, dtype=np.uint16)[level]
            dice = self.random.integers(0, BASIS_POINTS, (self.assumptions.people, count), dtype=np.uint16)
            who = dice < rates
            for needed in effect.requires:
                who &= reached[needed]
            reached[effect.id] = who
        return Drawn(count, levels, reached)
