"""Who gets what, when. Source: the format replay/1, capital and its fine print. Amounts are minor units."""

from datetime import date
from fractions import Fraction

import pytest

from app.capital.day_count import days
from app.capital.terms import Capital, Flow, Guarantee, Investor, Repayment, Tranche
from app.capital.waterfall import MoneyError, Outcome, distribute

START = date(2021, 1, 1)
ONE_YEAR = date(2022, 1, 1)  # 365 days later
TWO_YEARS = date(2023, 1, 1)  # 730 days later


def bond(*tranches: Tranche, paid_in: int | dict[str, int] = 100_000, **more) -> Capital:
    """One investor per tranche, all money drawn and spent on the first day."""
    amounts = paid_in if isinstance(paid_in, dict) else {tranche.id: paid_in for tranche in tranches}
    return Capital(
        tranches,
        tuple(Investor(f"{tranche}-investor", tranche, amount) for tranche, amount in amounts.items()),
        **{
            "drawdowns": tuple(Flow(START, amount, tranche) for tranche, amount in amounts.items()),
            "costs": (Flow(START, sum(amounts.values())),),
            **more,
        },
    )


def run(
    capital: Capital, *receipts: tuple[date, int], settle_on: tuple[date, ...] | None = None, step: int = 1
) -> Outcome:
    flows = [Flow(on, amount) for on, amount in receipts]
    return distribute(capital, flows, settle_on or tuple(on for on, _ in receipts), step)


def got(outcome: Outcome) -> list[tuple[int, int]]:
    """Interest and principal per investor."""
    return [(position.interest, position.principal) for position in outcome.investors]


EQUITY = Tranche("equity", 1, "return")


def test_a_return_tranche_gets_its_capital_back_and_then_all_further_money():
    outcome = run(bond(EQUITY), (ONE_YEAR, 60_000), (TWO_YEARS, 60_000))
    assert got(outcome) == [(20_000, 100_000)]
    [investor] = outcome.investors
    assert (investor.multiple, outcome.excess, outcome.tranches[0].outstanding) == ("1.2000", 0, 0)


def test_the_irr_cap_is_exact_over_whole_years_and_the_rest_is_excess():
    # 100,000 x 1.1 x 1.1 = 121,000
    outcome = run(bond(Tranche("equity", 1, "return", irr_cap=Fraction("0.1"))), (TWO_YEARS, 200_000))
    assert got(outcome) == [(21_000, 100_000)]
    assert outcome.investors[0].xirr == "0.100000"
    assert outcome.excess == 79_000


def test_the_irr_cap_is_tested_before_each_distribution():
    # after a year 110,000 is owed and 55,000 paid; the other 55,000 grow to 60,500; all capital comes first
    capital = bond(Tranche("equity", 1, "return", irr_cap=Fraction("0.1")))
    outcome = run(capital, (ONE_YEAR, 55_000), (TWO_YEARS, 200_000))
    assert got(outcome) == [(15_500, 100_000)]
    assert outcome.investors[0].xirr == "0.100000"


@pytest.mark.parametrize("elapsed", [1, 181, 364, 400, 1000])
def test_the_irr_cap_is_rounded_down_and_never_exceeded(elapsed):
    on = date.fromordinal(START.toordinal() + elapsed)
    outcome = run(bond(Tranche("equity", 1, "return", irr_cap=Fraction("0.085"))), (on, 10**9))
    amount = outcome.investors[0].distributed
    # amount <= 100,000 x 1.085 ^ (n/365) < amount + 1, in whole numbers by raising both sides to the power 365
    most = Fraction("1.085") ** elapsed
    assert Fraction(amount, 100_000) ** 365 <= most < Fraction(amount + 1, 100_000) ** 365


def test_the_irr_cap_is_rounded_down_to_the_step():
    # 100,000 x 1.085 = 108,500; in steps of 1,000 that is 108,000
    outcome = run(bond(Tranche("equity", 1, "return", irr_cap=Fraction("0.085"))), (ONE_YEAR, 10**6), step=1000)
    assert outcome.investors[0].distributed == 108_000


