"""Money that nobody asked for, booked wrongly and taken back by two people: by the opposite transfer, with a reason.

Source: issue 6 (every transfer has its cause, four eyes); nothing in the ledger is deleted. Amounts by hand.
"""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank import booking, matching, reconciling
from app.bank.models import BankEntry, BankMatch
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.treasury.closing_checks import in_the_way
from app.treasury.flows import real_flows
from app.treasury.invariants import distributions_are_what_the_terms_give
from app.treasury.other_receipt import OtherReceipt
from app.treasury.other_receipt_operations import (
    book_other_receipt,
    keep_other_receipt,
    propose_reversal,
    reverse_other_receipt,
    set_off,
)
from app.treasury.states import OtherReceiptKind, OtherReceiptState
from tests.bank.test_other_line import brought
from tests.factories.bank import make_banked
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, make_funded, owe, pay_cost
from tests.told import recorded, told
from tests.treasury.test_distribution import distribute

OVERPAID, VAT_BACK, COSTS_BACK = OtherReceiptKind


@pytest.fixture
def bond(app):
    return make_funded()


def booked(bond, minor=5_000, kind=OVERPAID, of=None):
    facts = (of or bond.enschede, minor, clock.today(), "It says so on the statement of the bank.")
    return book_other_receipt(bond.programme, kind, *facts, actor=bond.intermediary, once=uuid.uuid4())


def take_back(bond, receipt):
    propose_reversal(receipt, "Of another bond.", actor=bond.intermediary)
    booking.reverse_other_receipt(receipt, actor=bond.colleague)


def test_through_the_pages_by_two_people(bond, browse):
    receipt = booked(bond)
    own = with_password(bond.colleague)
    desk, other = browse(bond.intermediary), browse(bond.colleague)
    url = f"/other-receipts/{receipt.id}"
    assert f"{url}/propose-reversal" in desk.get_ok(url).text
    assert desk.post_form(f"{url}/propose-reversal", {"reason": ""}).status_code == 422
    assert desk.post_form(f"{url}/propose-reversal", {"reason": "Of another bond."}).status_code == 303
    assert bank_minor(bond.programme.id) == 5_000, "nothing moves before a second person agrees"
    assert desk.get(f"{url}/reverse").status_code == 403, "not who proposed it"
    assert "Agree to take back a receipt" in other.get_ok("/home").text
    assert other.post_form(f"{url}/reverse", {"password": "wrong"}).status_code == 422
    assert other.post_form(f"{url}/reverse", own).status_code == 303
    assert bank_minor(bond.programme.id) == 0
    assert "Of another bond." in desk.get_ok(url).text
    page = browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/credits").text
    assert "booked wrongly, taken back" in page and url not in page


def test_the_books_hold_both_and_everybody_hears(bond):
    receipt = booked(bond)
    take_back(bond, receipt)
    books = balances(bond.programme.id)
    assert bank_minor(bond.programme.id) == 0 == books[AccountKind.PAYER_CREDIT, bond.enschede.id]
    assert receipt.state == OtherReceiptState.REVERSED and receipt.reversed_at is not None
    [fact] = recorded("other_receipt.reverse")
    assert (fact["amount"], fact["reason"]) == (5_000, "Of another bond.")
    assert {bond.official.email, bond.auditor.email} <= told("other_receipt.reverse")
    assert bond.colleague.email in told("other_receipt.propose_reversal")
    assert book_faults() == []
    with pytest.raises(NotNow):
        propose_reversal(receipt, "Again.", actor=bond.intermediary)


def test_who_may(bond, browse):
    url = f"/other-receipts/{booked(bond).id}"
    assert browse(bond.auditor).get(url).status_code == 200
    assert browse(bond.auditor).get(f"{url}/propose-reversal").status_code == 403
    assert browse(bond.official).get(url).status_code == 403, "its own page is that of what is owed to it"
    for user in (bond.investor, bond.neighbour):
        assert browse(user).get(url).status_code == 404


