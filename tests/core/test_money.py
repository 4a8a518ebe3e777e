import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import Money, share


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=20).filter(any))
def test_no_cent_is_lost_and_nobody_gets_more_than_the_next_whole_cent(amount, weights):
    parts = share(amount, weights)
    whole = sum(weights)
    assert sum(parts) == amount
    assert all(0 <= part - amount * weight // whole <= 1 for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_the_largest_remainder_wins_and_a_tie_goes_to_the_first():
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(5, [45, 25]) == [3, 2]  # 3.214 and 1.786: the cent goes to the second
    assert share(1, [1, 1]) == [1, 0]


def test_weights_must_make_sense():
    for weights in ([], [0, 0], [2, -1]):
        with pytest.raises(ValueError):
            share(1, weights)


def test_currencies_do_not_mix():
    with pytest.raises(ValueError):
        Money(1, "EUR") + Money(1, "GBP")