def test_what_no_tranche_is_owed_stays_in_hand_until_the_last_date():
    # 110,000 of the 150,000 at once; the 40,000 meet the later cost of 30,000; 10,000 is excess at the end
    capital = bond(
        Tranche("equity", 1, "return", irr_cap=Fraction("0.1")), costs=(Flow(START, 100_000), Flow(TWO_YEARS, 30_000))
    )
    assert run(capital, (ONE_YEAR, 150_000)).excess == 10_000


def test_ranks_are_served_in_order_and_an_uncapped_return_takes_all_that_is_left():
    senior, junior = Tranche("senior", 1, "loan", rate=Fraction("0.05")), Tranche("junior", 2, "return")
    last = Tranche("last", 3, "return")
    # the loan is owed 5,000 + 100,000; the junior has its capital and everything else; the last one gets nothing
    outcome = run(bond(senior, junior, last), (ONE_YEAR, 250_000))
    assert got(outcome) == [(5000, 100_000), (45_000, 100_000), (0, 0)]
    assert outcome.investors[2].xirr == "-1.000000"


def test_equal_ranks_share_pro_rata_to_what_each_is_owed():
    one, two = Tranche("one", 1, "loan"), Tranche("two", 1, "loan")
    outcome = run(bond(one, two, paid_in={"one": 100_000, "two": 200_000}), (ONE_YEAR, 50_000))
    assert got(outcome) == [(0, 16_667), (0, 33_333)]


def test_finite_claims_of_a_rank_come_before_its_uncapped_returns_which_share_by_paid_in():
    tranches = (Tranche("a", 1, "return"), Tranche("b", 1, "return"), Tranche("c", 1, "loan", rate=Fraction("0.1")))
    # owed: 100, 200 and 110 thousand; the other 90,000 go 1 : 2 to a and b
    outcome = run(bond(*tranches, paid_in={"a": 100_000, "b": 200_000, "c": 100_000}), (ONE_YEAR, 500_000))
    assert got(outcome) == [(30_000, 100_000), (60_000, 200_000), (10_000, 100_000)]


def test_a_grant_is_owed_nothing():
    outcome = run(bond(Tranche("gift", 1, "grant"), Tranche("equity", 2, "return")), (ONE_YEAR, 120_000))
    assert got(outcome) == [(0, 0), (20_000, 100_000)]
    assert outcome.tranches[0].outstanding == 0


# Loans


def test_a_loan_pays_interest_first_on_what_is_outstanding_from_each_drawdown():
    # 100,000 x 10 % x 365/365 + 50,000 x 10 % x 184/365 (1 July to 1 January) = 10,000 + 2,520.55
    loan = Tranche("loan", 1, "loan", rate=Fraction("0.1"))
    capital = Capital(
        (loan,),
        (Investor("bank", "loan", 150_000),),
        drawdowns=(Flow(START, 100_000), Flow(date(2021, 7, 1), 50_000)),
        costs=(Flow(date(2021, 7, 1), 150_000),),
    )
    outcome = run(capital, (ONE_YEAR, 20_000), settle_on=(ONE_YEAR,))
    assert got(outcome) == [(12_521, 7479)]
    assert outcome.tranches[0].outstanding == 150_000 - 7479


def test_arrears_of_interest_stay_due_and_bear_no_interest():
    # 10,000 due, 4,000 paid; a year later 6,000 of arrears and 10,000 (not 10,600) more
    outcome = run(bond(Tranche("loan", 1, "loan", rate=Fraction("0.1"))), (ONE_YEAR, 4000), (TWO_YEARS, 50_000))
    assert got(outcome) == [(20_000, 34_000)]


def test_interest_is_rounded_half_up_to_the_step_per_distribution():
    # 155,000.00 at 6.5 %: 178 days = 4,913.29 and 182 days = 5,023.70, each to whole pounds
    capital = Capital(
        (Tranche("loan", 1, "loan", rate=Fraction("0.065")),),
        (Investor("bank", "loan", 15_500_000),),
        drawdowns=(Flow(date(2018, 4, 5), 15_500_000),),
        costs=(Flow(date(2018, 4, 5), 15_500_000),),
        repayments=(Repayment(date(2019, 3, 31), "loan", 0),),
    )
    receipts = ((date(2018, 9, 30), 600_000), (date(2019, 3, 31), 393_700))
    assert got(run(capital, *receipts, settle_on=(date(2018, 9, 30), date(2019, 3, 31)), step=100)) == [(993_700, 0)]


