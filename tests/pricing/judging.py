"""A table in memory that passes every gate, to change in one thing; and what a gate says of it."""

from datetime import date
from uuid import UUID

from app.pricing.gates import gates_of
from app.pricing.models import (
    CompanionView,
    Counterfactual,
    Effect,
    EffectKind,
    EvidenceType,
    Overshoot,
    PriceTable,
    Reduce,
)
from app.programmes.models import BudgetYear, LifeDomain, MunicipalityShare, Programme
from app.readers.models import ReaderTest
from app.readers.queries import Tested

AGREED = (5, 0, 0, 5)


def effect(code: str = "work-13w", **facts) -> Effect:
    defaults = {
        "name": "Work",
        "life_domain": LifeDomain.WORK,
        "kind": EffectKind.PER_PERSON,
        "who": "Participants without work",
        "definition": f"Works at least 12 hours a week, {code}.",
        "unit": "",
        "sustained": "13 weeks",
        "achieved_when": "The last day of week 13",
        "resets": "Nothing",
        "price_minor": 100,
        "payer_prices": {},
        "tiers": [],
        "scale": [],
        "deadweight_bp": 2_000,
        "max_per_person": 1,
        "requires": [],
        "best_of": "",
        "evidence_type": EvidenceType.EMPLOYER,
        "evidence_holder": "The employer",
        "evidence_days": 90,
        "companion": "How they like it",
        "companion_view": CompanionView.PARTICIPANT,
        "baseline_n": 100,
        "baseline_count": 30,
        "baseline_period": "2024",
        "baseline_source": "Records",
        "counterfactual": Counterfactual.FIXED,
        "gaming": "A friend signs",
        "countermeasure": "Payroll data of a sample",
        "double_payment": "No subsidy",
        "legal_basis": "GDPR 6(1)(e)",
        "expected_count": 1,
        "months_after": 0,
    }
    return Effect(code=code, **(defaults | facts))


def programme(**facts) -> Programme:
    defaults = {
        "currency": "EUR",
        "cohort_size": 70,
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "tail_until": date(2027, 12, 31),
        "council_decision": "2025-114",
        "council_decided_on": date(2025, 11, 3),
        "dpia_reference": "DPIA 7",
        "dpia_on": date(2025, 11, 4),
    }
    return Programme(**(defaults | facts))


def table(*effects: Effect, cap: int | None = 100_00, bond: Programme | None = None, **facts) -> PriceTable:
    facts = {
        "reduce": Reduce.LATEST_FIRST,
        "overshoot": Overshoot.LOST,
        "step_minor": 1,
        "period_caps": [],
        "note": "",
    } | facts
    made = PriceTable(programme=bond or programme(), cap_contract_minor=cap, **facts)
    made.effects = list(effects)
    return made


def shares(*reserved: dict[int, int], sizes: tuple[int, ...] = (1, 1)) -> list[MunicipalityShare]:
    reserved = reserved or ({2026: 50_00, 2027: 10_00}, {2026: 30_00, 2027: 10_00})
    return [
        MunicipalityShare(
            organisation_id=UUID(int=n),
            cohort_size=sizes[n],
            budget=[BudgetYear(year=year, reserved_minor=minor) for year, minor in years.items()],
        )
        for n, years in enumerate(reserved)
    ]


def read_by_two(counts: tuple[int, int, int, int] = AGREED) -> Tested:
    names = ("both_yes", "first_only", "second_only", "both_no")
    return Tested(ReaderTest(**dict(zip(names, counts, strict=True))), 1, None)


def judged(gate: str, made: PriceTable, paying=None, tests=None, overrides=()):
    tests = {e.code: read_by_two() for e in made.effects} if tests is None else tests
    found = gates_of(made, shares() if paying is None else paying, tests, overrides)
    return next(g for g in found if g.code == gate)


def messages(gate: str, *effects: Effect, **facts) -> list[str]:
    return [fault.message for fault in judged(gate, table(*effects, **facts)).faults]
