"""What an investor may expect before it commits: the published table and the tranches, run through the engine.

Pure: nothing here reads or writes a row it was not handed. A scenario says what would be paid if a share of the
participants reached *every* effect of the table, and who would get it by the agreed order. What is *expected* is far
less than half of that as a rule, and is worked out where the what-if is: `scenarios.expected_case`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.capital.models import Tranche, TrancheTerms
from app.capital.terms import Capital, Flow, Guarantee, Investor
from app.capital.terms import Tranche as PaidTranche
from app.capital.waterfall import Outcome, distribute
from app.core.money import share
from app.pricing.models import PriceTable
from app.pricing.rounding import half_up
from app.pricing.terms import Fact
from app.pricing.terms_of import valuation_terms
from app.pricing.valuation import value
from app.programmes.models import MunicipalityShare, Programme

SUCCESS = (0, 50, 100)  # percent of the participants
BASIS_POINTS = 10_000
KINDS: dict[TrancheTerms, Literal["return", "loan", "grant"]] = {
    TrancheTerms.RETURN: "return",
    TrancheTerms.LOAN: "loan",
    TrancheTerms.GRANT: "grant",
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One outcome. Amounts in minor units; `percent` and number of the `participants` who reach every effect, both None
    where each effect has its own number; rates as text, None: not defined.
    `by_guarantor` of `paid_back` comes from who guarantees, the rest from the municipalities."""

    percent: int | None
    participants: int | None
    paid_by_government: int
    paid_in: int
    paid_back: int
    by_guarantor: int
    multiple: str | None
    xirr: str | None


def tranche_terms(tranche: Tranche) -> PaidTranche:
    """A tranche of the portal as the engine knows it."""
    return PaidTranche(
        id=str(tranche.id),
        rank=tranche.rank,
        kind=KINDS[tranche.terms],
        irr_cap=None if tranche.irr_cap_bp is None else Fraction(tranche.irr_cap_bp, BASIS_POINTS),
        rate=Fraction(tranche.rate_bp or 0, BASIS_POINTS),
        day_count=tranche.day_count.value,
    )


def guarantee_of(tranches: Sequence[Tranche]) -> Guarantee | None:
    """The guarantee of a round as the engine knows it; a round has one at most."""
    return next((Guarantee(one.guarantee_minor, str(one.id)) for one in tranches if one.guarantee_minor), None)


def scenarios(
    programme: Programme, table: PriceTable, tranches: Sequence[Tranche], committed: Sequence[tuple[Tranche, int]]
) -> list[Scenario]:
    """0 %, 50 % and 100 % success, seen by the investor of the first of `committed` (tranche, minor units).

    The others are all further capital. Everything is paid in on the first day and spent on the work; the government
    pays on the last day on which effects accrue, so that no scenario counts on early money.
    """
    return [_scenario(programme, table, tranches, committed, percent) for percent in SUCCESS]


def _scenario(
    programme: Programme,
    table: PriceTable,
    tranches: Sequence[Tranche],
    committed: Sequence[tuple[Tranche, int]],
    percent: int,
) -> Scenario:
    reached, last = programme.cohort_size * percent // 100, programme.tail_until
    outcome = outcome_minor(table, programme.shares, reached)
    receipt = Flow(last, without_vat_minor(table, outcome))

    def run(terms: Capital) -> Outcome:
        return distribute(terms, [receipt], [last], step=1)

    return seen_by_first(paid_in_at_once(programme, tranches, committed), run, percent, reached, outcome)


def paid_in_at_once(
    programme: Programme, tranches: Sequence[Tranche], committed: Sequence[tuple[Tranche, int]]
) -> Capital:
    """What was `committed` (minor units), all of it paid in on the first day and spent on the work."""
    capital, first = sum(amount for _, amount in committed), programme.starts_on
    return Capital(
        tranches=tuple(tranche_terms(tranche) for tranche in tranches),
        investors=tuple(Investor(str(n), str(t.id), amount) for n, (t, amount) in enumerate(committed) if amount),
        drawdowns=(Flow(first, capital),),
        costs=(Flow(first, capital),),
        guarantee=guarantee_of(tranches),
    )


def seen_by_first(
    terms: Capital, run: Callable[[Capital], Outcome], percent: int | None, reached: int | None, outcome: int
) -> Scenario:
    """How the first investor comes out, and what of it the guarantor pays: what it would not have without."""
    own, *_ = (one for one in run(terms).investors if one.id == "0")
    helped = 0
    if terms.guarantee:
        alone, *_ = (one for one in run(replace(terms, guarantee=None)).investors if one.id == "0")
        helped = own.distributed - alone.distributed
    return Scenario(percent, reached, outcome, own.paid_in, own.distributed, helped, own.multiple, own.xirr)


def without_vat_minor(table: PriceTable, paid: int) -> int:
    """What of a payment of the municipalities comes in for investors: where prices include VAT, that is not theirs."""
    if table.vat_bp is None:
        return paid
    return half_up(Fraction(paid) / (1 + Fraction(table.vat_bp, BASIS_POINTS)), table.step_minor)


def outcome_minor(table: PriceTable, shares: Sequence[MunicipalityShare], reached: int) -> int:
    """What the municipalities pay when `reached` participants reach every effect: each for its own residents, never
    above its reservation, all together never above the table's maximum. Effects per unit count one unit."""
    one = per_person_minor(table, shares[0])
    living = share(reached, [municipality.cohort_size for municipality in shares])
    paid = sum(min(one * n, municipality.ceiling_minor) for n, municipality in zip(living, shares, strict=True))
    return paid if table.cap_contract_minor is None else min(paid, table.cap_contract_minor)


@dataclass(frozen=True, slots=True)
class Limit:
    """Which maximum keeps the payments down, and how much it is in all (minor units)."""

    name: LazyString
    amount_minor: int


def limit_of(table: PriceTable, shares: Sequence[MunicipalityShare], reached: int) -> Limit | None:
    """What binds when `reached` participants reach every effect; None where nothing does."""
    paid, one = outcome_minor(table, shares, reached), per_person_minor(table, shares[0])
    if table.cap_contract_minor is not None and paid == table.cap_contract_minor < one * reached:
        return Limit(_l("the maximum of the price table"), table.cap_contract_minor)
    if paid < one * reached:
        return Limit(_l("the reservations of the municipalities"), sum(one.ceiling_minor for one in shares))
    return None


def per_person_minor(table: PriceTable, municipality: MunicipalityShare) -> int:
    """What one participant who reaches every effect brings, by the functions that settle live bonds."""
    day = date(2000, 1, 1)
    payer = str(municipality.organisation_id)
    facts = [
        Fact(effect.code, day, participant="one", payer=payer, quantity=effect.max_per_person or 1)
        for effect in table.effects
    ]
    return sum(statement.paid for statement in value(valuation_terms(table, [municipality]), facts, [day]).statements)
