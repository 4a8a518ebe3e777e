"""The arithmetic of the cash plan: no cent lost between two months, whatever comes when."""

from datetime import date
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.progress.cash import Expected, first_short, months_of, spread
from app.progress.states import COMES_IN, CashKind

FIRST, LAST = date(2026, 11, 15), date(2027, 2, 1)


def flow(kind, on, amount):
    return Expected(CashKind(kind), on, amount, "x")


def test_month_by_month():
    """What was due in September still comes in, now; a month without money stands in the plan too."""
    flows = [
        flow("costs", date(2026, 12, 31), 700),
        flow("capital", date(2026, 9, 1), 100),
        flow("effects", date(2027, 2, 1), 50),
        flow("distributions", date(2027, 2, 28), 40),
    ]
    months = months_of(500, flows, FIRST, LAST)
    assert [(one.first, one.opening, one.closing) for one in months] == [
        (date(2026, 11, 1), 500, 600),
        (date(2026, 12, 1), 600, -100),
        (date(2027, 1, 1), -100, -100),
        (date(2027, 2, 1), -100, -90),
    ]
    assert first_short(months) is months[1]
    assert first_short(months, 1) is None
    assert months[3].moved[CashKind.DISTRIBUTIONS] == 40


def test_the_plan_goes_on_to_the_last_money():
    months = months_of(0, [flow("capital", date(2027, 5, 2), 1)], FIRST, LAST)
    assert (len(months), months[-1].first, months[-1].closing) == (7, date(2027, 5, 1), 1)


MONEY = st.tuples(
    st.sampled_from(list(CashKind)), st.dates(date(2026, 1, 1), date(2029, 12, 31)), st.integers(1, 10**9)
)


@settings(max_examples=40, deadline=None)
@given(st.integers(-(10**9), 10**9), st.lists(MONEY, max_size=30))
def test_the_end_is_the_beginning_and_all_that_moved(opening, drawn):
    flows = [flow(*one) for one in drawn]
    months = months_of(opening, flows, FIRST, LAST)
    moved = sum(one.amount_minor if one.kind in COMES_IN else -one.amount_minor for one in flows)
    assert months[-1].closing == opening + moved
    assert all(before.closing == after.opening for before, after in pairwise(months))
    assert sum(len(month.flows) for month in months) == len(flows)


@settings(max_examples=40, deadline=None)
@given(st.integers(-10, 10**6), st.integers(0, 12))
def test_a_budget_is_spread_to_the_cent(amount, count):
    parts = [part for _, part in spread(amount, [date(2027, n + 1, 1) for n in range(count)])]
    assert sum(parts) == (max(amount, 0) if count else 0)
    assert not parts or max(parts) - min(parts) <= 1
