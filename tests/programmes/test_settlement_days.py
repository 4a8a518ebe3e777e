"""The days of settlement with which everybody looks ahead (domain, section 8: to 30 June and to 31 December)."""

from datetime import date

from app.programmes.half_years import half_year_ends
from app.programmes.models import Programme


def test_a_bond_settles_at_the_half_years_and_on_its_last_day():
    programme = Programme(starts_on=date(2026, 3, 1), ends_on=date(2026, 12, 31), tail_until=date(2027, 4, 15))
    assert programme.settlement_days == (date(2026, 6, 30), date(2026, 12, 31), date(2027, 4, 15))


def test_a_last_day_that_ends_a_half_year_is_there_once():
    assert half_year_ends(date(2026, 7, 1), date(2026, 12, 31)) == (date(2026, 12, 31),)


def test_every_budget_year_has_a_day():
    programme = Programme(starts_on=date(2026, 12, 31), ends_on=date(2026, 12, 31), tail_until=date(2028, 1, 1))
    assert sorted({day.year for day in programme.settlement_days}) == list(programme.years)
