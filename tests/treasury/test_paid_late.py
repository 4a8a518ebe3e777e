"""Capital that comes in later than that of others of its tranche (a call paid late, a default): each investor is owed
on its own, so that nobody comes above the cap of the terms; where all paid at the same times nothing changes."""

import uuid
from decimal import Decimal

import pytest
from flask_security import hash_password
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.capital.returns import xirr
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.models import AccountKind
from app.scenarios.live_file import bond_file
from app.treasury import default_operations as defaults
from app.treasury.assignment_operations import consent_to_assignment
from app.treasury.flows import owed_apart
from app.treasury.invariants import bank_is_what_came_in_less_what_went_out, distributions_are_what_the_terms_give
from app.treasury.models import Distribution
from app.treasury.operations import receive_capital
from app.treasury.queries import holding
from tests.factories.capital import PASSWORD
from tests.factories.ledger import book_faults
from tests.factories.treasury import SENIOR, call, fund, make_funded, pay_cost
from tests.treasury.test_assignment import accepted
from tests.treasury.test_distribution import distribute, earn, in_days, parts

CAP = Decimal("0.05")  # of SENIOR


@pytest.fixture
def bond(app):
    """100,000.00 and 200,000.00 in one tranche under a cap. Half is called: the first pays 50,000.00 at once, gets
    30,000.00 back after 200 days; the second pays its 100,000.00 after 210 days. All of it was spent."""
    made = make_funded((10_000_000, 20_000_000), tranches=(SENIOR,))
    first, second = sorted(call(made, 15_000_000).parts, key=lambda part: part.amount_minor)
    receive_capital(first, clock.today(), actor=made.intermediary)
    pay_cost(made, 5_000_000)
    with in_days(200):
        earn(made, 3_000_000)
        distribute(made)
    with in_days(210):
        receive_capital(second, clock.today(), actor=made.intermediary)
        pay_cost(made, 10_000_000)
    return made


def of(bond, user):
    return holding(bond.programme, user.organisations[0])


def rate(mine):
    return Decimal(xirr(mine.flows, mine.distributed)[0])


def test_capital_goes_by_what_each_has_outstanding(bond):
    """20,000.00 and 100,000.00 are outstanding, 60,000.00 comes in: 10,000.00 and 50,000.00; by what was paid in it
    would be 20,000.00 and 40,000.00."""
    with in_days(300):
        earn(bond, 6_000_000)
        made = distribute(bond)
    assert (made.apart, parts(made)) == (True, [("Senior", 1_000_000, 0), ("Senior", 5_000_000, 0)])


def test_nobody_comes_above_the_cap(bond):
    """More than enough comes in: both end at the cap to the cent, the late one for a shorter time."""
    with in_days(600):
        earn(bond, 40_000_000)
        distribute(bond)
    for user in (bond.investor, bond.second):
        mine = of(bond, user)
        assert mine.outstanding == 0 and CAP - Decimal("0.0001") < rate(mine) <= CAP
    made = db.session.scalars(select(Distribution).order_by(Distribution.number)).unique()
    assert [one.apart for one in made] == [False, True]
    assert list(distributions_are_what_the_terms_give()) == [] == list(bank_is_what_came_in_less_what_went_out())


def test_a_few_days_between_two_payments_count(app):
    """Nothing was distributed yet, but 30 days less interest under the cap is not the same."""
    made = make_funded((10_000_000, 10_000_000), tranches=(SENIOR,))
    first, second = call(made, 20_000_000).parts
    receive_capital(first, clock.today(), actor=made.intermediary)
    assert not owed_apart(made.programme, clock.today())
    with in_days(30):
        receive_capital(second, clock.today(), actor=made.intermediary)
        pay_cost(made, 20_000_000)
    with in_days(365):
        earn(made, 40_000_000)
        # 100,000.00 x 5 % for a year; 100,000.00 x (1.05^(335/365) - 1) = 4,579.77, rounded down
        assert parts(distribute(made)) == [("Senior", 10_000_000, 500_000), ("Senior", 10_000_000, 457_977)]


def test_where_all_paid_at_the_same_times_it_is_what_it_was(app):
    """By what was paid in, cents to the largest remainders: the rule of replay/1 (part capital)."""
    made = make_funded((10_000_001, 20_000_000), tranches=(SENIOR,))
    fund(made, 9_999_999)
    with in_days(20):
        fund(made, 7_000_001)
        pay_cost(made, 17_000_000)
    with in_days(100):
        earn(made, 1_000_000)
        one = distribute(made)
    assert (one.apart, parts(one)) == (False, [("Senior", 333_333, 0), ("Senior", 666_667, 0)])


