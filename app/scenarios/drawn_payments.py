"""What many draws are worth, in vector form: the rules of `pricing.valuation` over arrays of int64 minor units.

What a line is worth before any limit is asked of the engine (`line_amounts`). The limits are then taken oldest first,
batch by batch, as the engine does line by line: cap per person, count and amount per effect, period cap, the payer's
ceiling, contract cap; at last VAT out per line.

Covered: every kind of effect; requirements, best-of groups, tiers, `after`, deadweight, the step of rounding; all caps
under `latest_first` and `lost`; one payer, or residence. `why_not` names what is not: then the engine itself values
fewer draws (`by_engine`).
"""

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from app.pricing.rounding import down
from app.pricing.valuation import value
from app.scenarios.assumptions import PEOPLE, Assumptions, Batch
from app.scenarios.draws import Drawn
from app.scenarios.line_amounts import LineAmounts
from app.scenarios.made_facts import expand

Amounts = NDArray[np.int64]
MOST = 2**62


@dataclass(frozen=True, slots=True)
class Paid:
    """Minor units: `payers[payer, statement, draw]`, and `net[statement, draw]` of VAT."""

    payers: Amounts
    net: Amounts


def why_not(assumptions: Assumptions, lines: LineAmounts) -> str | None:
    """The rule of the terms that the vector form does not know, by its name in `replay/1`; None when it knows all."""
    terms = assumptions.terms
    if terms.payer_rule == "weight" and len(terms.payers) > 1:
        return "payer_rule: weight"
    if terms.caps.reduce == "pro_rata":
        return "caps.reduce: pro_rata"
    if terms.caps.overshoot == "carried" and terms.caps.periods:
        return "caps.overshoot: carried"
    for effect in terms.effects:
        if effect.max_count is not None and ((effect.id, 0) not in lines.once or terms.caps.per_person is not None):
            return "effect.max_count"
        if effect.prices and effect.max_count is not None:
            return "prices with max_count"
        if any(tier.prices and tier.max_amount is not None for tier in effect.tiers):
            return "prices with max_amount of a tier"
        if effect.pooled_threshold is not None:
            return "pooled_threshold"
        if effect.until is not None:
            return "share_after"
    highest = sum(lines.highest(effect.id) for effect in terms.effects) * max(assumptions.people, len(terms.payers), 1)
    vat = Fraction(1) if terms.vat_rate is None else 1 + Fraction(terms.vat_rate)
    if highest * 2 * vat.denominator + vat.numerator * terms.step >= MOST:
        return "int64"
    return None


def in_vectors(assumptions: Assumptions, lines: LineAmounts, drawn: Drawn) -> Paid:
    """What the draws are worth; equal, to the cent, to `by_engine`."""
    return _Paying(assumptions, lines, drawn).run()


def by_engine(assumptions: Assumptions, drawn: Drawn, minor_per_major: int) -> Paid:
    """The same, draw after draw, by the functions that settle live bonds."""
    shape = (len(assumptions.terms.payers), len(assumptions.settle_on), drawn.count)
    paid, net = np.zeros(shape, np.int64), np.zeros(shape[1:], np.int64)
    for draw in range(drawn.count):
        facts = expand(assumptions, *drawn.one(draw), minor_per_major)
        for number, statement in enumerate(value(assumptions.terms, facts, assumptions.settle_on).statements):
            paid[:, number, draw] = list(statement.payers.values())
            net[number, draw] = statement.net
    return Paid(paid, net)


