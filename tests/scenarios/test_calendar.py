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
from app.pricing.plausible import everything
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
