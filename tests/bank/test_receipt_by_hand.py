"""A receipt that was booked by hand and never came is taken back by two people, or the pages say why not and what to do
instead (issue 6: portal equals bank, corrections by reversal, four eyes). Amounts by hand."""

import uuid
from datetime import timedelta

import pytest

from app.bank import reconciling
from app.bank import taken_back_operations as operations
from app.bank.at_bank import at_bank
from app.bank.taken_back import TakenBack
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.core.format import day
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.settlement.states import StatementState
from app.treasury.default_operations import why_not_declared
from app.treasury.due import run_due
from app.treasury.models import BookedTransfer
from app.treasury.operations import receive_payment
from app.treasury.states import CapitalCallState
from tests.bank.test_match import imported, line
from tests.factories.bank import make_banked
from tests.factories.ledger import book_faults, transfers_of
from tests.factories.people import with_password
from tests.factories.treasury import fund, owe
from tests.told import body_told
from tests.treasury.test_distribution import distribute


@pytest.fixture
def bond(app):
    """10.00 is booked by hand as paid in; the bank shows 6.67 of it."""
    made = make_banked()
    made.asked = fund(made, 1_000)
    made.never, made.came = sorted(made.asked.parts, key=lambda part: part.amount_minor)
    imported(made, line(made.came.amount_minor, made.came.reference))
    return made


def booked(receipt):
    return db.session.get_one(BookedTransfer, transfers_of(receipt)[-1].id)


def prepare(bond, receipt):
    return operations.prepare_receipt_back(
        booked(receipt), "It never came.", actor=bond.intermediary, once=uuid.uuid4()
    )


def test_who_had_paid_reads_why_and_gets_the_notice_of_the_call_anew(bond, browse):
    """The portal said for 20 days after the due day that 3.33 was received: no reminder of the old day and no default,
    but the notice days of the call (14) from the day on which it was booked back, then 14 days as after any due day."""
    due, notice = bond.asked.due_on, bond.asked.notice_days
    with clock.at(clock.local(due + timedelta(days=20), 12)):
        back, today = prepare(bond, bond.never), clock.today()
        operations.approve_take_back(back, actor=bond.colleague)
        db.session.expire_all()
        again = today + timedelta(days=notice)
        heard = body_told("take_back.approve", bond.second)
        assert "It never came." in heard and day(again) in heard and day(due) not in heard
        page = browse(bond.second).get_ok(f"/capital-calls/{bond.asked.id}").text
        assert f"asked again by {day(again)}" in page and ">late<" not in page
        assert "Declare a default" not in browse(bond.intermediary).get_ok(f"/capital-calls/{bond.asked.id}").text
        assert run_due() == 0, "nobody is reminded of the old day"
        assert str(day(again)) in why_not_declared(bond.never)
    reminded = []
    for days in (notice - 3, notice, notice + 7):
        with clock.at(clock.local(today + timedelta(days=days), 12)):
            reminded.append(run_due())
    assert reminded == [1, 1, 1], "each of the three anew"
    told = "default can be declared from"
    with clock.at(clock.local(again + timedelta(days=14), 12)):
        assert told in why_not_declared(bond.never)
    with clock.at(clock.local(again + timedelta(days=15), 12)):
        assert why_not_declared(bond.never) is None


def test_who_is_called_later_than_that_keeps_the_day_of_the_call(bond):
    """Booked back on the day of the call, 24 days before it is due: the notice of 14 days takes none of them away."""
    later = bond.asked.due_on = clock.today() + timedelta(days=24)
    db.session.commit()
    operations.approve_take_back(prepare(bond, bond.never), actor=bond.colleague)
    assert bond.never.due_on == later


