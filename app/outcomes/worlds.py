"""Another world: other numbers in the cells of a bond that nothing a reader knows tells from the real ones.

A small number is kept from a reader while there is one in which it is another number (domain, section 9). Here they are
looked for: first one more here and one less there, then every combination within bounds, so that in a small bond none
is missed; in a large one the search ends, and what it did not find counts as not there. Pure and deterministic.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

import numpy as np

World = tuple[tuple[int, int], ...]  # (cell, how many more or fewer)
NOTHING: World = ()
FAR = 10**15  # no end: more than any number or amount
PAIRS = 40  # of one less here and one more there, per question
# Combinations are looked for in rounds: of so many cells, nearest to what is asked for, each so much more or less.
ROUNDS = (6, 30), (12, 30), (60, 2), (60, 4), (24, 30), (60, 30)
STEPS = 400  # of one search for a combination
BUDGET = 6_000  # of all of them in one decision


class Fact(NamedTuple):
    """What a reader knows: in every other world the changes, each times its weight, come to no less than `low` and no
    more than `high`."""

    weights: Mapping[int, int]
    low: int
    high: int

    def fits(self, world: World) -> bool:
        weights, found = self.weights, 0
        for place, more in world:
            if place in weights:
                found += weights[place] * more
        return self.low <= found <= self.high


class Budget:
    """What is left to search in one decision, so that a page of a large bond comes all the same."""

    def __init__(self) -> None:
        self.left = BUDGET


class Reader:
    """Somebody who knows some facts, and may not find out the small sums in `secrets`; each has a world that keeps it.

    A sum that has none from the beginning cannot be kept by any page, and is left out.
    """

    def __init__(
        self, counts: Sequence[int], facts: Iterable[Fact], secrets: Iterable[frozenset[int]], budget: Budget
    ) -> None:
        self.counts, self.budget = counts, budget
        self.facts: list[Fact] = []
        self.facts_of: list[list[tuple[int, int]]] = [[] for _ in counts]
        self.exact: list[tuple[tuple[int, int], ...]] = [() for _ in counts]  # cells alike in these tell nothing apart
        self.world: dict[frozenset[int], World] = {}
        self.kept_by: dict[World, dict[frozenset[int], None]] = {}
        self.worlds_at: list[dict[World, None]] = [{} for _ in counts]  # those in which a cell is another number
        self.learn(facts)
        self.budget = Budget()  # of its own: a sum that is not found now is not kept either
        found = {form: self._other_world(form, ()) for form in secrets}
        self.keep({form: world for form, world in found.items() if world})
        self.budget = budget

    def learn(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            for place, weight in fact.weights.items():
                self.facts_of[place].append((len(self.facts), weight))
                if fact.low == fact.high:
                    self.exact[place] = (*self.exact[place], (len(self.facts), weight))
            self.facts.append(fact)

    def worlds_beside(self, facts: Sequence[Fact]) -> dict[frozenset[int], World] | None:
        """The worlds that must replace others when these are told as well; None when a sum would be left bare."""
        betrayed = [world for world in self.kept_by if not all(fact.fits(world) for fact in facts)]
        found: dict[frozenset[int], World] = {}
        fresh: dict[World, None] = {}
        for form in [form for world in betrayed for form in self.kept_by[world]]:
            world = next((one for one in fresh if changes(one, form)), NOTHING) or self._other_world(form, facts)
            if not world:
                return None
            found[form] = world
            fresh[world] = None
        return found

    def keep(self, worlds: Mapping[frozenset[int], World]) -> None:
        """From now on these stand for these sums, instead of the ones before."""
        for form, world in worlds.items():
            before = self.world.get(form)
            if before is not None:
                self._forget(before, form)
            self.world[form] = world
            self.kept_by.setdefault(world, {})[form] = None
            for place, _ in world:
                self.worlds_at[place][world] = None

    def _forget(self, world: World, form: frozenset[int]) -> None:
        del self.kept_by[world][form]
        if not self.kept_by[world]:
            del self.kept_by[world]
            for place, _ in world:
                del self.worlds_at[place][world]

    def _other_world(self, form: frozenset[int], more: Sequence[Fact]) -> World:
        for world in islice((world for place in sorted(form) for world in self.worlds_at[place]), PAIRS):
            if changes(world, form) and all(fact.fits(world) for fact in more):
                return world
        for world in self._exchanges(form):
            if self._fits(world, more):
                return world
        return self._combination(form, more)

    def _exchanges(self, form: frozenset[int]) -> Iterator[World]:
        """One more or fewer, and one for another that nothing exact tells apart."""
        for place in sorted(form):
            if not self.exact[place]:
                yield from (((place, more),) for more in (1, -1))
            alike = (at for at, exact in enumerate(self.exact) if exact == self.exact[place] and at not in form)
            for other, sign in islice(product(alike, (1, -1)), PAIRS):
                yield (place, sign), (other, -sign)

    def _fits(self, world: World, more: Sequence[Fact]) -> bool:
        found: dict[int, int] = {}
        for place, change in world:
            if self.counts[place] + change < 0:
                return False
            for number, weight in self.facts_of[place]:
                found[number] = found.get(number, 0) + weight * change
        known = all(self.facts[number].low <= sum_ <= self.facts[number].high for number, sum_ in found.items())
        return known and all(fact.fits(world) for fact in more)

    def _combination(self, form: frozenset[int], more: Sequence[Fact]) -> World:
        """Any number of cells at once; what is found is reckoned again without arrays."""
        places = self._near(form)
        asked = Fact(dict.fromkeys(form, 1), 1, FAR)
        goals = asked, asked._replace(low=-FAR, high=-1)
        for number, (cells, spread) in enumerate(ROUNDS, start=1):
            last = number == len(ROUNDS) or (cells >= len(places) and spread == ROUNDS[-1][1])
            for goal in goals:
                if self.budget.left <= 0:
                    return NOTHING
                search = _Search(self.counts, places[:cells], [*self.facts, *more, goal], spread)
                world = search.found(STEPS if last else STEPS // 4)
                self.budget.left -= search.steps
                if world and self._fits(world, more):
                    return world
            if last:
                break
        return NOTHING

    def _near(self, form: frozenset[int]) -> list[int]:
        """The cells that have most facts in common with these."""
        about = {number for place in form for number, _ in self.facts_of[place]}
        common = [sum(number in about for number, _ in of) for of in self.facts_of]
        return sorted(range(len(self.counts)), key=lambda place: (place not in form, -common[place], place))


class _Search:
    """Whole numbers within bounds that fit every fact: the bounds are narrowed by each fact, then one number is tried
    after the other, those near to no change first."""

    def __init__(self, counts: Sequence[int], places: Sequence[int], facts: Iterable[Fact], spread: int) -> None:
        self.places, self.steps, self.limit = places, 0, 0
        rows: dict[tuple[int, ...], tuple[int, int]] = {}
        for fact in facts:
            row = tuple(fact.weights.get(place, 0) for place in places)
            low, high = rows.get(row, (-FAR, FAR))
            rows[row] = max(low, fact.low), min(high, fact.high)
        rows.pop((0,) * len(places), None)
        self.weights = np.array(list(rows), dtype=np.int64).reshape(len(rows), len(places))
        self.lows, self.highs = (np.array([ends[at] for ends in rows.values()], dtype=np.int64) for at in (0, 1))
        self.more, self.less = np.maximum(self.weights, 0), np.minimum(self.weights, 0)
        self.least = np.array([-min(counts[place], spread) for place in places], dtype=np.int64)
        self.most = np.full(len(places), spread, dtype=np.int64)

    def found(self, limit: int) -> World:
        self.limit = limit
        changed = self._below(self.least, self.most)
        if changed is None:
            return NOTHING
        return tuple((place, int(n)) for place, n in zip(self.places, changed, strict=True) if n)

    def _below(self, least: Any, most: Any) -> Any:
        self.steps += 1
        if self.steps > self.limit or not self._narrowed(least, most):
            return None
        nearest = np.clip(0, least, most)
        sums = self.weights @ nearest
        broken = np.flatnonzero((sums < self.lows) | (sums > self.highs))
        if not broken.size:
            return nearest
        at = self._undecided(broken, least, most)
        for value in sorted(range(int(least[at]), int(most[at]) + 1), key=abs):
            lower, upper = least.copy(), most.copy()
            lower[at] = upper[at] = value
            found = self._below(lower, upper)
            if found is not None or self.steps > self.limit:
                return found
        return None

    def _undecided(self, broken: Any, least: Any, most: Any) -> int:
        """Of the cells in the broken facts about most money, the one that can be fewest numbers."""
        size = np.abs(self.weights[broken]).max(axis=1)
        width = most - least
        inside = (self.weights[broken[size == size.max()]] != 0).any(axis=0) & (width > 0)
        return int(np.where(inside, width, FAR).argmin())

    def _narrowed(self, least: Any, most: Any) -> bool:
        """Narrow the bounds in place, as far as each fact alone says; False where a fact cannot hold."""
        some = self.weights != 0
        safe = np.where(some, self.weights, 1)
        for _ in range(20):
            down, up = self.more @ least + self.less @ most, self.more @ most + self.less @ least
            if (down > self.highs).any() or (up < self.lows).any():
                return False
            # What this cell may add, beside the least and the most of the others in the fact.
            room = (self.highs - down)[:, None] + np.where(safe > 0, safe * least, safe * most)
            need = (self.lows - up)[:, None] + np.where(safe > 0, safe * most, safe * least)
            above = np.where(safe > 0, room // safe, need // safe)
            below = np.where(safe > 0, -(-need // safe), -(-room // safe))
            upper = np.minimum(most, np.where(some, above, FAR).min(axis=0, initial=FAR))
            lower = np.maximum(least, np.where(some, below, -FAR).max(axis=0, initial=-FAR))
            if (lower > upper).any():
                return False
            if (lower == least).all() and (upper == most).all():
                return True
            least[:], most[:] = lower, upper
        return True


def changes(world: World, form: Collection[int]) -> bool:
    """Whether a sum of cells is another number there."""
    found = 0
    for place, more in world:
        if place in form:
            found += more
    return found != 0