def test_the_file_of_the_bond_is_refused_by_name(bond):
    """replay/1 has no drawdown of one investor of a tranche."""
    with in_days(300):
        earn(bond, 6_000_000)
        distribute(bond)
        with pytest.raises(NotNow, match="not every investor of a tranche paid on the same day"):
            bond_file(bond.programme, clock.today())


STEPS = ["call", "receive", "receive", "default", "pass_on", "earn", "earn", "spend", "distribute", "distribute"]
step = st.tuples(st.sampled_from(STEPS), st.integers(1, 4_000_000), st.integers(0, 90))


class Desk:
    """Each step is tried on its day; a refusal is a fine answer. Whoever was called may pay whenever it likes."""

    def __init__(self):
        self.bond = make_funded((10_000_001, 19_999_999), tranches=(SENIOR,))
        for person in (self.bond.investor, self.bond.second):
            person.password = hash_password(PASSWORD)
        db.session.commit()
        self.owed, self.day = [], 0

    def act(self, name, amount, later):
        self.day += later
        with in_days(self.day):
            try:
                getattr(self, name)(amount)
            except (Refused, NotNow):
                db.session.rollback()

    def call(self, amount):
        self.owed += call(self.bond, 2_000_000 + amount).parts

    def receive(self, amount):
        if self.owed:
            part = self.owed.pop(amount % len(self.owed))
            try:
                receive_capital(part, clock.today(), actor=self.bond.intermediary)
            except NotNow:
                self.owed.append(part)
                raise

    def default(self, amount):
        if self.owed:
            part = self.owed[amount % len(self.owed)]
            made = defaults.declare_default(part, "No answer.", actor=self.bond.intermediary, once=uuid.uuid4())
            defaults.confirm_default(made, actor=self.bond.colleague)

    def pass_on(self, amount):
        consent_to_assignment(accepted(self.bond, amount), actor=self.bond.intermediary)

    def earn(self, amount):
        earn(self.bond, 3 * amount)

    def spend(self, amount):
        pay_cost(self.bond, amount)

    def distribute(self, amount):
        distribute(self.bond, amount // 10)


def test_the_random_desk_can_do_each_step(app):
    """Else the test below would hold for doing nothing: every kind of step is done at least once."""
    desk = Desk()
    bond = desk.bond
    desk.act("call", 1_000_000, 0)
    with in_days(0):
        for part in [*desk.owed]:
            if part.organisation_id == bond.investor.organisations[0].id:
                receive_capital(part, clock.today(), actor=bond.intermediary)
                desk.owed.remove(part)
    for name, amount, later in [("spend", 900_000, 1), ("earn", 900_000, 30), ("distribute", 0, 0), ("default", 0, 0)]:
        desk.act(name, amount, later)
    desk.act("receive", 0, 1)
    desk.act("pass_on", 500_000, 0)
    desk.act("distribute", 0, 20)
    assert not desk.owed and len(bond.round.commitments) == 3
    assert len(db.session.scalars(select(Distribution)).unique().all()) == 2


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=12, max_size=24))
def test_no_investor_above_the_cap_and_no_cent_lost(app, steps):
    desk = Desk()
    bond = desk.bond
    for one in [("call", 3_000_000, 0), ("receive", 0, 3), *steps, ("earn", 4_000_000, 20), ("distribute", 0, 40)]:
        desk.act(*one)
    given_out = 0
    for user in (bond.investor, bond.second):
        mine = of(bond, user)
        assert mine.outstanding >= 0 and mine.principal <= mine.paid_in
        assert not mine.distributed or mine.distributed < mine.paid_in or rate(mine) <= CAP
        given_out += mine.distributed
    made = db.session.scalars(select(Distribution).filter_by(programme_id=bond.programme.id)).unique().all()
    assert given_out == sum(one.amount_minor for one in made)
    assert given_out == sum(
        minor for (kind, _), minor in balances(bond.programme.id).items() if kind == AccountKind.INVESTOR_RETURN
    ) + sum(part.principal_minor for one in made for part in one.parts)
    assert book_faults() == [] == list(distributions_are_what_the_terms_give())
