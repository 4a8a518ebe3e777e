"""The spread of payments and returns over many seeded draws: 5 %, 50 % and 95 %, each an outcome that was drawn.

A percentile is the nearest rank: of 10,000 draws from low to high the 500th, the 5,000th and the 9,500th.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from app.capital.returns import multiple
from app.scenarios import drawn_payments, drawn_returns
from app.scenarios.assumptions import Assumptions
from app.scenarios.draws import DRAWS, Dice
from app.scenarios.line_amounts import line_amounts

PERCENT = (5, 50, 95)
BY_ENGINE = 200  # draws, where the vector form does not know a rule
PORTION = 2_000_000  # participants x effects x draws at a time
WORK = 250_000_000  # of those in all, a second or two: a very large cohort gets fewer draws, but at least LEAST
LEAST = 1_000

Amounts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrancheSpread:
    """Of one tranche, at each of PERCENT: what it got (minor units), multiple (text) and XIRR (a fraction).

    `whole`: the fraction of the draws in which it had all its capital back.
    """

    tranche: str
    paid_in: int
    distributed: tuple[int, ...]
    multiples: tuple[str | None, ...]
    rates: tuple[Decimal | None, ...]
    whole: Decimal


@dataclass(frozen=True, slots=True)
class Simulation:
    """Minor units at each of PERCENT: in all, per year, per payer; and per tranche. `not_vector`: what the vector form
    did not know, for payments and for returns, so that fewer draws were made."""

    seed: int
    count: int
    total: tuple[int, ...]
    years: dict[int, tuple[int, ...]]
    payers: dict[str, tuple[int, ...]]
    tranches: list[TrancheSpread]
    not_vector: str | None


def simulate(assumptions: Assumptions, seed: int, minor_per_major: int = 100, count: int = DRAWS) -> Simulation:
    """Draw, pay, hand out. Same assumptions and seed: same result."""
    lines = line_amounts(assumptions, minor_per_major)
    capital, step = assumptions.capital, assumptions.terms.step
    reason = drawn_payments.why_not(assumptions, lines)
    money_reason = drawn_returns.why_not(capital, step) if capital is not None else None
    count = BY_ENGINE if reason or money_reason else min(count, max(LEAST, WORK // _chances(assumptions)))
    dice, paid = Dice(assumptions, seed), []
    for size in _portions(assumptions, count):
        drawn = dice.throw(size)
        if reason is None:
            paid.append(drawn_payments.in_vectors(assumptions, lines, drawn))
        else:
            paid.append(drawn_payments.by_engine(assumptions, drawn, minor_per_major))
    payments = np.concatenate([part.payers for part in paid], axis=2)
    net = np.concatenate([part.net for part in paid], axis=1)
    hand_out = drawn_returns.in_vectors if money_reason is None else drawn_returns.by_engine
    returned = hand_out(assumptions, net) if capital is not None else []
    per_statement = payments.sum(axis=0)
    return Simulation(
        seed=seed,
        count=count,
        total=at_percent(per_statement.sum(axis=0)),
        years=dict(_years(assumptions, per_statement)),
        payers={p.id: at_percent(payments[n].sum(axis=0)) for n, p in enumerate(assumptions.terms.payers)},
        tranches=[_spread(one) for one in returned],
        not_vector=reason or money_reason,
    )


def _portions(assumptions: Assumptions, count: int) -> Iterator[int]:
    most = max(1, min(count, PORTION // _chances(assumptions)))
    for start in range(0, count, most):
        yield min(most, count - start)


def _chances(assumptions: Assumptions) -> int:
    """How many dice one draw takes."""
    return max(1, assumptions.people * len(assumptions.terms.effects))


def places(count: int) -> list[int]:
    """Where, among `count` draws from low to high, each of PERCENT stands."""
    return [max(0, -(-count * percent // 100) - 1) for percent in PERCENT]


def at_percent(amounts: Amounts) -> tuple[int, ...]:
    ordered = np.sort(amounts)
    return tuple(int(ordered[place]) for place in places(len(ordered)))


def _years(assumptions: Assumptions, per_statement: Amounts) -> Iterator[tuple[int, tuple[int, ...]]]:
    days = assumptions.settle_on
    for year in sorted({day.year for day in days}):
        yield year, at_percent(per_statement[[n for n, day in enumerate(days) if day.year == year]].sum(axis=0))


def _spread(returned: drawn_returns.Returned) -> TrancheSpread:
    distributed = at_percent(returned.distributed)
    draws = len(returned.distributed)
    whole = int((returned.distributed >= returned.paid_in).sum()) * 10_000 // draws
    rates = [returned.rate_of(int(returned.by_rate[place])) for place in places(draws)]
    return TrancheSpread(
        tranche=returned.tranche.id,
        paid_in=returned.paid_in,
        distributed=distributed,
        multiples=tuple(multiple(returned.paid_in, amount) for amount in distributed),
        rates=tuple(None if rate is None else Decimal(rate) for rate in rates),
        whole=Decimal(whole).scaleb(-4),
    )
