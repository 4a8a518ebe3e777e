"""Agreement and Cohen's kappa, exactly (gate D2)."""

from fractions import Fraction

import pytest

from app.readers.agreement import Agreement


def test_the_textbook_table():
    """20 and 15 agreed of 50, 5 and 10 apart: observed 0.7, by chance 0.5, kappa 0.4."""
    found = Agreement(both_yes=20, first_only=5, second_only=10, both_no=15)
    assert (found.observed, found.expected, found.kappa) == (Fraction(7, 10), Fraction(1, 2), Fraction(2, 5))


@pytest.mark.parametrize("same", [Agreement(10, 0, 0, 0), Agreement(0, 0, 0, 10), Agreement(0, 0, 0, 0)])
def test_kappa_is_not_defined_where_both_say_the_same_of_all(same):
    assert same.kappa is None
    assert not same.passes


def test_whoever_always_says_no_agrees_by_chance_alone():
    """9 of 10 alike, but the second reader never says yes: kappa 0."""
    found = Agreement(0, 1, 0, 9)
    assert (found.observed, found.kappa, found.passes) == (Fraction(9, 10), Fraction(0), False)


@pytest.mark.parametrize(
    ("counts", "passes"),
    [
        ((4, 0, 1, 5), True),
        ((3, 0, 1, 6), False),
        ((4, 0, 0, 5), False),
        ((45, 5, 5, 45), True),
        ((44, 6, 5, 45), False),
    ],
)
def test_the_limits_are_ten_files_ninety_percent_and_four_fifths(counts, passes):
    assert Agreement(*counts).passes is passes
