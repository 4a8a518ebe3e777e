"""What is assumed in a what-if, as plain values: who takes part, what they reach and when, and the capital.

Rates are basis points (1/10,000), amounts minor units. Nothing here is a forecast.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from app.capital.terms import Capital
from app.core.money import share
from app.pricing.terms import Effect, Terms

CASES = ("low", "expected", "high")
BASIS_POINTS = 10_000
PEOPLE = ("per_person", "per_unit", "fee")  # kinds that a participant reaches; the others are measured


@dataclass(frozen=True, slots=True)
class Guess:
    """What is assumed of one effect.

    `rates`: low, expected and high, of those who can reach it. `units`: per participant who does; for `steps` and
    `bands` the measured value at 100 %; for `difference` the events in the control group; for `share` the cost per
    participant that could be avoided (whole major units). `months` after intake it is proven.
    """

    rates: tuple[int, int, int]
    units: int
    months: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The people of one payer who start on one day: `first` up to and not including `end` of the whole list."""

    payer: int
    start: date
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one cell may prove of one effect, all on one day. A measured effect has no cell, but may have a payer."""

    on: date
    effect: Effect
    payer: int
    cell: Cell | None


@dataclass(frozen=True)
class Assumptions:
    """A whole what-if. `cohort` holds the participants per payer of the terms; `capital` is None without a round."""

    terms: Terms
    cohort: tuple[int, ...]
    intakes: tuple[date, ...]
    guesses: Mapping[str, Guess]
    settle_on: tuple[date, ...]
    capital: Capital | None = None
    weights: tuple[int, ...] = ()  # of each intake, when they are not all of the same size

    @property
    def people(self) -> int:
        return sum(self.cohort)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """By intake, then by payer. Each payer's people are spread over the intakes, evenly or by their `weights`, by
        largest remainder."""
        spread = [share(size, self.weights or [1] * len(self.intakes)) for size in self.cohort]
        cells, first = [], 0
        for number, start in enumerate(self.intakes):
            for payer, sizes in enumerate(spread):
                if sizes[number]:
                    cells.append(Cell(payer, start, first, first + sizes[number]))
                    first += sizes[number]
        return tuple(cells)

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        """In the order of the facts: by day, then by the table, then by cell. What comes too late is left out."""
        found = []
        for effect in self.terms.effects:
            months = self.guesses[effect.id].months
            if effect.kind in PEOPLE:
                found += [Batch(months_after(c.start, months), effect, c.payer, c) for c in self.cells]
            else:
                on = months_after(self.intakes[-1], months)
                found += [Batch(on, effect, payer, None) for payer in self.measured_payers]
        return tuple(sorted((b for b in found if b.on <= self.settle_on[-1]), key=lambda batch: batch.on))

    @property
    def measured_payers(self) -> tuple[int, ...]:
        """Under the rule residence each payer's own residents are measured; else the bond as a whole."""
        if self.terms.payer_rule == "residence":
            return tuple(payer for payer, size in enumerate(self.cohort) if size)
        return (0,)

    @property
    def too_late(self) -> int:
        """How many times a participant reaches an effect too late, if all of them reached it."""
        last, late = self.settle_on[-1], 0
        for effect in self.terms.effects:
            if effect.kind in PEOPLE:
                months = self.guesses[effect.id].months
                late += sum(c.end - c.first for c in self.cells if months_after(c.start, months) > last)
        return late


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + month // 11, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def in_order(terms: Terms) -> list[Effect]:
    """The effects, each after those that it requires; for the rest in the order of the table."""
    placed: dict[str, Effect] = {}
    waiting = list(terms.effects)
    while waiting:
        ready = [effect for effect in waiting if all(needed in placed for needed in effect.requires)]
        if not ready:
            raise ValueError("effects require each other in a circle")
        placed |= {effect.id: effect for effect in ready}
        waiting = [effect for effect in waiting if effect.id not in placed]
    return list(placed.values())