class _Paying:
    """One run over the batches; every limit is an array with what it has left in each draw."""

    def __init__(self, assumptions: Assumptions, lines: LineAmounts, drawn: Drawn):
        self.assumptions, self.lines, self.drawn = assumptions, lines, drawn
        terms, count = self.terms, self.count = assumptions.terms, drawn.count
        self.vat = None if terms.vat_rate is None else 1 + Fraction(terms.vat_rate)
        self.contract = self._limit(terms.caps.contract)
        self.payers = [self._limit(payer.ceiling) for payer in terms.payers]
        self.periods = [(period, self._limit(period.amount)) for period in terms.caps.periods]
        self.amounts = {effect.id: self._limit(effect.max_amount) for effect in terms.effects}
        self.counts = {effect: np.full(count, limit, np.int64) for effect, limit in lines.count_limit.items()}
        self.person = self._persons()
        self.running = {effect: np.zeros(count, np.int64) for effect, _ in lines.nth}
        self.dearest = {group: np.zeros((assumptions.people, count), np.int8) for group in lines.groups}
        shape = (len(terms.payers), len(assumptions.settle_on), count)
        self.paid, self.net = np.zeros(shape, np.int64), np.zeros(shape[1:], np.int64)

    def _limit(self, amount: int | None) -> Amounts | None:
        return None if amount is None else np.full(self.count, min(down(amount, self.terms.step), MOST), np.int64)

    def _persons(self) -> Amounts | None:
        """What each participant has left, where the cap can bind at all."""
        cap = self.terms.caps.per_person
        most = sum(self.lines.highest(effect.id) for effect in self.terms.effects if effect.kind in PEOPLE)
        if cap is None or most <= down(cap, self.terms.step):
            return None
        return np.full((self.assumptions.people, self.count), down(cap, self.terms.step), np.int64)

    def run(self) -> Paid:
        for batch in self.assumptions.batches:
            statement = bisect_left(self.assumptions.settle_on, batch.on)
            limits = self._limits(batch, statement)
            asked = self._asked(batch)
            paid = self._pay(batch, asked, limits, statement)
            for limit in limits:
                limit -= paid
            self.paid[batch.payer, statement] += paid
        return Paid(self.paid, self.net)

    def _limits(self, batch: Batch, statement: int) -> list[Amounts]:
        day = self.assumptions.settle_on[statement]
        period = next((left for span, left in self.periods if span.start <= day <= span.end), None)
        met = [self.counts.get(batch.effect.id), self.amounts[batch.effect.id], period]
        met += [self.payers[batch.payer], self.contract]
        return [limit for limit in met if limit is not None]

    def _asked(self, batch: Batch) -> Amounts:
        """A row per line; one row for all of them where lines are alike and only their sum matters."""
        effect, line = batch.effect.id, (batch.effect.id, batch.payer)
        if batch.cell is None:
            amounts = np.array(self.lines.measured[line], np.int64)
            return amounts[self.drawn.levels[effect]][np.newaxis]
        rows = slice(batch.cell.first, batch.cell.end)
        who = self.drawn.reached[effect][rows]
        if line in self.lines.once:
            if self.person is None and self.vat is None:
                return who.sum(axis=0, dtype=np.int64)[np.newaxis] * self.lines.once[line]
            asked = who * np.int64(self.lines.once[line])
        elif line in self.lines.nth:
            asked = self._asked_of_tiers(batch, who)
        else:
            asked = self._asked_of_best(batch, rows, who)
        return asked if self.person is None else np.minimum(asked, self.person[rows], out=asked)

    def _asked_of_tiers(self, batch: Batch, who: NDArray[np.bool_]) -> Amounts:
        effect = batch.effect.id
        nth = np.array([*self.lines.nth[effect, batch.payer], 0], np.int64)  # the last stands for "nobody yet"
        place = self.running[effect] + np.cumsum(who, axis=0, dtype=np.int64)
        self.running[effect] = place[-1]
        return nth[place - 1] * who

    def _asked_of_best(self, batch: Batch, rows: slice, who: NDArray[np.bool_]) -> Amounts:
        line, group = (batch.effect.id, batch.payer), batch.effect.best_of or ""
        before = self.dearest[group][rows]
        dearer = who & np.array(self.lines.dearer[line])[before]
        asked = np.array(self.lines.best[line], np.int64)[before] * dearer
        before[dearer] = self.lines.groups[group].index(batch.effect.id) + 1
        return asked

    def _pay(self, batch: Batch, asked: Amounts, limits: list[Amounts], statement: int) -> Amounts:
        """Each line takes the least that any limit has left after the lines before it; returns the sum."""
        whole = asked.sum(axis=0)
        left = reduce(np.minimum, limits) if limits else None
        if left is not None and len(asked) == 1:
            np.minimum(asked, left, out=asked)
            whole = asked[0].copy()
        elif left is not None and (whole > left).any():
            for row in asked:
                np.minimum(row, left, out=row)
                left = left - row
            whole = asked.sum(axis=0)
        if self.person is not None and batch.cell is not None:
            self.person[batch.cell.first : batch.cell.end] -= asked
        self.net[statement] += whole if self.vat is None else self._net(asked)
        return whole

    def _net(self, paid: Amounts) -> Amounts:
        assert self.vat is not None
        top, bottom = self.vat.denominator, self.vat.numerator * self.terms.step
        return ((2 * top * paid + bottom) // (2 * bottom) * self.terms.step).sum(axis=0)
