"""One calendar for the gates and the what-if.

A maximum per period goes by the day of settlement (replay/1, fine print), so the same facts must be settled on the same
days wherever somebody looks ahead.
"""

from datetime import date
from urllib.parse import urlencode

import pytest

from app.extensions import db
from app.pricing.budget import calendar_of, early_by_year, stress_of
from app.pricing.models import EffectKind, Overshoot
from app.pricing.plausible import everything, half_yearly_groups
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme
from tests.scenarios.test_explore import rows_of

ROOMS = {  # what each half-year may ask, in minor units
    ("2026-01-01", "2026-06-30"): 150_00,
    ("2026-07-01", "2026-12-31"): 150_00,
    ("2027-01-01", "2027-06-30"): 50_00,
    ("2027-07-01", "2027-12-31"): 20_00,
}


@pytest.fixture
def programme(app):
    return make_programme(cohort_size=4, ends_on=date(2026, 12, 31), tail_until=date(2027, 12, 31))


@pytest.fixture
def capped(programme):
    """100.00 for each of four people, two in either half of 2026, and a maximum for each half-year."""
    caps = [{"from": first, "to": last, "amount_minor": room} for (first, last), room in ROOMS.items()]
    table = make_table(programme, state="draft", effects=0, period_caps=caps)
    make_effect(table, price_minor=100_00, deadweight_bp=0, expected_count=4, months_after=1)
    return table


@pytest.mark.parametrize(
    ("overshoot", "paid"), [(Overshoot.LOST, {2026: 300_00, 2027: 0}), (Overshoot.CARRIED, {2026: 300_00, 2027: 70_00})]
)
def test_c5_c6_and_the_what_if_give_the_same_for_a_maximum_per_half_year(overshoot, paid, programme, capped, browse):
    """Each half of 2026 asks 200.00 and may ask 150.00: 300.00 in that year, and of the other 100.00 nothing, or the
    50.00 and 20.00 for which 2027 has room. One settlement at the end of 2026 would meet the second half's room.
    """
    capped.overshoot = overshoot
    db.session.commit()
    (payer,) = calendar_of(capped, programme.shares)
    assert {year: payer.expected[year] for year in paid} == paid
    assert early_by_year(capped, programme.shares) == {str(programme.lead_id): paid}
    _none, expected, everybody, _ceiling = stress_of(capped, programme.shares)
    assert (expected.total, everybody.total) == (sum(paid.values()),) * 2
    answers = {"intakes": 2, "rhythm": "half_year", **{f"{case}_work-13w": "100" for case in "leh"}, "m_work-13w": "1"}
    address = f"/programmes/{programme.id}/what-if?table={capped.id}&{urlencode(answers)}"
    rows = rows_of(browse(make_user(programme.lead)).get_ok(address), "Payments per municipality and year")
    assert [row[2:5] for row in rows[:2]] == [[f"€{paid[year] / 100:.2f}"] * 3 for year in paid]


def test_units_that_run_on_are_settled_in_the_half_year_in_which_they_are_full(programme, capped):
    """One person from 2 July 2026: 26 weeks by the end of 2026, 52 by 30 June 2027 (364 days), 78 by the end (548)."""
    weeks = make_effect(capped, "home", kind=EffectKind.PER_UNIT, unit="week", max_per_person=None)
    programme.shares[0].cohort_size = 1
    found = [(fact.on, fact.quantity) for fact in everything(capped, programme.shares) if fact.effect == weeks.code]
    assert found == [(date(2026, 12, 31), 26), (date(2027, 6, 30), 26), (date(2027, 12, 31), 26)]


GATES = "than the gates C1, C5 and C6 of the price table assume"


def what_if_of(programme, table, browse, **answers):
    address = f"/programmes/{programme.id}/what-if?{urlencode({'table': table.id, **answers})}"
    return browse(make_user(programme.lead)).get_ok(address)


def test_the_what_if_begins_with_the_intake_of_the_gates(app, browse):
    """24 people evenly over 2026-2028, six months later 100.00 each: 4 of the half-years of 2026, so 400.00 in its
    second half, 800.00 in 2027 and in 2028, and 400.00 in 2029. All of them in the first half of the bond would ask
    1,200.00 of 2027."""
    programme = make_programme(cohort_size=24, ends_on=date(2028, 12, 31), tail_until=date(2029, 12, 31))
    table = make_table(programme, state="draft", effects=0)
    make_effect(table, price_minor=100_00, deadweight_bp=0, expected_count=24, months_after=6)
    (payer,) = calendar_of(table, programme.shares)
    assert payer.expected == {2026: 400_00, 2027: 800_00, 2028: 800_00, 2029: 400_00}
    page = what_if_of(programme, table, browse)
    rows = rows_of(page, "Payments per municipality and year")
    assert [row[3] for row in rows[:4]] == ["€400.00", "€800.00", "€800.00", "€400.00"]
    assert GATES not in page.text


@pytest.mark.parametrize(
    "typed", [{"intakes": 3}, {"first_intake": "2026-01-01"}, {"rhythm": "quarter"}, {"intakes": 2, "spread": "1 3"}]
)
def test_another_intake_than_that_of_the_gates_is_said(typed, programme, capped, browse):
    """The bond lasts a year: two groups, on 1 April and 1 October."""
    assert f"{GATES}: there they start evenly, in 2 half-yearly groups from 1 April 2026 on" in (
        what_if_of(programme, capped, browse, **typed).text
    )
    assert GATES not in what_if_of(programme, capped, browse, spread="5 5").text  # written out, and as even


@pytest.mark.parametrize(
    ("ends_on", "groups"),
    [
        (date(2026, 3, 31), [date(2026, 2, 1)]),
        (date(2026, 12, 31), [date(2026, 4, 1), date(2026, 10, 1)]),
        (date(2027, 4, 30), [date(2026, 4, 1), date(2026, 10, 1), date(2027, 4, 1)]),
    ],
)
def test_groups_lie_within_the_period_of_the_bond(app, ends_on, groups):
    assert half_yearly_groups(make_programme(ends_on=ends_on)) == groups


def test_a_year_in_which_the_high_case_asks_less_is_explained(programme, capped, browse):
    """Two start in July 2026 and two in January 2027; a maximum of 250.00 for the contract. With half of them 100.00 a
    year; with all of them 200.00 and then 50.00."""
    capped.period_caps, capped.cap_contract_minor = [], 250_00
    db.session.commit()
    answers = {"first_intake": "2026-07-01", "l_work-13w": 0, "e_work-13w": 50, "h_work-13w": 100, "m_work-13w": 1}
    page = what_if_of(programme, capped, browse, **answers)
    rows = rows_of(page, "Payments per municipality and year")
    assert [row[2:5] for row in rows[:2]] == [["€0.00", "€100.00", "€200.00"], ["€0.00", "€100.00", "€50.00"]]
    said = "a year can ask less: in 2027, because earlier payments reached a maximum sooner"
    assert said in page.text
    capped.cap_contract_minor = None
    db.session.commit()
    assert "reached a maximum sooner" not in what_if_of(programme, capped, browse, **answers).text