def test_two_people_take_it_back_from_the_page_of_the_call(bond, browse):
    desk, colleague = browse(bond.intermediary), browse(bond.colleague)
    call, address = f"/capital-calls/{bond.asked.id}", f"/transfers/{booked(bond.never).id}/take-back"
    for page in (call, f"/transfers/{booked(bond.never).id}"):
        text = desk.get_ok(page).text
        assert address in text and "no line of the bank shows it" in text
        assert f"/transfers/{booked(bond.came).id}/take-back" not in text
        assert address not in browse(bond.auditor).get_ok(page).text
    assert address not in browse(bond.investor).get_ok(call).text
    assert bond.never.reference in desk.get_ok(address).text
    assert desk.post_form(address, {"reason": ""}).status_code == 422
    assert desk.post_form(address, {"reason": "It never came."}).status_code == 303
    back = db.session.scalars(db.select(TakenBack)).unique().one()
    assert bank_minor(bond.programme.id) == 1_000, "nothing is booked before a second person"
    assert "asked already" in desk.get_ok(call).text and address not in desk.get_ok(call).text
    assert desk.get(address).status_code == 409
    work_list = f"/programmes/{bond.programme.id}/bank/work-list"
    assert f"/taken-back/{back.id}" in desk.get_ok(work_list).text
    assert f"/taken-back/{back.id}" in colleague.get_ok("/home").text
    assert desk.get(f"/taken-back/{back.id}/approve").status_code == 403
    own = with_password(bond.colleague)
    assert colleague.post_form(f"/taken-back/{back.id}/approve", own).status_code == 303
    db.session.expire_all()
    assert (bond.never.received_on, bond.asked.state) == (None, CapitalCallState.CALLED)
    assert bank_minor(bond.programme.id) == 667 and book_faults() == []
    (day,) = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound) == (0, True)
    payer = next(one for one in (bond.investor, bond.second) if bond.never.organisation in one.organisations)
    assert bond.never.reference in body_told("take_back.approve", payer)
    assert browse(bond.colleague).get_ok(f"/taken-back/{back.id}").status_code == 200
    assert bond.never.reference in desk.get_ok(call).text and address not in desk.get_ok(call).text


def test_what_a_distribution_reckons_with_is_kept_and_the_page_says_what_to_do(bond, browse):
    (owed,) = owe(bond, 500)
    imported(bond, line(500, owed.reference), opening=667)
    with clock.at(clock.now() + timedelta(days=1)):
        distribute(bond)
        for page in (f"/capital-calls/{bond.asked.id}", f"/transfers/{booked(bond.never).id}"):
            text = browse(bond.intermediary).get_ok(page).text
            assert "reckons with this money" in text and "ask for the payment as yet" in text
            assert "/take-back" not in text
        with pytest.raises(NotNow, match="reckons with"):
            prepare(bond, bond.never)


def test_a_line_that_comes_after_all_stops_it(bond):
    back = prepare(bond, bond.never)
    imported(bond, line(bond.never.amount_minor, bond.never.reference), opening=667)
    with pytest.raises(NotNow, match="matched with something else"):
        operations.approve_take_back(back, actor=bond.colleague)
    with pytest.raises(NotNow, match="no line of the bank shows"):
        prepare(bond, bond.came)


def test_whoever_prepared_does_not_agree_and_it_is_asked_once(bond):
    back = prepare(bond, bond.never)
    with pytest.raises(NotYours):
        operations.approve_take_back(back, actor=bond.intermediary)
    with pytest.raises(NotNow, match="asked already"):
        prepare(bond, bond.never)
    operations.reject_take_back(back, "It is on the statement of tomorrow.", actor=bond.colleague)
    assert bank_minor(bond.programme.id) == 1_000
    again = prepare(bond, bond.never)
    operations.approve_take_back(again, actor=bond.colleague)
    assert bank_minor(bond.programme.id) == 667
    with pytest.raises(NotNow):
        operations.approve_take_back(again, actor=bond.colleague)


def test_a_payment_of_a_municipality_by_hand_never_was(app, browse):
    """5.00 by hand before the first statement of the bank, which shows nothing: it is owed again, and bank and books
    agree on the very day."""
    bond = make_banked()
    (owed,) = owe(bond, 500)
    receive_payment(owed, actor=bond.intermediary)
    imported(bond)
    receipt = transfers_of(owed)[-1]
    assert "/take-back" in browse(bond.intermediary).get_ok(f"/transfers/{receipt.id}").text
    back = operations.prepare_receipt_back(
        db.session.get_one(BookedTransfer, receipt.id), "Never came.", actor=bond.intermediary, once=uuid.uuid4()
    )
    operations.approve_take_back(back, actor=bond.colleague)
    assert (owed.state, owed.outstanding_minor) == (StatementState.APPROVED, 500)
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.enschede.id] == 500
    (day,) = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound, at_bank(bond.programme.id).unreported_minor) == (0, True, 0)
    assert book_faults() == []
