"""What investors and the bond agreed on the money, as plain values. Amounts are integers in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from app.pricing.rounding import Number


@dataclass(frozen=True, slots=True)
class Tranche:
    """Money on the same terms; rank 1 is served first.

    `return`: gets its capital back, then all further money up to `irr_cap` (a yearly fraction; None: unlimited).
    `loan`: simple interest at `rate` a year by `day_count` on what is outstanding. `grant`: owed nothing.
    """

    id: str
    rank: Number
    kind: Literal["return", "loan", "grant"]
    irr_cap: Number | None = None
    rate: Number = 0
    day_count: str = "ACT/365F"


@dataclass(frozen=True, slots=True)
class Investor:
    """Who committed how much (minor units) to which tranche."""

    id: str
    tranche: str
    committed: int


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount (minor units) on a day: a cost, a receipt, or a drawdown (of one investor, one tranche, or of all)."""

    on: date
    amount: int
    tranche: str | None = None
    investor: str | None = None


@dataclass(frozen=True, slots=True)
class Repayment:
    """Principal (minor units) of a tranche that falls due on a day."""

    on: date
    tranche: str
    principal: int


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Covers at the last date what a tranche's capital still lacks, up to `amount` (minor units)."""

    amount: int
    tranche: str


@dataclass(frozen=True, slots=True)
class Capital:
    """The whole of the money side of a bond. A tranche named in `repayments` repays principal only as scheduled.

    `apart`: investors paid in at other times, so each is owed on its own; `booked`: what was given out before, by
    day and investor (capital, return), which is then not reckoned anew. The format replay/1 knows neither.
    """

    tranches: tuple[Tranche, ...]
    investors: tuple[Investor, ...]
    drawdowns: tuple[Flow, ...] = ()
    costs: tuple[Flow, ...] = ()
    repayments: tuple[Repayment, ...] = ()
    guarantee: Guarantee | None = None
    excess: Literal["payer", "provider"] = "payer"
    apart: bool = False
    booked: Mapping[date, Mapping[str, tuple[int, int]]] = field(default_factory=dict)
