"""Inside a tranche after a commitment changed hands (issue 6): each investor is owed on its own, none above the cap."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from app.capital.apart import paid_at_other_times
from app.capital.terms import Capital, Flow, Investor, Tranche
from app.capital.waterfall import distribute
from app.core.money import share

START = date(2026, 1, 1)
CAP = Fraction(4, 100)
CAPPED = Tranche("senior", 1, "return", irr_cap=CAP)


def years(number):
    return START + timedelta(days=365 * number)


def outcome_of(tranche, receipts, booked=None, apart=True):
    """Early pays in 1,000.00; after a year 500.00 is given out; late takes over and pays in 500.00 on that day."""
    capital = Capital(
        (tranche,),
        (Investor("early", tranche.id, 100_000), Investor("late", tranche.id, 50_000)),
        drawdowns=(Flow(START, 100_000, investor="early"), Flow(years(1) + timedelta(days=1), 50_000, investor="late")),
        costs=(Flow(START, 100_000), Flow(years(1) + timedelta(days=1), 50_000)),
        apart=apart,
        booked=booked or {},
    )
    found = distribute(capital, receipts, [one.on for one in receipts], step=1)
    return {one.id: one for one in found.investors}, found.excess


def test_capital_goes_by_what_each_has_outstanding():
    """Both have 500.00 outstanding and 900.00 comes in: 450.00 each, not 600.00 and 300.00 by what was paid in."""
    held, excess = outcome_of(CAPPED, [Flow(years(1), 50_000), Flow(years(2), 90_000)])
    assert (held["early"].principal, held["late"].principal, excess) == (95_000, 45_000, 0)
    assert held["early"].interest == held["late"].interest == 0


def test_nobody_comes_above_the_cap_and_what_is_over_stays():
    """Early: (1,000.00 x 1.04 - 500.00) x 1.04 = 561.60. Late: 500.00 x 1.04^(364/365) = 519.94. In all 1,081.54."""
    held, excess = outcome_of(CAPPED, [Flow(years(1), 50_000), Flow(years(2), 200_000)])
    assert (held["early"].distributed, held["late"].distributed) == (50_000 + 56_160, 51_994)
    assert excess == 200_000 - 56_160 - 51_994
    assert Fraction(held["early"].xirr) == CAP and Fraction(held["late"].xirr) <= CAP


def test_by_what_was_paid_in_one_would_come_above_it():
    """The rule of replay/1, which knows no such transfer: the reason for the other."""
    held, _excess = outcome_of(CAPPED, [Flow(years(1), 50_000), Flow(years(2), 200_000)], apart=False)
    assert Fraction(held["late"].xirr) < CAP < Fraction(held["early"].xirr)


def test_interest_of_a_loan_goes_to_who_lent():
    """10 % simple: early lent 1,000.00 for a year and, 100.00 of interest and 400.00 repaid, 600.00 for another; late
    500.00 for 364 days."""
    loan = Tranche("loan", 1, "loan", rate=Fraction(10, 100))
    held, excess = outcome_of(loan, [Flow(years(1), 50_000), Flow(years(2), 200_000)])
    assert (held["early"].interest, held["early"].principal) == (10_000 + 6_000, 100_000)
    assert (held["late"].interest, held["late"].principal) == (4_986, 50_000)
    assert excess == 200_000 - 66_000 - 54_986


def test_without_a_cap_capital_first_and_the_rest_by_what_was_paid_in():
    """1,500.00 comes in: 500.00 of capital for each; the further 500.00 as 1,000.00 to 500.00."""
    held, _excess = outcome_of(Tranche("equity", 1, "return"), [Flow(years(1), 50_000), Flow(years(2), 150_000)])
    assert (held["early"].principal, held["early"].interest) == (100_000, 33_333)
    assert (held["late"].principal, held["late"].interest) == (50_000, 16_667)


def test_what_was_booked_is_not_reckoned_anew():
    """Booked by an older rule, unlike what the terms give now: the next distribution goes on from there."""
    capital = Capital(
        (CAPPED,),
        (Investor("a", "senior", 100_000), Investor("b", "senior", 100_000)),
        drawdowns=(Flow(START, 200_000),),
        costs=(Flow(START, 200_000),),
        apart=True,
        booked={years(1): {"a": (30_000, 0), "b": (10_000, 0)}},
    )
    found = distribute(capital, [Flow(years(1), 40_000), Flow(years(2), 16_000)], [years(1), years(2)], step=1)
    assert [one.principal for one in found.investors] == [30_000 + 7_000, 10_000 + 9_000]


amounts = st.integers(0, 100_000)
days = st.integers(0, 1500).map(lambda n: START + timedelta(days=n))
KINDS = {
    "capped": Tranche("capped", 1, "return", irr_cap=CAP),
    "loan": Tranche("loan", 1, "loan", rate=Fraction("0.065")),
    "open": Tranche("open", 2, "return"),
}


@st.composite
def bonds(draw):
    """Capital comes in whenever, from whomever: so it does after transfers of commitments."""
    tranches = tuple(KINDS[one] for one in draw(st.sets(st.sampled_from([*KINDS]), min_size=1)))
    investors = tuple(Investor(f"{t.id}-{n}", t.id, 10**8) for t in tranches for n in range(draw(st.integers(1, 3))))
    who = st.sampled_from([one.id for one in investors])
    drawn = st.builds(lambda on, amount, one: Flow(on, amount, investor=one), days, amounts, who)
    return Capital(tranches, investors, drawdowns=tuple(draw(st.lists(drawn, min_size=1, max_size=8))), apart=True)


@settings(max_examples=150, deadline=None)
@given(
    bonds(), st.lists(st.builds(Flow, days, amounts), max_size=5), st.lists(days, max_size=5), st.sampled_from([1, 100])
)
def test_no_cent_is_lost_and_nobody_is_overpaid(capital, receipts, settle_on, step):
    capital = replace(capital, costs=tuple(Flow(one.on, one.amount) for one in capital.drawdowns))
    found = distribute(capital, receipts, settle_on, step)
    assert sum(one.distributed for one in found.investors) + found.excess == sum(one.amount for one in receipts)
    for one in found.investors:
        assert 0 <= one.principal <= one.paid_in and one.interest >= 0
        if one.id.startswith("capped") and one.xirr is not None:
            assert Fraction(one.xirr) <= CAP
    for tranche in found.tranches:
        members = [one for one in found.investors if one.id.startswith(tranche.id)]
        assert sum(one.principal for one in members) == tranche.principal
        assert sum(one.interest for one in members) == tranche.interest


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([*KINDS.values()]),
    st.lists(st.tuples(days, amounts), min_size=1, max_size=4),
    st.lists(st.builds(Flow, days, amounts), max_size=5),
    st.lists(days, max_size=5),
)
def test_where_all_paid_in_alike_it_is_what_it_was(tranche, drawn, receipts, settle_on):
    """Three who hold 2, 1 and 1 parts of every drawdown: the same as by what was paid in, but for a cent a time."""
    investors = tuple(Investor(f"i{n}", tranche.id, part * 10**8) for n, part in enumerate((2, 1, 1)))
    calls = tuple(Flow(on, amount * 4) for on, amount in drawn)
    capital = Capital((tranche,), investors, drawdowns=calls, costs=calls)
    before = distribute(capital, receipts, settle_on, 1)
    after = distribute(replace(capital, apart=True), receipts, settle_on, 1)
    off = 3 * (len(settle_on) + len(receipts) + 1)
    for was, now in zip(before.investors, after.investors, strict=True):
        assert was.paid_in == now.paid_in
        assert abs(was.principal - now.principal) <= off and abs(was.distributed - now.distributed) <= off


def paid(*parts):
    return [Flow(START + timedelta(days=day), amount, "senior", who) for day, amount, who in parts]


def test_when_investors_paid_in_at_other_times():
    """A day later, not in the same parts of each day, or in another order of calls; who paid nothing is no member."""
    assert not paid_at_other_times(paid((0, 10_000, "a")))
    assert not paid_at_other_times(paid((0, 10_000, "a"), (0, 20_001, "b"), (9, 5_000, "a"), (9, 10_000, "b")))
    assert not paid_at_other_times(paid((0, 10_000, "a"), (9, 5_000, "a"), (9, 0, "b")))
    assert paid_at_other_times(paid((0, 10_000, "a"), (1, 20_000, "b")))
    assert paid_at_other_times(paid((0, 10_000, "a"), (0, 20_000, "b"), (9, 15_000, "a"), (9, 10_000, "b")))
    assert paid_at_other_times(paid((0, 10_000, "a"), (9, 500, "a"), (0, 500, "b"), (9, 10_000, "b")))
    assert not paid_at_other_times([*paid((0, 10_000, "a")), Flow(years(1), 500, "junior", "b")]), "each tranche alone"


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(1, 10**9), min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 100)), min_size=1, max_size=6),
)
def test_calls_by_what_was_not_called_yet_are_paid_alike(promised, calls):
    """As calls are split (treasury, `prepare_capital_call`): cents differ, times do not: the rule is what it was."""
    left, flows = [*promised], []
    for day, percent in calls:
        if not any(left):
            break
        amounts = share(sum(left) * percent // 100, left)
        left = [had - amount for had, amount in zip(left, amounts, strict=True)]
        flows += paid(*((day, amount, f"i{n}") for n, amount in enumerate(amounts)))
    assert not paid_at_other_times(flows)
