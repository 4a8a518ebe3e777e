"""The calendar of payments: what each payer owes in each budget year, beside what it reserved. Integers only.

Pure. Source: gates C1, C5 and C6 (domain, section 4); the amounts come from the engine that settles live bonds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.pricing.caps import CEILING, CONTRACT, PERIODS
from app.pricing.models import PriceTable
from app.pricing.plausible import everything, expectation, fees
from app.pricing.statement import Valuation
from app.pricing.terms import Fact
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.programmes.models import MunicipalityShare

Years = dict[int, int]


@dataclass(frozen=True, slots=True)
class PayerYears:
    """One municipality, minor units by budget year. `committed` is what agreements in force already bind it to.

    `worst` is the highest of three courses, and no bound for every course: the largest of what a year asks when
    everybody reaches everything as early as possible, when everybody reaches everything as late as possible, and as
    expected. No course of events asks the highest of every year, so the years do not add up: `worst_total` is the most
    that one of them asks over all years.
    """

    name: str
    reserved: Years
    committed: Years
    expected: Years
    worst: Years
    worst_total: int

    def short(self, kind: str) -> list[tuple[int, int]]:
        """The years in which `kind` asks more than is reserved, and how much more (minor units)."""
        amounts: Years = getattr(self, kind)
        gaps = [(year, amount - self.reserved.get(year, 0)) for year, amount in amounts.items()]
        return [(year, gap) for year, gap in gaps if gap > 0]


@dataclass(frozen=True, slots=True)
class Stress:
    """What the payers pay in all, in their order, if so much succeeds (minor units).

    `cut` is what the maximums of the contract, its periods and its payers take off in the end; of it `by_periods` is
    the part of the periods: lost, or postponed and still not paid at the end. `late` was postponed and paid after all.
    """

    scenario: str
    payers: tuple[int, ...]
    cut: int = 0
    most: int | None = None
    by_periods: int = 0
    late: int = 0

    @property
    def total(self) -> int:
        """All payers together, at most `most`."""
        return sum(self.payers) if self.most is None else min(sum(self.payers), self.most)


def calendar_of(
    table: PriceTable, shares: Sequence[MunicipalityShare], committed: Mapping[str, Years] | None = None
) -> list[PayerYears]:
    """Per municipality; `committed` by `str(organisation_id)`, as `bound` finds it."""
    paths = [
        early_by_year(table, shares),
        _by_year(table, shares, everything(table, shares, late=True)),
        _by_year(table, shares, expectation(table, shares)),
    ]
    expected = paths[-1]
    found = []
    for municipality in shares:
        payer = str(municipality.organisation_id)
        bound = (committed or {}).get(payer, {})
        years = sorted({*table.programme.years, *municipality.reserved, *bound})
        found.append(
            PayerYears(
                name=municipality.organisation.name if municipality.organisation else payer,
                reserved={year: municipality.reserved.get(year, 0) for year in years},
                committed={year: bound.get(year, 0) for year in years},
                expected={year: expected[payer].get(year, 0) for year in years},
                worst={year: max(path[payer].get(year, 0) for path in paths) for year in years},
                worst_total=max(sum(path[payer].values()) for path in paths),
            )
        )
    return found


def early_by_year(table: PriceTable, shares: Sequence[MunicipalityShare]) -> dict[str, Years]:
    """The whole cohort reaches everything, as early as it can, within every cap and ceiling."""
    return _by_year(table, shares, everything(table, shares))


def _by_year(table: PriceTable, shares: Sequence[MunicipalityShare], facts: list[Fact]) -> dict[str, Years]:
    """What each payer owes in each budget year, that of the settlement's day (minor units)."""
    paid: dict[str, Years] = {str(municipality.organisation_id): {} for municipality in shares}
    if not facts or not is_sound(table):
        return paid
    for statement in _settled(table, shares, facts).statements:
        for payer, amount in statement.payers.items():
            paid[payer][statement.on.year] = paid[payer].get(statement.on.year, 0) + amount
    return paid


def _settled(table: PriceTable, shares: Sequence[MunicipalityShare], facts: list[Fact]) -> Valuation:
    """On the bond's days of settlement: C1, C5 and C6, and the what-if, all look at this one calendar."""
    return value(valuation_terms(table, shares), facts, table.programme.settlement_days)


def is_sound(table: PriceTable) -> bool:
    """Whether the engine can value it: everything required is there. What is not is a gate of its own."""
    codes = {effect.code for effect in table.effects}
    return all(code in codes for effect in table.effects for code in effect.requires or ())


def stress_of(table: PriceTable, shares: Sequence[MunicipalityShare]) -> list[Stress]:
    """C6: nobody, as expected, everybody, and the most that can ever be asked."""
    return [
        _stress("none", table, shares, fees(table, shares)),
        _stress("expected", table, shares, expectation(table, shares)),
        _stress("all", table, shares, everything(table, shares)),
        _ceiling(table, shares),
    ]


def _stress(scenario: str, table: PriceTable, shares: Sequence[MunicipalityShare], facts: list[Fact]) -> Stress:
    if not facts or not is_sound(table):
        return Stress(scenario, tuple(0 for _municipality in shares))
    found = _settled(table, shares, facts)
    cuts = found.cuts()
    periods, ceiling, contract = (int(cuts.get(rule, 0)) for rule in (PERIODS, CEILING, CONTRACT))
    paid = tuple(sum(s.payers[str(m.organisation_id)] for s in found.statements) for m in shares)
    return Stress(scenario, paid, periods + ceiling + contract, by_periods=periods, late=found.paid_late)


def _ceiling(table: PriceTable, shares: Sequence[MunicipalityShare]) -> Stress:
    """A municipality pays at most what it reserved, and never more than the maximum of the contract."""
    most = table.cap_contract_minor
    each = [m.ceiling_minor if most is None else min(m.ceiling_minor, most) for m in shares]
    return Stress("ceiling", tuple(each), most=most)
