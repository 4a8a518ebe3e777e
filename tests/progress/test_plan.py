"""What is planned by now, and what a reader may conclude from a figure (domain, sections 3 and 9)."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core import clock
from app.intake.suppression import Figure
from app.outcomes.states import ClaimState
from app.progress.plan import at_most, effect_lines, is_behind, months_back, planned_of, proven_until, setting_of
from tests.factories.outcomes import make_batch, make_claim, make_participant
from tests.progress.conftest import agree_volumes

STARTS = {"2026-01": 10, "2026-03": 10, "2026-04": 20, "2026-11": 10}


def test_months_cross_the_year():
    assert [months_back("2026-02", n) for n in (0, 1, 2, 14)] == ["2026-02", "2026-01", "2025-12", "2024-12"]


@pytest.mark.parametrize(
    "until, months_after, planned",
    [
        ("2026-06", 3, 8),  # 20 of 50 came in by March, of 20 effects
        ("2026-06", 2, 16),  # and 40 by April
        ("2026-06", 6, 0),
        ("2027-02", 3, 20),
        ("2026-04", 3, 4),
    ],
)
def test_effects_follow_the_agreed_intake(until, months_after, planned):
    assert planned_of(20, STARTS, months_after, until, sum(STARTS.values())) == planned


def test_nothing_is_planned_where_nobody_comes_in():
    assert planned_of(20, {}, 0, "2026-12", 0) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 500), st.dictionaries(st.sampled_from(sorted(STARTS)), st.integers(0, 60)), st.integers(0, 30))
def test_never_more_than_agreed_and_never_less_later(volume, starts, after):
    months = [f"{2026 + n // 12}-{n % 12 + 1:02d}" for n in range(48)]
    planned = [planned_of(volume, starts, after, month, sum(starts.values())) for month in months]
    assert planned == sorted(planned) and planned[-1] <= volume
    if sum(starts.values()) and after <= 24:
        assert planned[-1] == volume


@pytest.mark.parametrize(
    "figure, most",
    [
        (Figure(0), 0),
        (Figure(12), 12),
        (Figure(None, small=True), 4),
        (Figure(None, between=(10, 19)), 19),
        (Figure(None), None),
    ],
)
def test_a_reader_knows_no_more_than_what_is_shown(figure, most):
    """A hidden figure gives no warning; a range only when even its end is behind."""
    assert at_most(figure) == most
    assert is_behind(figure, 25, 20) == (most is not None and most < 20)


@pytest.mark.parametrize(
    "today, until",
    [(date(2026, 8, 13), None), (date(2026, 8, 14), date(2026, 6, 30)), (date(2027, 2, 13), date(2026, 6, 30))],
)
def test_nobody_is_late_for_what_cannot_be_proven(bond, today, until):
    """45 days after a half-year ended its sign-off is due, and no day sooner."""
    with clock.at(clock.local(today, 12)):
        assert proven_until(bond.programme) == until


def test_plan_beside_actual(bond):
    """By June 20 of 50 had been in for three months: 8 of 20 effects. Seven are signed off, one waits."""
    for _ in range(7):
        make_claim(bond, make_participant(bond, bond.hengelo), state=ClaimState.VERIFIED)
    make_batch(bond)
    make_claim(bond)
    [line] = effect_lines(bond.programme, setting_of(bond.programme), bond.provider)
    assert (line.volume, line.planned, line.claimed.count, line.proven.count) == (20, 8, 8, 7)


def test_without_agreed_numbers_those_of_the_price_table_count(bond):
    agree_volumes(bond, {})
    [line] = effect_lines(bond.programme, setting_of(bond.programme), None)
    assert (line.effect.code, line.volume) == ("work-13w", 10)
