"""The calendar of payments and the stress test: the engine's figures, by payer and year."""

from datetime import date

import pytest

from app.pricing.budget import calendar_of, stress_of
from app.pricing.gate_queries import committed_by_year
from app.pricing.models import EffectKind
from app.pricing.plausible import add_months, days_of, everything, expectation, people_of
from tests.factories.agreements import make_bond, offer, sign_all
from tests.factories.pricing import make_table
from tests.pricing.judging import effect, programme, shares, table

pytestmark = pytest.mark.usefixtures("app")

PLENTY = {2026: 10**9, 2027: 10**9}


def plain(code="a", **facts):
    """One euro each, nothing taken off."""
    return effect(code, **({"deadweight_bp": 0} | facts))


def years(made, *reserved, sizes, kind="worst"):
    return [getattr(payer, kind) for payer in calendar_of(made, shares(*reserved, sizes=sizes))]


def test_the_intake_is_spread_and_the_effect_follows_it():
    """Four people, one each quarter of 2026; six months later two of them stand in 2027, or all when it comes late."""
    assert years(table(plain(months_after=6)), PLENTY, sizes=(4,)) == [{2026: 2_00, 2027: 4_00}]


def test_nothing_falls_after_the_tail():
    made = table(plain(months_after=24, expected_count=0))
    assert years(made, PLENTY, sizes=(4,)) == [{2026: 0, 2027: 0}]


def test_what_requires_another_effect_never_comes_before_it():
    made = table(plain("a", months_after=12), plain("b", months_after=0, requires=["a"]))
    assert years(made, PLENTY, sizes=(2,)) == [{2026: 0, 2027: 4_00}]


def test_the_maximums_hold_in_the_worst_case():
    made = table(plain(max_per_person=5), cap=12_00, cap_per_person_minor=3_00)
    assert years(made, PLENTY, PLENTY, sizes=(3, 3)) == [{2026: 6_00, 2027: 6_00}] * 2  # early or late
    assert years(made, {2026: 2_50}, PLENTY, sizes=(3, 3))[0][2026] == 2_50


def test_each_day_counts_in_its_own_year():
    made = table(plain(kind=EffectKind.PER_UNIT, unit="dag", max_per_person=None, price_minor=1), cap=10**9)
    (found,) = years(made, PLENTY, sizes=(1,))
    assert found == {2026: 183, 2027: 365}  # intake on 2 July 2026, until the end of 2027


def test_what_is_expected_is_split_by_largest_remainder():
    made = table(plain(expected_count=10), cap=10**9)
    assert [sum(payer.values()) for payer in years(made, PLENTY, PLENTY, sizes=(45, 25), kind="expected")] == [
        6_00,
        4_00,
    ]


def test_whoever_reaches_the_later_step_reached_the_one_before():
    """8 and 5 expected: all 5 of the later step must be among the 8, or the engine would pay fewer."""
    made = table(plain("a", expected_count=8), plain("b", requires=["a"], expected_count=5), cap=10**9)
    assert years(made, PLENTY, sizes=(20,), kind="expected") == [{2026: 13_00, 2027: 0}]


def test_every_beginning_of_the_order_is_spread_over_the_intake():
    (municipality,) = shares(PLENTY, sizes=(64,))
    half = [person.starts for person in people_of(programme(), municipality)[:8]]
    assert sum(day < date(2026, 7, 2) for day in half) == 4


def test_no_cent_appears_between_everything_and_the_calendar():
    made = table(plain("a"), plain("b", price_minor=333, deadweight_bp=1_000), cap=10**9)
    found = years(made, PLENTY, PLENTY, sizes=(7, 5), kind="worst_total")
    assert sum(found) == 12 * (100 + 300)
    assert len(everything(made, shares(PLENTY, sizes=(7,)))) == 14
    assert sum(fact.quantity for fact in expectation(made, shares(PLENTY, PLENTY, sizes=(7, 5)))) == 2


def test_stress_goes_from_nothing_to_the_ceiling():
    made = table(plain(expected_count=2), cap=10_00)
    found = stress_of(made, shares({2026: 4_00}, {2026: 9_00}, sizes=(3, 5)))
    assert [(line.scenario, line.payers, line.total) for line in found] == [
        ("none", (0, 0), 0),
        ("expected", (1_00, 1_00), 2_00),
        ("all", (3_00, 5_00), 8_00),
        ("ceiling", (4_00, 9_00), 10_00),
    ]


def test_a_fee_is_paid_when_nobody_succeeds():
    fee = plain(kind=EffectKind.FEE, max_per_person=None, price_minor=5_00)
    assert stress_of(table(fee), shares({2026: 9_00}, sizes=(3,)))[0].total == 5_00


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_are_those_of_the_calendar(start, months, end):
    assert add_months(start, months) == end


@pytest.mark.parametrize(("unit", "days"), [("day", 1), ("weeks", 7), ("maand", 30), ("bed-day", 1), ("", 1)])
def test_an_unknown_unit_lasts_a_day_so_that_the_most_is_not_too_low(unit, days):
    assert days_of(unit) == days


def test_an_agreement_in_force_binds_up_to_its_ceiling(app):
    """Nothing is paid yet: all that the agreement may ask is committed, from this year on, and not a cent more."""
    bond = make_bond()
    agreement = offer(bond)
    assert committed_by_year(bond.programme) == {}  # offered binds nobody
    sign_all(bond, agreement)
    found = committed_by_year(agreement.programme)
    worst = calendar_of(agreement.table, agreement.programme.shares)
    assert [sum(found[str(s.organisation_id)].values()) for s in agreement.programme.shares] == [
        payer.worst_total for payer in worst
    ]
    assert sum(sum(payer.values()) for payer in found.values()) <= agreement.table.cap_contract_minor


def test_without_an_agreement_nothing_is_committed(app):
    assert committed_by_year(make_table().programme) == {}
