"""Allotment (domain 3.3): over-subscription pro rata or first come, to the cent, and each part says why it is so."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.capital.allotment import AllotmentRule, allot

MANY = st.lists(st.integers(1, 10**12), min_size=1, max_size=30)


def amounts(rule, room, asked):
    return [part.amount_minor for part in allot(rule, room, asked)]


def test_first_come_serves_in_the_order_of_promises():
    """60 for 100: the first two whole, the third what they left, the fourth nothing."""
    assert amounts(AllotmentRule.FIRST_COME, 60, [25, 25, 25, 25]) == [25, 25, 10, 0]


def test_pro_rata_cuts_alike_and_gives_the_odd_cents_to_the_largest_remainders():
    """100 over 70, 50 and 30 of 150: 46 2/3, 33 1/3 and 20; the cent goes to the largest remainder."""
    parts = allot(AllotmentRule.PRO_RATA, 100, [70, 50, 30])
    assert [part.amount_minor for part in parts] == [47, 33, 20]
    assert [part.rounding_minor for part in parts] == [1, 0, 0]


@pytest.mark.parametrize("rule", AllotmentRule)
def test_who_is_not_too_many_gets_what_was_promised(rule):
    parts = allot(rule, 100, [60, 40])
    assert [(part.amount_minor, part.rounding_minor) for part in parts] == [(60, 0), (40, 0)]


@settings(max_examples=50, deadline=None)
@given(rule=st.sampled_from(AllotmentRule), room=st.integers(0, 10**13), asked=MANY)
def test_not_a_cent_is_lost_and_nobody_gets_more_than_it_asked(rule, room, asked):
    given = amounts(rule, room, asked)
    assert sum(given) == min(room, sum(asked))
    assert all(0 <= got <= wanted for got, wanted in zip(given, asked, strict=True))


@settings(max_examples=50, deadline=None)
@given(room=st.integers(0, 10**13), asked=MANY)
def test_pro_rata_is_within_a_cent_of_the_exact_fraction(room, asked):
    fraction = min(Fraction(1), Fraction(room, sum(asked)))
    for part in allot(AllotmentRule.PRO_RATA, room, asked):
        exact = part.asked_minor * fraction
        assert abs(part.amount_minor - exact) < 1
        assert part.amount_minor - part.rounding_minor == exact // 1


@settings(max_examples=50, deadline=None)
@given(room=st.integers(0, 10**13), asked=MANY)
def test_first_come_never_serves_a_later_one_while_an_earlier_one_lacks(room, asked):
    given = amounts(AllotmentRule.FIRST_COME, room, asked)
    short = [n for n, (got, wanted) in enumerate(zip(given, asked, strict=True)) if got < wanted]
    assert not short or not any(given[short[0] + 1 :])