def test_kept_after_all(bond):
    receipt = booked(bond)
    propose_reversal(receipt, "Of another bond.", actor=bond.intermediary)
    assert "No receipt waits to be taken back" in {str(one.label) for one in in_the_way(bond.programme)}
    keep_other_receipt(receipt, actor=bond.colleague)
    assert (receipt.state, receipt.reversal_reason) == (OtherReceiptState.BOOKED, "")
    assert bank_minor(bond.programme.id) == 5_000 and book_faults() == []


def test_not_what_was_set_off(bond):
    """30.00 of the 50.00 paid a statement: 20.00 is left, less than was booked."""
    receipt = booked(bond)
    propose_reversal(receipt, "Of another bond.", actor=bond.intermediary)
    (statement,) = owe(bond, 3_000)
    set_off(statement, actor=bond.intermediary, once=uuid.uuid4())
    with pytest.raises(NotNow, match="set off or paid back"):
        reverse_other_receipt(receipt, actor=bond.colleague)
    assert receipt.state == OtherReceiptState.REVERSING and book_faults() == []


def test_what_was_distributed_meanwhile_stays_and_is_reckoned_with(bond):
    """The provider pays 2,000.00 back, 1,500.00 of it is distributed: 500.00 is there, too little. Of 3,000.00 more the
    reversal takes 2,000.00, so that 1,500.00 is left for the next distribution."""
    fund(bond, 30_000_000)
    pay_cost(bond, 30_000_000)
    receipt = booked(bond, 200_000, COSTS_BACK, of=bond.provider_organisation)
    first = distribute(bond, reserve=50_000)
    assert first.amount_minor == 150_000
    with clock.at(clock.now() + timedelta(days=1)):
        with pytest.raises(NotNow, match="does not hold"):
            propose_reversal(receipt, "Of another bond.", actor=bond.intermediary)
        booked(bond, 300_000, COSTS_BACK, of=bond.provider_organisation)
        take_back(bond, receipt)
        assert real_flows(bond.programme, clock.today()).in_hand(clock.today()) == 150_000
    with clock.at(clock.now() + timedelta(days=2)):
        assert distribute(bond).amount_minor == 150_000
    assert list(distributions_are_what_the_terms_give()) == [] == book_faults()


def test_its_line_of_the_bank_is_on_the_work_list_again(app):
    bond = make_banked()
    line = brought(bond, 100_000, "Nobody knows")
    facts = (OVERPAID, bond.enschede, [], "Paid twice.")
    receipt = booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    take_back(bond, receipt)
    assert line.state == EntryState.OPEN and db.session.scalars(select(BankMatch)).all() == []
    [day] = reconciling.days(bond.programme.id)
    assert (day.books, day.arrived) == (0, 100_000), "the bank holds what the books do not know of"
    again = booking.book_other_line(
        line, OVERPAID, bond.hengelo, [], "Of Hengelo.", actor=bond.intermediary, once=uuid.uuid4()
    )
    assert again.id != receipt.id and reconciling.days(bond.programme.id)[0].is_sound
    assert book_faults() == []


def test_a_line_that_also_paid_a_statement_stands(app):
    """What was received for a statement is not undone: the rest is set off or paid back."""
    bond = make_banked()
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 105_000, owed.reference)
    facts = (OVERPAID, bond.enschede, [owed], "Too much.")
    receipt = booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    assert "stands" in booking.why_not_reversed(receipt)
    propose_reversal(receipt, "Wrong.", actor=bond.intermediary)
    with pytest.raises(NotNow, match="paid a statement"):
        booking.reverse_other_receipt(receipt, actor=bond.colleague)
    assert matching.match_open(bond.programme, actor=bond.intermediary) == 0
    assert db.session.scalars(select(BankEntry)).unique().one().state == EntryState.MATCHED
    assert db.session.scalars(select(OtherReceipt)).unique().one().reversed_at is None
