"""A municipality pays its approved statement: in parts or at once, never more (issues 2 and 6)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.settlement.states import SettlementState, StatementState
from app.treasury.operations import receive_payment
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, make_funded, owe
from tests.told import words_told


@pytest.fixture
def bond(app):
    return make_funded()


def test_an_exact_payment_is_booked(bond, browse):
    (statement,) = owe(bond, 1_234_567)
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.enschede.id] == 1_234_567
    answer = browse(bond.intermediary).post_form(
        f"/statements/{statement.id}/receive", {"amount": "12345.67"} | with_password(bond.intermediary)
    )
    assert answer.status_code == 303
    db.session.refresh(statement)
    db.session.refresh(statement.settlement)
    assert (statement.state, statement.paid_on) == (StatementState.PAID, clock.today())
    assert statement.settlement.state == SettlementState.PAID
    books = balances(bond.programme.id)
    assert books[AccountKind.BANK, None] == books[AccountKind.OUTCOME_INCOME, bond.enschede.id] == 1_234_567
    assert books[AccountKind.RECEIVABLE, bond.enschede.id] == 0
    told = db.session.scalars(select(Notification).where(Notification.user_id == bond.official.id)).one()
    assert statement.reference in told.body
    assert browse(bond.official).get(told.path).status_code == 200
    assert book_faults() == []


def test_the_settlement_is_paid_when_every_municipality_is(bond):
    first, second = owe(bond, 500, 700)
    receive_payment(first, actor=bond.intermediary)
    assert first.settlement.state == SettlementState.APPROVED
    receive_payment(second, actor=bond.intermediary)
    assert first.settlement.state == SettlementState.PAID
    assert bank_minor(bond.programme.id) == 1_200


def test_a_statement_of_nothing_is_paid_without_money(bond):
    (statement,) = owe(bond, 0)
    receive_payment(statement, actor=bond.intermediary)
    assert statement.state == StatementState.PAID
    assert balances(bond.programme.id) == {}


@pytest.mark.parametrize("amount, why", [("12345.68", "no more"), ("0", "that came in")])
def test_more_than_is_owed_or_nothing_is_refused(bond, browse, amount, why):
    (statement,) = owe(bond, 1_234_567)
    answer = browse(bond.intermediary).post_form(
        f"/statements/{statement.id}/receive", {"amount": amount} | with_password(bond.intermediary)
    )
    assert answer.status_code == 422
    assert why in answer.text
    assert bank_minor(bond.programme.id) == 0


def test_it_comes_in_parts(bond, browse):
    """Partly paid is not paid: the rest stays owed, and each part is on the bank account on its own day."""
    (statement,) = owe(bond, 1_234_567)
    url, desk, own = f"/statements/{statement.id}/receive", browse(bond.intermediary), with_password(bond.intermediary)
    assert desk.post_form(url, {"amount": "345.67"} | own).status_code == 303
    db.session.refresh(statement)
    assert (statement.state, statement.paid_on) == (StatementState.PARTLY_PAID, None)
    assert (statement.received_minor, statement.outstanding_minor) == (34_567, 1_200_000)
    assert statement.settlement.state == SettlementState.APPROVED
    books = balances(bond.programme.id)
    assert (books[AccountKind.BANK, None], books[AccountKind.RECEIVABLE, bond.enschede.id]) == (34_567, 1_200_000)
    assert "€12,000.00" in words_told("payment.receive")
    assert "partly paid" in browse(bond.official).get_ok(f"/statements/{statement.id}").text
    assert desk.post_form(url, {"amount": "12000.01"} | own).status_code == 422
    assert desk.post_form(url, {"amount": "12000.00"} | own).status_code == 303
    db.session.refresh(statement)
    assert statement.state == StatementState.PAID
    assert bank_minor(bond.programme.id) == 1_234_567
    assert book_faults() == []


def test_one_entry_of_the_bank_is_booked_once(bond):
    (statement,) = owe(bond, 500)
    entry = uuid.uuid4()
    for _again in range(2):
        receive_payment(statement, amount_minor=200, actor=bond.intermediary, once=entry)
    assert statement.outstanding_minor == 300


def test_not_from_the_future_and_not_twice(bond, browse):
    (statement,) = owe(bond, 100)
    with pytest.raises(Refused, match="still to come"):
        receive_payment(statement, clock.today() + timedelta(days=1), actor=bond.intermediary)
    receive_payment(statement, actor=bond.intermediary)
    with pytest.raises(NotNow):
        receive_payment(statement, actor=bond.intermediary)
    assert browse(bond.intermediary).get(f"/statements/{statement.id}/receive").status_code == 409
    assert bank_minor(bond.programme.id) == 100


def test_not_before_the_municipality_approved(bond):
    (statement,) = owe(bond, 100)
    statement.state = StatementState.OPEN
    db.session.commit()
    with pytest.raises(NotNow):
        receive_payment(statement, actor=bond.intermediary)


def test_only_the_intermediary(bond, browse):
    (statement,) = owe(bond, 100)
    url = f"/statements/{statement.id}/receive"
    assert browse(bond.official).get(url).status_code == 403
    for person in (bond.neighbour, bond.investor, bond.provider):
        assert browse(person).get(url).status_code == 404


def test_by_hand_the_password_is_asked(bond, browse):
    """One person books money that no line of the bank shows."""
    (statement,) = owe(bond, 500)
    typed = {"amount": "5.00", **with_password(bond.intermediary)}
    url = f"/statements/{statement.id}/receive"
    for wrong in ("", "not my password"):
        answer = browse(bond.intermediary).post_form(url, typed | {"password": wrong})
        assert answer.status_code == 422 and bank_minor(bond.programme.id) == 0
    assert browse(bond.intermediary).post_form(url, typed).status_code == 303


def test_it_is_not_offered_where_statements_of_the_bank_come_in(browse, app):
    """There the lines are booked, by the work list: money typed in beside them would be booked twice."""
    bond = make_banked()
    made = call(bond, 10_000)
    (statement,) = owe(bond, 500)
    pages = [f"/statements/{statement.id}", f"/programmes/{bond.programme.id}/treasury", f"/capital-calls/{made.id}"]
    desk = browse(bond.intermediary)
    assert all("/receive" in desk.get_ok(page).text for page in pages)
    bring(bond, camt([entry(1, "a")], 0, 1))
    for page in pages:
        text = desk.get_ok(page).text
        assert "/receive" not in text and f"/programmes/{bond.programme.id}/bank/work-list" in text, page
