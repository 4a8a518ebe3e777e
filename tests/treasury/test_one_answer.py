"""Which money paid which cost when a receipt is booked back: the treasury, a distribution and whoever follows a cent
read one answer (issue 6: every euro accounted for; follow this cent).

As a reader found it: 20,000.00 of capital and 18,000.00 of costs, 4,000.00 more by hand, 13,700.00 of a municipality
with 2,377.71 of VAT, 9,000.00 of costs. Then the 4,000.00 turns out never to have come, and comes. By hand: of the
9,000.00 only 2,000.00 was capital, so 7,000.00 was paid by the municipality, and 13,700.00 - 2,377.71 - 7,000.00 is
left of that.
"""

import uuid

import pytest
from sqlalchemy import select

from app.bank import taken_back_operations
from app.core import clock
from app.extensions import db
from app.ledger.models import AccountKind, TransferKind
from app.treasury.models import BookedTransfer
from app.treasury.movements import around
from app.treasury.operations import prepare_distribution, receive_capital, receive_payment
from app.treasury.recycling import capital_left_minor, not_spent, recycled_minor
from app.treasury.returned_operations import book_return
from tests.factories.bank import make_banked
from tests.factories.ledger import transfers_of
from tests.factories.treasury import call, fund, hold_vat, owe, pay_cost

USED, EARNED = 700_000, 432_229


@pytest.fixture
def bond(app):
    made = make_banked(amounts=(2_400_000, 1_200_000))
    fund(made, 2_000_000)
    pay_cost(made, 1_800_000)
    (made.part, *_others) = sorted(call(made, 600_000).parts, key=lambda part: -part.amount_minor)
    assert made.part.amount_minor == 400_000
    receive_capital(made.part, clock.today(), actor=made.intermediary)
    (paid,) = owe(made, 1_370_000)
    hold_vat(made, paid, 237_771)
    receive_payment(paid, actor=made.intermediary)
    made.cost = pay_cost(made, 900_000)
    return made


def took_back(bond):
    booked = db.session.get_one(BookedTransfer, transfers_of(bond.part)[-1].id)
    asked = taken_back_operations.prepare_receipt_back(
        booked, "It never came.", actor=bond.intermediary, once=uuid.uuid4()
    )
    taken_back_operations.approve_take_back(asked, actor=bond.colleague)


def followed(bond, cause):
    """What a payment was made of, by what it came in as."""
    found = transfers_of(cause)
    undone = {one.pending_id for one in found if one.kind == TransferKind.REVERSAL}
    last = [one.id for one in found if one.kind == TransferKind.POST_PENDING and one.id not in undone]
    sums = {}
    for _id, kind, minor in around(bond.programme.id, last).sources:
        sums[kind] = sums.get(kind, 0) + minor
    return sums


def answers(bond):
    there = not_spent(bond.programme)
    return recycled_minor(bond.programme.id), there.earned_minor, there.capital_minor


def test_before_all_capital_was_spent_first(bond):
    assert answers(bond) == (300_000, EARNED + 400_000, 0)
    assert followed(bond, bond.cost) == {AccountKind.INVESTOR_CAPITAL: 600_000, AccountKind.RECEIVABLE: 300_000}


def test_what_never_came_paid_nothing(bond, browse):
    took_back(bond)
    assert followed(bond, bond.cost) == {AccountKind.INVESTOR_CAPITAL: 200_000, AccountKind.RECEIVABLE: USED}
    assert answers(bond) == (USED, EARNED, 0)
    page = f"/programmes/{bond.programme.id}/treasury"
    assert "€7,000.00" in browse(bond.intermediary).get_ok(page).text


def test_capital_that_comes_anew_is_there_and_was_not_spent(bond, browse):
    took_back(bond)
    receive_capital(bond.part, clock.today(), actor=bond.intermediary)
    assert followed(bond, bond.cost) == {AccountKind.INVESTOR_CAPITAL: 200_000, AccountKind.RECEIVABLE: USED}
    assert answers(bond) == (USED, EARNED, 400_000) and capital_left_minor(bond.programme.id) == 400_000
    desk, url = browse(bond.intermediary), f"/programmes/{bond.programme.id}/distributions/prepare"
    page = desk.get_ok(url).text
    assert "€4,322.29" in page and "8,322.29" not in page.split("<form")[0]
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    assert made.amount_minor == EARNED + 400_000
    assert "€4,000.00 is capital that was paid in and not spent" in desk.get_ok(f"/distributions/{made.id}").text


def test_a_cost_that_came_back_was_paid_from_nothing(bond):
    """What it was made of is there again as it was: 6,000.00 of capital and 3,000.00 of the municipality."""
    facts = (bond.cost, bond.cost.organisation, 900_000, clock.today(), "Account closed")
    book_return(bond.programme, *facts, actor=bond.intermediary, once=uuid.uuid4())
    assert answers(bond) == (0, 1_370_000 - 237_771, 600_000)


def test_a_payment_of_a_municipality_that_is_booked_back_is_no_money_to_distribute(bond):
    """All that it had paid is gone, also the 3,000.00 of the cost: nothing paid that, and nothing is used again."""
    (statement,) = {one.statement for one in _payments(bond)}
    booked = db.session.get_one(BookedTransfer, _payments(bond)[0].id)
    fund_more = call(bond, 600_000).parts
    for part in fund_more:
        receive_capital(part, clock.today(), actor=bond.intermediary)
    asked = taken_back_operations.prepare_receipt_back(booked, "Wrong.", actor=bond.intermediary, once=uuid.uuid4())
    taken_back_operations.approve_take_back(asked, actor=bond.colleague)
    assert statement.outstanding_minor == 1_370_000
    assert followed(bond, bond.cost) == {AccountKind.INVESTOR_CAPITAL: 900_000}
    assert recycled_minor(bond.programme.id) == 0 and not_spent(bond.programme).earned_minor == 0


def _payments(bond):
    from app.settlement.payment_models import StatementPayment

    return list(db.session.scalars(select(StatementPayment)).unique())
