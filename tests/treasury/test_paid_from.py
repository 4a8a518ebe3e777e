"""The receipts of a distribution, and what was used again for costs, come from sums between the few movements that are
no investor's: the same to the cent as each movement followed by itself (tests/treasury/test_random_bonds.py), with the
order of the books kept where it matters. Source: issue 6, "Scale"."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.operation import operation
from app.ledger.models import AccountKind
from app.treasury.models import DistributionPart
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment
from app.treasury.paid_from import paid_from
from app.treasury.recycling import capital_left_minor, recycled_minor
from app.treasury.unbooking import unbook
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, owe, pay_cost
from tests.statements import counted


@pytest.fixture
def bond(app):
    return make_funded((20_000_000, 10_000_000), tranches=(FIRST_LOSS,))


def earn(bond, *amounts):
    for statement in owe(bond, *amounts):
        receive_payment(statement, actor=bond.intermediary)


def distribute(bond):
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(made, actor=bond.colleague)
    return made


def receipts(bond, made):
    """(kind, minor units) of each receipt, and how many statements it took."""
    whole = select(DistributionPart.id).filter_by(distribution_id=made.id)
    with counted() as statements:
        found = paid_from(bond.programme.id, whole)
    return [(kind, amount) for _id, kind, amount in found], len(statements)


def test_a_distribution_pays_out_what_the_costs_before_it_left(bond):
    """Of 50,000.00 and 70,000.00 a cost without capital took 20,000.00, of the first since it came first."""
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    earn(bond, 5_000_000, 7_000_000)
    pay_cost(bond, 2_000_000)
    first = distribute(bond)
    with clock.at(clock.now() + timedelta(days=1)):
        earn(bond, 1_000_000)
        second = distribute(bond)
    paid = AccountKind.RECEIVABLE
    assert receipts(bond, first) == ([(paid, 3_000_000), (paid, 7_000_000)], 5)
    assert receipts(bond, second) == ([(paid, 1_000_000)], 5)


def test_two_distributions_with_nothing_between_take_their_receipts_by_turns(bond):
    """The first keeps 40,000.00 in hand for costs; the second gives what is left of the same payments."""
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    earn(bond, 5_000_000, 7_000_000)
    kept = prepare_distribution(bond.programme, 4_000_000, actor=bond.intermediary, once=uuid.uuid4())
    approve_distribution(kept, actor=bond.colleague)
    with clock.at(clock.now() + timedelta(days=1)):
        rest = distribute(bond)
    paid = AccountKind.RECEIVABLE
    assert receipts(bond, kept) == ([(paid, 5_000_000), (paid, 3_000_000)], 5)
    assert receipts(bond, rest) == ([(paid, 4_000_000)], 5)


def test_capital_that_is_given_back_is_named_by_who_paid_it_in(bond):
    fund(bond, 30_000_000)
    pay_cost(bond, 24_000_000)
    earn(bond, 5_000_000)
    found, _statements = receipts(bond, distribute(bond))
    assert found[0] == (AccountKind.RECEIVABLE, 5_000_000)
    assert {kind for kind, _amount in found[1:]} == {AccountKind.INVESTOR_CAPITAL}
    assert sum(amount for _kind, amount in found[1:]) == 6_000_000


def test_nothing_left_before_it_is_approved(bond):
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    earn(bond, 5_000_000)
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    assert receipts(bond, made)[0] == []


def test_capital_that_was_booked_back_is_no_payment_of_what_municipalities_paid(bond):
    """300,000.00 of capital and 50,000.00 of a municipality; 100,000.00 of the capital is booked back: 200,000.00 of it
    is left, and the municipality's money stays what it is for."""
    asked = fund(bond, 30_000_000)
    earn(bond, 5_000_000)
    part = min(asked.parts, key=lambda one: one.amount_minor)
    operation(lambda: book_back(part, bond.intermediary))()
    assert capital_left_minor(bond.programme.id) == 20_000_000
    pay_cost(bond, 20_000_000)
    assert recycled_minor(bond.programme.id) == 0
    assert receipts(bond, distribute(bond))[0] == [(AccountKind.RECEIVABLE, 5_000_000)]


def book_back(part, person):
    unbook(part, uuid.uuid4(), actor=person)
    record(Action.CAPITAL_CALL_RECEIVE, part.capital_call, person)


def test_capital_that_comes_later_does_not_undo_what_was_used_again(bond):
    """Without the order in between 150,000.00 of costs would seem paid from 200,000.00 of capital."""
    fund(bond, 10_000_000)
    pay_cost(bond, 10_000_000)
    earn(bond, 5_000_000)
    pay_cost(bond, 2_000_000)
    fund(bond, 10_000_000)
    pay_cost(bond, 3_000_000)
    assert recycled_minor(bond.programme.id) == 2_000_000
    assert capital_left_minor(bond.programme.id) == 7_000_000
