"""The statistics of D5 and D7 against published numbers."""

from decimal import Decimal

import pytest

from app.pricing.power import people_needed, smallest_difference_bp, wilson


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        (0, 10, "0.0000", "0.2775"),  # never below zero, and not a point at zero
        (10, 10, "0.7225", "1.0000"),
        (81, 263, "0.2553", "0.3662"),  # Newcombe 1998, table I, method 3
        (15, 148, "0.0624", "0.1605"),
        (0, 20, "0.0000", "0.1611"),
        (1, 29, "0.0061", "0.1718"),
    ],
)
def test_wilsons_interval(count, n, low, high):
    found = [bound.quantize(Decimal("0.0001")) for bound in wilson(count, n)]
    assert found == [Decimal(low), Decimal(high)]


def test_two_groups_of_70_at_30_percent_detect_only_about_23_points():
    """Domain, gate D7."""
    assert 2_300 <= smallest_difference_bp(70, Decimal("0.30")) < 2_350


def test_the_smallest_difference_is_the_smallest():
    least = smallest_difference_bp(70, Decimal("0.30"))
    assert people_needed(Decimal("0.30"), Decimal(least) / 10_000) <= 70
    assert people_needed(Decimal("0.30"), Decimal(least - 1) / 10_000) > 70


def test_sixty_and_forty_percent_need_about_a_hundred_people():
    """Fleiss, table A.3, without continuity correction: 0.40 against 0.60 takes 97 people in each group."""
    assert 96 < people_needed(Decimal("0.4"), Decimal("0.2")) <= 97


def test_a_larger_cohort_shows_less_and_a_handful_nothing():
    shown = [smallest_difference_bp(size, Decimal("0.3")) for size in (20, 70, 700, 7_000)]
    assert shown == sorted(shown, reverse=True)
    assert smallest_difference_bp(3, Decimal("0.3")) is None
    assert smallest_difference_bp(0, Decimal("0.3")) is None
    assert smallest_difference_bp(70, Decimal(1)) is None


def test_a_larger_group_beside_it_shows_a_smaller_difference():
    """13 people beside 80, from a baseline of 30 per cent: 39.6 points, where 13 beside 13 show 52.1."""
    baseline = Decimal("0.30")
    assert 3_950 <= smallest_difference_bp(13, baseline, 80) <= 3_970
    assert smallest_difference_bp(13, baseline, 13) == smallest_difference_bp(13, baseline) == 5_211
    assert people_needed(baseline, Decimal("0.2")) == people_needed(baseline, Decimal("0.2"), Decimal(1))
    assert smallest_difference_bp(13, baseline, 0) is None
