"""What the page, and the file of a spreadsheet, show of a what-if: plain figures in minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from app.capital.waterfall import Position
from app.pricing.caps import PERIODS
from app.pricing.plausible import half_yearly_groups
from app.pricing.rounding import Number, half_up
from app.pricing.statement import REFUSALS, RULES
from app.scenarios.assumptions import CASES, Assumptions
from app.scenarios.outlook import Outlook, own_id, work_out
from app.scenarios.queries import Setting
from app.settlement.explaining import RULE_NAMES, STILL_OWED

if TYPE_CHECKING:
    from app.scenarios.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Payments:
    """What a payer pays in a year in each of CASES, beside what it reserved; without a year or payer: over all."""

    payer: str
    year: int | None
    cases: tuple[int, ...]
    reserved: int

    @property
    def over_as_expected(self) -> int:
        """How much the expected case is above the reservation."""
        return max(0, self.cases[CASES.index("expected")] - self.reserved)

    @property
    def over(self) -> int:
        """How much the highest case is above the reservation; what one year leaves is not counted for the next."""
        return max(0, max(self.cases) - self.reserved)


@dataclass(frozen=True, slots=True)
class EffectFigures:
    name: str
    quantities: tuple[Decimal, ...]
    paid: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Returns:
    """A tranche, or the reader's `own` part of it, in each of CASES."""

    name: str
    own: bool
    positions: tuple[Position, ...]

    @property
    def rates(self) -> tuple[Decimal | None, ...]:
        """The yearly return (XIRR), as a fraction."""
        return tuple(as_rate(position.xirr) for position in self.positions)


@dataclass(frozen=True)
class WhatIf:
    """All that was worked out."""

    setting: Setting
    assumptions: Assumptions
    cases: dict[str, Outlook]
    simulation: "Simulation"

    @property
    def years(self) -> list[int]:
        return sorted({day.year for day in self.assumptions.settle_on})

    def payments(self) -> list[Payments]:
        """Payer by payer, year by year."""
        found = []
        for share in self.setting.shares:
            payer = str(share.organisation_id)
            for year in self.years:
                cases = tuple(self._per_year[case].get((payer, year), 0) for case in CASES)
                found.append(Payments(share.organisation.name, year, cases, share.reserved.get(year, 0)))
        return found

    @property
    def _per_year(self) -> dict[str, dict[tuple[str, int], int]]:
        return {case: outlook.per_year() for case, outlook in self.cases.items()}

    def by_year(self) -> list[Payments]:
        rows = self.payments()
        return [_sum("", year, [row for row in rows if row.year == year]) for year in self.years]

    def by_payer(self) -> list[Payments]:
        rows = self.payments()
        names = [share.organisation.name for share in self.setting.shares]
        return [_sum(name, None, [row for row in rows if row.payer == name]) for name in names]

    def total(self) -> Payments:
        return _sum("", None, self.payments())

    def years_over(self) -> list[int]:
        """Of each municipality and year that asks more than is reserved for it in the highest case, how much."""
        return [row.over for row in self.payments() if row.over]

    def over_as_expected(self) -> list[Payments]:
        """The municipalities and years that ask more than is reserved although no more succeeds than expected."""
        return [row for row in self.payments() if row.over_as_expected]

    def crossed(self) -> list[int]:
        """The years in which a case asks less than one in which less succeeds: a maximum was reached sooner."""
        rows = [row for row in self.payments() if list(row.cases) != sorted(row.cases)]
        return sorted({row.year for row in rows if row.year is not None})

    @property
    def gate_intakes(self) -> tuple[date, ...]:
        """The groups in which the gates C1, C5 and C6 let participants start, all of one size."""
        return tuple(half_yearly_groups(self.setting.programme))

    @property
    def starts_as_gates(self) -> bool:
        """Whether participants start as those gates assume."""
        assumed = self.assumptions
        return assumed.intakes == self.gate_intakes and len(set(assumed.weights)) <= 1

    def effects(self) -> list[EffectFigures]:
        sums = [outlook.valuation.effects() for outlook in self.cases.values()]
        return [
            EffectFigures(
                self.setting.effect_name(effect.id),
                tuple(_decimal(one[effect.id].quantity) for one in sums),
                tuple(one[effect.id].paid for one in sums),
            )
            for effect in self.assumptions.terms.effects
        ]

    def reductions(self) -> list[tuple[str, tuple[int, ...]]]:
        """Per rule, in words, what it took off in the end: gross less these (but VAT) is what is paid."""
        return self._cuts([rule for rule in RULES if rule not in REFUSALS])

    def refusals(self) -> list[tuple[str, tuple[int, ...]]]:
        """Per rule, in words, the worth of what was proven and never owed: no part of the gross."""
        return self._cuts(REFUSALS)

    def _cuts(self, asked: Iterable[str]) -> list[tuple[str, tuple[int, ...]]]:
        sums = [outlook.valuation.cuts() for outlook in self.cases.values()]
        rules = [rule for rule in asked if any(rule in cuts for cuts in sums)]
        carries = self.assumptions.terms.caps.overshoot == "carried"
        names = RULE_NAMES | ({PERIODS: STILL_OWED} if carries else {})
        return [(str(names[rule]), tuple(half_up(cuts.get(rule, 0), 1) for cuts in sums)) for rule in rules]

    def paid_late(self) -> tuple[int, ...]:
        """What a full period postponed and a later one paid, in each of CASES: it is in what is paid."""
        return tuple(outlook.valuation.paid_late for outlook in self.cases.values())

    def returns(self) -> list[Returns]:
        """Tranche by tranche, and below each what is the reader's own."""
        outcomes = [outlook.outcome for outlook in self.cases.values()]
        if None in outcomes:
            return []
        names = {str(tranche.id): tranche.name for tranche in self.setting.tranches}
        found = []
        for number, position in enumerate(outcomes[0].tranches):  # type: ignore[union-attr]
            rows = tuple(outcome.tranches[number] for outcome in outcomes)  # type: ignore[union-attr]
            found.append(Returns(names[position.id], False, rows))
            mine = [p for o in outcomes for p in o.investors if p.id == own_id(position.id)]  # type: ignore[union-attr]
            if mine:
                found.append(Returns(names[position.id], True, tuple(mine)))
        return found

    def excess(self) -> tuple[int, ...]:
        """What no tranche is owed, in each of CASES: it stays with the payers."""
        outcomes = [outlook.outcome for outlook in self.cases.values()]
        return tuple(0 if outcome is None else outcome.excess for outcome in outcomes)


def _sum(payer: str, year: int | None, rows: list[Payments]) -> Payments:
    cases = tuple(sum(row.cases[number] for row in rows) for number in range(len(CASES)))
    return Payments(payer, year, cases, sum(row.reserved for row in rows))


def what_if(setting: Setting, assumptions: Assumptions, seed: int) -> WhatIf:
    """Low, expected and high by the engine; the spread by many draws."""
    from app.scenarios.simulation import simulate  # a web worker that is never asked does not load numpy

    cases = work_out(assumptions, setting.minor_per_major)
    return WhatIf(setting, assumptions, cases, simulate(assumptions, seed, setting.minor_per_major))


def as_rate(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _decimal(quantity: Number) -> Decimal:
    """Units are finite decimals."""
    top, bottom = Fraction(quantity).as_integer_ratio()
    return Decimal(top) / Decimal(bottom)
