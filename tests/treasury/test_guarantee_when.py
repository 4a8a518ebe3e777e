"""When the guarantee may be called: for what lacks once everything in hand was given out, not while a distribution is
undecided; and who calls it while claims can still come reads that less may lack (domain 3.7-3.9, 7)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.treasury.charge_operations import book_charge
from app.treasury.guarantee import GuaranteeCall
from app.treasury.guarantee_operations import approve_guarantee, prepare_guarantee
from app.treasury.operations import prepare_distribution, receive_payment, reject_distribution
from app.treasury.states import ChargeKind, GuaranteeState
from tests.factories.people import with_password
from tests.factories.treasury import FIRST_LOSS, fund, make_funded, owe, pay_cost
from tests.treasury.test_closing import after_the_tail, after_the_terms, settle_claims
from tests.treasury.test_guarantee import COVERED, distribute

MAY_BE_LESS = "may be too high"


@pytest.fixture
def bond(app):
    """Of 400,000.00 senior came back 300,000.00."""
    made = make_funded(tranches=(COVERED, FIRST_LOSS))
    fund(made, 60_000_000)
    pay_cost(made, 60_000_000)
    (paid,) = owe(made, 30_000_000)
    receive_payment(paid, actor=made.intermediary)
    settle_claims(made)
    distribute(made)
    return made


def interest(bond, minor):
    book_charge(
        bond.programme, ChargeKind.INTEREST, minor, clock.today(), "Rente", actor=bond.intermediary, once=uuid.uuid4()
    )


def prepared(bond):
    due_on = clock.today() + timedelta(days=30)
    return prepare_guarantee(bond.programme, due_on, actor=bond.intermediary, once=uuid.uuid4())


def test_not_while_a_distribution_is_undecided(bond, browse):
    page = f"/programmes/{bond.programme.id}/guarantee/prepare"
    with after_the_terms(bond):
        made = prepared(bond)
        interest(bond, 100_000)
        given = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
        answer = browse(bond.intermediary).get(page)
        assert answer.status_code == 409 and "waits for a second person" in answer.text
        with pytest.raises(NotNow, match="waits for a second person"):
            approve_guarantee(made, actor=bond.colleague)
        own = with_password(bond.colleague)
        answer = browse(bond.colleague).post_form(f"/guarantee-calls/{made.id}/approve", own)
        assert answer.status_code == 409 and "waits for a second person" in answer.text
        reject_distribution(given, "Wrong day", actor=bond.colleague)
        with pytest.raises(NotNow, match="distribute it first"):
            approve_guarantee(made, actor=bond.colleague)
        db.session.refresh(made)
        assert made.state == GuaranteeState.PREPARED


def test_not_for_more_than_lacks_by_now(bond):
    """1,000.00 came in and was given out after the call was laid down: it would ask 1,000.00 too much."""
    with after_the_terms(bond):
        made = prepared(bond)
        assert made.amount_minor == 10_000_000
        interest(bond, 100_000)
        distribute(bond)
        with pytest.raises(NotNow, match="Less capital lacks"):
            approve_guarantee(made, actor=bond.colleague)


def test_while_claims_may_still_come_both_read_that_it_may_be_too_much(bond, browse):
    page = f"/programmes/{bond.programme.id}/guarantee/prepare"
    with after_the_tail(bond):
        last = bond.programme.tail_until + timedelta(days=90)
        shown = browse(bond.intermediary).get_ok(page).text
        assert MAY_BE_LESS in shown and f"{last.day} {last:%B %Y}" in shown
        assert browse(bond.intermediary).post_form(page).status_code == 303
        made = db.session.scalars(select(GuaranteeCall)).unique().one()
        address = f"/guarantee-calls/{made.id}/approve"
        assert MAY_BE_LESS in browse(bond.colleague).get_ok(address).text
        assert browse(bond.colleague).post_form(address, with_password(bond.colleague)).status_code == 303


def test_once_nothing_can_come_the_amount_is_certain(bond, browse):
    with after_the_terms(bond):
        page = f"/programmes/{bond.programme.id}/guarantee/prepare"
        assert MAY_BE_LESS not in browse(bond.intermediary).get_ok(page).text
        address = f"/guarantee-calls/{prepared(bond).id}/approve"
        assert MAY_BE_LESS not in browse(bond.colleague).get_ok(address).text