@pytest.mark.parametrize(
    ("convention", "start", "end", "expected"),
    [
        ("ACT/365F", date(2024, 2, 1), date(2024, 3, 1), 29),
        ("30E/360", date(2024, 2, 1), date(2024, 3, 1), 30),
        ("30E/360", date(2024, 1, 31), date(2024, 3, 31), 60),
        ("30E/360", date(2024, 2, 28), date(2024, 3, 31), 32),
        ("30E/360", date(2023, 12, 31), date(2024, 12, 31), 360),
    ],
)
def test_day_counts(convention, start, end, expected):
    assert days(convention, start, end) == expected


def test_a_loan_by_30e_360():
    # 100,000 x 12 % x 30/360 = 1,000, in February too
    loan = Tranche("loan", 1, "loan", rate=Fraction("0.12"), day_count="30E/360")
    outcome = run(bond(loan), (date(2021, 2, 1), 900), (date(2021, 3, 1), 5000))
    assert got(outcome) == [(2000, 3900)]


def test_scheduled_principal_moves_only_as_scheduled_and_arrears_stay_due():
    loan = Tranche("loan", 1, "loan", rate=Fraction("0.1"))
    capital = bond(loan, repayments=(Repayment(date(2021, 6, 1), "loan", 40_000), Repayment(TWO_YEARS, "loan", 30_000)))
    # a year on: 10,000 interest and 40,000 principal due, 30,000 in hand: 20,000 principal, 20,000 stay due.
    # two years on: 8,000 interest, 20,000 + 30,000 principal; what else is in hand is excess, 30,000 stay outstanding.
    outcome = run(capital, (ONE_YEAR, 30_000), (TWO_YEARS, 100_000))
    assert got(outcome) == [(18_000, 70_000)]
    assert (outcome.tranches[0].outstanding, outcome.excess) == (30_000, 42_000)


def test_a_junior_may_be_paid_while_a_senior_is_owed_nothing_that_is_due():
    senior, junior = Tranche("senior", 1, "loan"), Tranche("junior", 2, "loan")
    capital = bond(senior, junior, repayments=(Repayment(TWO_YEARS, "senior", 100_000),))
    outcome = run(capital, (ONE_YEAR, 60_000), (TWO_YEARS, 70_000))
    assert got(outcome) == [(0, 70_000), (0, 60_000)]


def test_a_return_tranche_with_a_schedule_gets_its_other_money_as_interest():
    capital = bond(EQUITY, repayments=(Repayment(TWO_YEARS, "equity", 100_000),))
    outcome = run(capital, (ONE_YEAR, 7500), (TWO_YEARS, 102_000))
    assert got(outcome) == [(9500, 100_000)]


# Within a day, drawdowns and costs


def test_within_a_day_drawdowns_and_receipts_meet_the_costs_before_any_distribution():
    capital = Capital(
        (EQUITY,), (Investor("i", "equity", 100),), drawdowns=(Flow(START, 100),), costs=(Flow(START, 150),)
    )
    outcome = run(capital, (START, 70))
    assert outcome.investors[0].distributed == 20


def test_a_cost_that_cannot_be_met_is_refused():
    capital = bond(EQUITY, costs=(Flow(START, 60_000), Flow(ONE_YEAR, 1)))
    # nothing is reserved: the 40,000 in hand are distributed on the statement's date before the cost comes
    with pytest.raises(MoneyError, match=r"capital.costs\[1\].amount: cannot be met"):
        run(capital, settle_on=(date(2021, 6, 1), ONE_YEAR))


def test_a_drawdown_is_split_by_commitment_with_the_largest_remainder():
    capital = Capital(
        (EQUITY, Tranche("gift", 2, "grant")),
        (Investor("a", "equity", 100), Investor("b", "equity", 100), Investor("c", "gift", 100)),
        drawdowns=(Flow(START, 100), Flow(START, 50, "equity")),
    )
    outcome = run(capital, settle_on=(START,))
    assert [position.paid_in for position in outcome.investors] == [34 + 25, 33 + 25, 33]


