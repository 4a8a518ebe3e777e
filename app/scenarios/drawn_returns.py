"""What the payments of many draws give back to the tranches, in vector form: `capital.waterfall` over arrays.

Covered: tranches of their own rank each, of every kind (return with or without a cap, loan, grant), capital called and
spent on the same days. `why_not` names what is not: then the waterfall itself runs, on fewer draws (`by_engine`).
Amounts are int64 minor units; the capped claim of a tranche, which must be exact, is counted in 1e-30 minor units.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.capital.day_count import YEAR, days
from app.capital.returns import xirr
from app.capital.terms import Capital, Flow, Tranche
from app.capital.tranche import EXACT, growth
from app.capital.waterfall import distribute
from app.scenarios.assumptions import Assumptions

Amounts = NDArray[np.int64]
PARTS = 10**30  # of a minor unit
NEARLY = 10**14  # of those parts: what is within 1e-16 of a whole minor unit is that whole
MOST = 2**61


@dataclass(frozen=True, slots=True)
class Returned:
    """One tranche: what it paid in, and what it got in each draw (minor units).

    `by_rate`: the draws from the lowest to the highest yearly rate; `rate_of` says one, as text.
    """

    tranche: Tranche
    paid_in: int
    distributed: Amounts
    by_rate: NDArray[np.intp]
    rate_of: Callable[[int], str | None]


def why_not(capital: Capital, step: int) -> str | None:
    """What the vector form does not know; None when it knows all."""
    ranks = [tranche.rank for tranche in capital.tranches]
    if len(set(ranks)) < len(ranks):
        return "equal rank"
    if capital.repayments or capital.guarantee is not None:
        return "repayments"
    called = sum(flow.amount for flow in capital.drawdowns)
    if any(t.kind == "loan" and called * 40_000 * Fraction(t.rate).numerator * 2 >= MOST for t in capital.tranches):
        return "int64"
    return None


def in_vectors(assumptions: Assumptions, net: Amounts) -> list[Returned]:
    """`net[statement, draw]` comes in on the day of the statement and is handed out by rank."""
    assert assumptions.capital is not None
    capital, settle_on = assumptions.capital, assumptions.settle_on
    moves = sorted({*settle_on, *(flow.on for flow in capital.drawdowns)})
    accounts = [_Account(tranche, capital, moves, net.shape[1], assumptions.terms.step) for tranche in capital.tranches]
    accounts.sort(key=lambda account: account.tranche.rank)
    cash = np.zeros(net.shape[1], np.int64)
    for number, day in enumerate(moves):
        for account in accounts:
            account.draw(number, day)
        if day in settle_on:
            cash += net[settle_on.index(day)]
        if day in settle_on or day == moves[-1]:
            for account in accounts:
                cash -= account.take(cash, number, day)
    return [_returned(account, moves) for account in accounts]


def by_engine(assumptions: Assumptions, net: Amounts) -> list[Returned]:
    """The same, draw after draw, by the waterfall that distributes live money."""
    assert assumptions.capital is not None
    capital, settle_on = assumptions.capital, assumptions.settle_on
    found = []
    for draw in range(net.shape[1]):
        receipts = [Flow(day, int(amount)) for day, amount in zip(settle_on, net[:, draw], strict=True)]
        found.append(distribute(capital, receipts, settle_on, assumptions.terms.step).tranches)
    returned = []
    for number, tranche in enumerate(capital.tranches):
        positions = [tranches[number] for tranches in found]
        rates = [position.xirr for position in positions]
        order = sorted(range(len(rates)), key=lambda draw: Decimal(rates[draw] or "-1"))
        distributed = np.array([position.distributed for position in positions], np.int64)
        returned.append(Returned(tranche, positions[0].paid_in, distributed, np.array(order), rates.__getitem__))
    return returned


class _Account:
    """One tranche in every draw: `capital.tranche.Account` over arrays. `out[day, draw]`: what is handed out."""

    def __init__(self, tranche: Tranche, capital: Capital, moves: list[date], count: int, step: int):
        self.tranche, self.step = tranche, step
        self.called = [
            sum(flow.amount for flow in capital.drawdowns if flow.on == day and flow.tranche == tranche.id)
            for day in moves
        ]
        self.out = np.zeros((len(moves), count), np.int64)
        self.outstanding, self.interest_due = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.accrued = np.zeros(count, np.int64)
        self.paid_in = 0
        self.capped: Any = 0  # in parts: one int while all draws are alike, then an array of them
        self.since: date | None = None

    def draw(self, number: int, on: date) -> None:
        amount = self.called[number]
        if amount:
            self._pass_time(on)
            self.paid_in += amount
            self.outstanding += amount
            self.capped = self.capped + amount * PARTS

    def take(self, cash: Amounts, number: int, on: date) -> Amounts:
        """What the tranche gets of the money in hand."""
        self._pass_time(on)
        paid = self._claim(cash)
        back = paid
        if self.tranche.kind == "loan":
            interest = np.minimum(paid, self.interest_due)
            self.interest_due -= interest
            back = paid - interest
        self.outstanding = np.maximum(self.outstanding - back, 0)
        if self.tranche.irr_cap is not None:
            self.capped = self.capped - paid.astype(object) * PARTS
        self.out[number] = paid
        return paid

    def _claim(self, cash: Amounts) -> Amounts:
        """What it is owed on a day, as far as there is money; an uncapped return takes all of it."""
        if self.tranche.kind == "grant" or not self.paid_in:
            return np.zeros_like(cash)
        if self.tranche.kind == "loan":
            top, bottom = Fraction(self.tranche.rate).as_integer_ratio()
            bottom *= YEAR[self.tranche.day_count] * self.step
            self.interest_due += (2 * self.accrued * top + bottom) // (2 * bottom) * self.step
            self.accrued[:] = 0
            return np.minimum(cash, self.interest_due + self.outstanding)
        if self.tranche.irr_cap is None:
            return cash.copy()
        whole = (self.capped + NEARLY) // PARTS
        left = np.maximum(np.asarray(whole).astype(np.int64), 0) // self.step * self.step
        return np.minimum(cash, left)

    def _pass_time(self, to: date) -> None:
        if self.since is not None and to > self.since:
            if self.tranche.kind == "loan":
                self.accrued += self.outstanding * days(self.tranche.day_count, self.since, to)
            if self.tranche.irr_cap is not None:
                grown = growth(self.tranche.irr_cap, (to - self.since).days)
                self.capped = self.capped * int(EXACT.multiply(grown, Decimal(PARTS))) // PARTS
        self.since = max(self.since or to, to)


def _returned(account: _Account, moves: list[date]) -> Returned:
    distributed: Amounts = account.out.sum(axis=0)

    def rate_of(draw: int) -> str | None:
        flows = zip(moves, account.called, account.out[:, draw], strict=True)
        return xirr({day: int(out) - came for day, came, out in flows}, int(distributed[draw]))[0]

    order = _by_rate(account.out - np.array(account.called)[:, np.newaxis], distributed, moves)
    return Returned(account.tranche, account.paid_in, distributed, order, rate_of)


def _by_rate(flows: Amounts, distributed: Amounts, moves: list[date]) -> NDArray[np.intp]:
    """From the lowest rate to the highest. Halving finds each to 1e-8, for the order alone: what is reported is
    computed by `capital.returns`. A total loss comes first."""
    years = np.array([(day - moves[0]).days for day in moves])[:, np.newaxis] / 365
    worth_of = flows.astype(np.float64)
    low, high = np.full(flows.shape[1], -8.0), np.full(flows.shape[1], 4.0)
    for _ in range(30):
        middle = (low + high) / 2
        above = (worth_of * np.exp(-middle * years)).sum(axis=0) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.lexsort((distributed, low))
