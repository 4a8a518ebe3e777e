"""A distribution and a projection after a commitment changed hands (issue 6): each investor owed on its own."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.capital.returns import xirr
from app.extensions import db
from app.treasury.assignment_operations import consent_to_assignment
from app.treasury.invariants import bank_is_what_came_in_less_what_went_out, distributions_are_what_the_terms_give
from app.treasury.models import Distribution
from app.treasury.projection import projections
from app.treasury.queries import holding
from tests.factories.treasury import SENIOR, fund, make_funded, pay_cost
from tests.treasury.test_assignment import accepted
from tests.treasury.test_distribution import distribute, earn, in_days, parts

CAP = Decimal("0.05")  # of SENIOR


@pytest.fixture
def bond(app):
    """100,000.00 and 200,000.00 in one tranche under a cap; half is called, spent, and 60,000.00 came back."""
    made = make_funded((10_000_000, 20_000_000), tranches=(SENIOR,))
    fund(made, 15_000_000)
    pay_cost(made, 15_000_000)
    with in_days(200):
        earn(made, 6_000_000)
        distribute(made)
    return made


def of(bond, user):
    return holding(bond.programme, user.organisations[0])


def pass_on(bond, amount):
    with in_days(210):
        consent_to_assignment(accepted(bond, amount), actor=bond.intermediary)


@pytest.mark.parametrize("amount", [1_234_567, 5_000_000], ids=["a part", "all that was not called"])
def test_nobody_comes_above_the_cap(bond, amount):
    pass_on(bond, amount)
    with in_days(220):
        pay_cost(bond, fund(bond, 15_000_000).amount_minor)
    with in_days(500):
        earn(bond, 10_000_000)
        distribute(bond)
    with in_days(600):
        earn(bond, 40_000_000)
        distribute(bond)
    for user in (bond.investor, bond.second):
        mine = of(bond, user)
        assert mine.outstanding == 0
        assert CAP - Decimal("0.0001") < Decimal(xirr(mine.flows, mine.distributed)[0]) <= CAP
    made = db.session.scalars(select(Distribution).order_by(Distribution.number)).unique().all()
    assert [one.apart for one in made] == [False, True, True]
    assert list(distributions_are_what_the_terms_give()) == [] == list(bank_is_what_came_in_less_what_went_out())


def test_capital_by_what_is_outstanding(bond):
    """30,000.00 and 60,000.00 are outstanding; 100,000.00 + 50,000.00 more comes in, all of it from the second: its two
    commitments have 160,000.00 and 50,000.00 outstanding beside 30,000.00. By what was paid in, the first would get
    50 of 300 parts."""
    pass_on(bond, 5_000_000)
    with in_days(220):
        pay_cost(bond, fund(bond, 15_000_000).amount_minor)
    with in_days(300):
        earn(bond, 12_000_000)
        assert parts(distribute(bond)) == [("Senior", amount, 0) for amount in (1_500_000, 8_000_000, 2_500_000)]


def test_a_projection_keeps_to_the_cap_too(app):
    """The table brings 140,000.00 at 100 %, far over the 30,000.00 of capital and its return."""
    small = make_funded((1_000_000, 2_000_000), tranches=(SENIOR,))
    fund(small, 1_500_000)
    pay_cost(small, 1_500_000)
    with in_days(100):
        earn(small, 600_000)
        distribute(small)
    pass_on(small, 500_000)
    with in_days(220):
        found = [projections(small.programme, of(small, user))[2] for user in (small.investor, small.second)]
    assert [one.paid_in for one in found] == [500_000, 2_500_000]
    for ahead in found:
        assert CAP - Decimal("0.0001") < ahead.rate <= CAP


def test_the_page_says_by_which_rule(bond, browse):
    desk = browse(bond.intermediary)
    first = db.session.scalars(select(Distribution)).unique().one()
    plain, own = "split by what each investor paid in", "each investor is owed on its own"
    page = desk.get_ok(f"/distributions/{first.id}").text
    assert plain in page and own not in page
    pass_on(bond, 5_000_000)
    with in_days(220):
        earn(bond, 1_000_000)
        made = distribute(bond)
    page = desk.get_ok(f"/distributions/{made.id}").text
    assert own in page and plain not in page
    assert plain in desk.get_ok(f"/distributions/{first.id}").text
