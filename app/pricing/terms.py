"""What was promised and what was proven, as plain values.

Amounts (`price`, `amount`, `ceiling`, `max_amount`, `avoided`) are integers in the currency's minor units. Fractions
and quantities are `int` or `Fraction`, never floats. Source of every rule: the format replay/1.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from app.pricing.rounding import Number

Kind = Literal["per_person", "per_unit", "steps", "bands", "difference", "share", "fee"]
PayerRule = Literal["single", "weight", "residence"]


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of each unit up to a running count of `up_to` (None: no end), at most `max_amount` in all.

    `prices`: what a payer named here pays instead of `price`. The running count and the maximum are one for all payers.
    """

    up_to: Number | None
    price: int
    max_amount: int | None = None
    prices: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Step:
    """From the measured value `at`, `amount` is paid."""

    at: Number
    amount: int


@dataclass(frozen=True, slots=True)
class Band:
    """Each point of the measured value between `start` and `end` is worth `per_point` minor units."""

    start: Number
    end: Number
    per_point: int


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of the price table. Which fields count depends on `kind`; the others keep their defaults.

    `prices` (an extension of replay/1): what a payer named here, by its id, pays per unit instead of `price`. It is for
    the kinds with a price (per_person without tiers, per_unit, difference, fee) under the payer rule residence, where
    each fact has one payer; with tiers each tier has its own.
    """

    id: str
    kind: Kind
    price: int = 0
    deadweight: Number = 0
    max_amount: int | None = None
    max_count: Number | None = None
    max_per_person: int | None = 1
    requires: tuple[str, ...] = ()
    best_of: str | None = None
    tiers: tuple[Tier, ...] = ()
    after: Number = 0
    retroactive: bool = False
    steps: tuple[Step, ...] = ()
    between: Literal["step", "linear"] = "step"
    bands: tuple[Band, ...] = ()
    threshold: Number | None = None
    pooled_threshold: Number | None = None
    share: Number = 0
    share_after: Number | None = None
    until: int | None = None
    prices: Mapping[str, int] = field(default_factory=dict, hash=False)

    def price_for(self, payer: str | None) -> int:
        """Minor units per unit that this payer pays."""
        return self.prices.get(payer or "", self.price)


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays. `ceiling` (minor units) is its most over the whole bond; `weight` its part under the rule weight."""

    id: str
    ceiling: int | None = None
    weight: Number = 1


@dataclass(frozen=True, slots=True)
class Period:
    """Statements dated `start` to `end` (both included) together pay at most `amount` minor units."""

    start: date
    end: date
    amount: int


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits over effects. `reduce`: who loses when a limit binds; `overshoot`: what becomes of a period's cut."""

    per_person: int | None = None
    contract: int | None = None
    periods: tuple[Period, ...] = ()
    reduce: Literal["latest_first", "pro_rata"] = "latest_first"
    overshoot: Literal["lost", "carried"] = "lost"


@dataclass(frozen=True, slots=True)
class Terms:
    """The table and all that decides what a fact is worth.

    `step` is the smallest payable step in minor units (1: a cent; 100: a whole euro). `vat_rate` (a fraction) is given
    when prices, caps and payments include VAT. Under the rule residence every fact names its payer.

    `discounts` (an extension of replay/1): what part of every amount a plan gave up as its discount on the table, by
    what a fact says it goes `under`.
    """

    effects: tuple[Effect, ...]
    payers: tuple[Payer, ...]
    payer_rule: PayerRule = "single"
    caps: Caps = field(default_factory=Caps)
    step: int = 1
    vat_rate: Number | None = None
    discounts: Mapping[str | None, Fraction] = field(default_factory=dict, hash=False)

    def effect_by_id(self) -> Mapping[str, Effect]:
        return {effect.id: effect for effect in self.effects}


@dataclass(slots=True)
class Fact:
    """What was proven, once.

    `key` is the caller's own reference (a row of a file, the id of a claim) and comes back on the line. A person fact
    has a `participant` and a `quantity`; a counted fact only a `quantity`; a measured fact a `value` (steps, bands),
    `treatment` and `control` (difference: numbers of events, the control's scaled to the cohort) or `avoided` (share).
    `under`: whose discount comes off.
    """

    effect: str
    on: date
    participant: str | None = None
    payer: str | None = None
    quantity: Number = 1
    value: Number | None = None
    treatment: Number | None = None
    control: Number | None = None
    avoided: int | None = None
    key: Hashable = None
    under: str | None = None