def test_rounding_alone_never_takes_a_drawdown_over_a_commitment():
    # thirds of 100 three times: the first investor's odd cent may come only until its 100 are full
    capital = Capital(
        (EQUITY,),
        tuple(Investor(name, "equity", 100) for name in "abc"),
        drawdowns=tuple(Flow(START, 100) for _ in range(3)),
    )
    outcome = run(capital, settle_on=(START,))
    assert [position.paid_in for position in outcome.investors] == [100, 100, 100]


@pytest.mark.parametrize(
    "drawdowns",
    [
        (Flow(START, 301),),
        (Flow(START, 101, "gift"),),
        (Flow(START, 100, "gift"), Flow(START, 30)),  # the second asks a tenth of the gift's investor, who gave all
    ],
)
def test_a_drawdown_over_the_commitment_is_refused(drawdowns):
    capital = Capital(
        (EQUITY, Tranche("gift", 2, "grant")),
        (Investor("a", "equity", 200), Investor("c", "gift", 100)),
        drawdowns=drawdowns,
    )
    with pytest.raises(MoneyError, match=r"capital.drawdowns\[\d\].amount: over the commitment"):
        run(capital, settle_on=(START,))


def test_a_payment_is_split_inside_a_tranche_by_paid_in():
    capital = Capital(
        (Tranche("loan", 1, "loan", rate=Fraction("0.1")),),
        (Investor("a", "loan", 100_000), Investor("b", "loan", 50_000)),
        drawdowns=(Flow(START, 150_000),),
        costs=(Flow(START, 150_000),),
    )
    # interest 15,000 as 10,000 and 5,000; the other 10,000 as 6,666.7 and 3,333.3
    assert got(run(capital, (ONE_YEAR, 25_000))) == [(10_000, 6667), (5000, 3333)]


# Guarantee and figures


def test_the_guarantee_covers_unreturned_capital_after_the_last_distribution():
    capital = bond(EQUITY, guarantee=Guarantee(30_000, "equity"))
    outcome = run(capital, (ONE_YEAR, 50_000))
    [investor] = outcome.investors
    assert (investor.principal, investor.interest, investor.outstanding) == (80_000, 0, 20_000)
    assert investor.xirr == "-0.200000"  # 80,000 after a year for 100,000
    full = run(bond(EQUITY, guarantee=Guarantee(90_000, "equity")), (ONE_YEAR, 50_000))
    assert (full.investors[0].distributed, full.investors[0].xirr) == (100_000, "0.000000")


def test_peak_exposure_counts_recycled_money_once():
    # 100 drawn, 80 back, 50 drawn: never more than 100 out; unspent is what was drawn and never spent
    capital = Capital(
        (EQUITY,),
        (Investor("i", "equity", 150),),
        drawdowns=(Flow(START, 100), Flow(TWO_YEARS, 50)),
        costs=(Flow(START, 100), Flow(TWO_YEARS, 20)),
    )
    outcome = run(capital, (ONE_YEAR, 80), settle_on=(ONE_YEAR,))
    assert (outcome.peak_exposure, outcome.unspent) == (100, 30)


def test_unspent_is_never_below_zero():
    capital = bond(EQUITY, costs=(Flow(START, 100_000), Flow(ONE_YEAR, 5000)))
    assert run(capital, (ONE_YEAR, 9000)).unspent == 0


def test_the_last_date_is_the_latest_anywhere_and_is_a_distribution():
    capital = bond(EQUITY, costs=(Flow(START, 90_000), Flow(TWO_YEARS, 0)))
    outcome = run(capital, settle_on=(START,))
    assert outcome.investors[0].distributed == 10_000
    later = run(bond(EQUITY), (TWO_YEARS, 5000), settle_on=(ONE_YEAR,))
    assert later.investors[0].distributed == 5000


def test_multiple_and_xirr_where_nothing_was_paid_in():
    capital = Capital((EQUITY,), (Investor("i", "equity", 100),))
    [investor] = run(capital, (ONE_YEAR, 50)).investors
    assert (investor.multiple, investor.xirr) == (None, None)
    assert investor.xirr_reason == "no sign change: money must go both in and out"


def test_money_back_on_the_day_it_came_has_no_rate():
    capital = Capital((EQUITY,), (Investor("i", "equity", 100),), drawdowns=(Flow(START, 100),))
    [investor] = run(capital, settle_on=(START,)).investors
    assert (investor.multiple, investor.xirr) == ("1.0000", None)
