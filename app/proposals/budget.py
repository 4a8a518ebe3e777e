"""What a plan would cost at the most: pure arithmetic over volumes, prices and ceilings, in minor units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.money import share
from app.programmes.models import LifeDomain

WHOLE = 100  # per cent
BASIS = 10_000  # basis points in the whole


@dataclass(frozen=True, slots=True)
class Line:
    """One effect of the table: its volume, and the most that the cohort can reach (`ceiling`, none: no limit)."""

    effect: Any
    volume: int
    ceiling: int | None

    @property
    def amount_minor(self) -> int:
        return int(self.effect.amount_of(self.volume))

    @property
    def is_over(self) -> bool:
        return self.ceiling is not None and self.volume > self.ceiling


@dataclass(frozen=True, slots=True)
class Budget:
    """`cap_minor`: the most that the contract pays for this plan, none: no cap. `illustrative`: the prices are made up.
    `part`: participants of the lot and of the bond, where the ceilings of the bond are divided by them."""

    lines: list[Line]
    cap_minor: int | None
    illustrative: bool
    part: tuple[int, int] | None = None

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    @property
    def effects(self) -> int:
        return sum(line.volume for line in self.lines)

    def per_domain(self) -> list[tuple[LifeDomain, int]]:
        """Minor units per life domain that the plan works on."""
        sums: dict[LifeDomain, int] = {}
        for line in self.lines:
            if line.volume:
                sums[line.effect.life_domain] = sums.get(line.effect.life_domain, 0) + line.amount_minor
        return [(domain, sums[domain]) for domain in LifeDomain if domain in sums]

    def problems(self) -> list[str]:
        """Why this plan cannot be handed in as it is."""
        found = [
            _(
                "%(effect)s: %(volume)d is more than the %(ceiling)d that the cohort can reach.",
                effect=line.effect.name,
                volume=line.volume,
                ceiling=line.ceiling,
            )
            for line in self.lines
            if line.is_over
        ]
        if self.cap_minor is not None and self.total_minor > self.cap_minor:
            found.append(
                _("The plan costs more than the contract ceiling.")
                if self.part is None
                else _("The plan costs more than the part of this lot in the contract ceiling.")
            )
        return found


def budget_of(volumes: Mapping[str, int], call: Any, cohort: int | None = None) -> Budget:
    """The volumes (by effect id) against the price table of the call and `cohort`: the participants of the lot, or
    (none) of the whole bond. A lot may ask its part by participants of every ceiling of the bond, rounded down, so that
    all lots together never ask more than the contract pays."""
    whole = call.programme.cohort_size
    cohort = cohort or whole
    lines = [
        Line(
            effect,
            volumes.get(str(effect.id), 0),
            _most(effect, cohort, whole),
        )
        for effect in call.table.effects
        if effect.is_counted
    ]
    illustrative = call.table.illustrative or call.programme.illustrative
    return Budget(lines, _cap(call.table, cohort, whole), illustrative, (cohort, whole) if cohort < whole else None)


def _most(effect: Any, cohort: int, whole: int) -> int | None:
    of_people = cohort * effect.max_per_person if effect.max_per_person is not None else None
    limits = [_part(effect.max_count, cohort, whole), of_people]
    return min((limit for limit in limits if limit is not None), default=None)


def _part(ceiling: int | None, cohort: int, whole: int) -> int | None:
    """What `cohort` of the `whole` may use of a ceiling of the bond."""
    return None if ceiling is None else ceiling * min(cohort, whole) // whole


def _cap(table: Any, cohort: int, whole: int) -> int | None:
    """The contract ceiling, or what the caps of all participants come to where that is less."""
    caps = [_part(table.cap_contract_minor, cohort, whole)]
    if table.cap_per_person_minor is not None:
        caps.append(cohort * table.cap_per_person_minor)
    return min((cap for cap in caps if cap is not None), default=None)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The plan over calendar years, in minor units: `listed` what its effects come to at the prices of the table,
    `paid` the same after the discount, `costs` its budget. `capital_minor`: what the investors committed, None: no
    consortium of investors stands. `is_spread`: has the plan said when its effects are expected? `listed_minor` and
    `after_minor`: all effects at the prices of the table, and after the discount, also when they are not spread."""

    years: list[int]
    listed: list[int]
    paid: list[int]
    costs: list[int]
    capital_minor: int | None
    is_spread: bool
    listed_minor: int = 0
    after_minor: int = 0

    @property
    def costs_minor(self) -> int:
        return sum(self.costs)

    @property
    def is_loss(self) -> bool:
        """Does the budget cost more than all effects bring after the discount? Said to the consortium, and lawful."""
        return self.costs_minor > self.after_minor

    @property
    def needed_minor(self) -> int:
        """The most that must lie ready: costs to date less what was paid for effects in earlier years, since an effect
        is paid after it is proven. Without a spread over years nothing is counted as paid."""
        spent = received = most = 0
        for cost, paid in zip(self.costs, self.paid, strict=True):
            spent += cost
            most = max(most, spent - received)
            received += paid if self.is_spread else 0
        return most

    @property
    def is_short(self) -> bool:
        """Must more lie ready than the investors committed? Said to the consortium; it may have money of its own."""
        return self.capital_minor is not None and self.needed_minor > self.capital_minor


def forecast_of(
    budget: Budget, parts: Mapping[str, int], second: Any, years: Sequence[int], capital_minor: int | None
) -> Forecast:
    """`parts`: per cents of the effects by calendar year; `second`: the discount and the budget lines."""
    weights = [parts.get(str(year), 0) for year in years]
    is_spread = any(weights)
    after = sum(discounted(line.amount_minor, second["discount_bp"]) for line in budget.lines)
    costs = [sum(line["amount_minor"] for line in second["budget"] if line["year"] == year) for year in years]
    return Forecast(
        years=list(years),
        listed=share(budget.total_minor, weights) if is_spread else [0 for _year in years],
        paid=share(after, weights) if is_spread else [0 for _year in years],
        costs=costs,
        capital_minor=capital_minor,
        is_spread=is_spread,
        listed_minor=budget.total_minor,
        after_minor=after,
    )


def discounted(amount_minor: int, discount_bp: int | None) -> int:
    """What is left of an amount after the discount, half a cent rounded up."""
    return (amount_minor * (BASIS - (discount_bp or 0)) + BASIS // 2) // BASIS
