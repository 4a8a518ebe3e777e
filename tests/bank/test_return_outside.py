"""A payment to who is no party of the portal that the bank gives back: VAT to the tax authority, money to a guarantor.

Its account was named with the payment, so it is owed again, and two people pay it anew on another account (issue 6:
every receipt has its cause, two people on every outgoing payment, books equal the bank).
"""

import uuid

import pytest

from app.bank import booking, reconciling
from app.bank.batches import approve_batch, payable, prepare_batch
from app.bank.expecting import expected
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.core.errors import NotNow
from app.extensions import db
from app.ledger.balances import balances, bank_minor, pending_minor
from app.ledger.models import AccountKind
from app.treasury.closing_checks import checks
from app.treasury.in_hand import free_minor
from app.treasury.operations import receive_payment
from app.treasury.remittance_operations import approve_remittance, prepare_remittance, remittable_minor
from app.treasury.returned import ReturnedPayment
from app.treasury.states import RemittanceKind
from tests.bank.test_match import imported, line
from tests.factories.bank import iban_of, make_banked, working_day
from tests.factories.ledger import book_faults
from tests.factories.treasury import fund, hold_vat, owe
from tests.told import told, words_told

VAT = RemittanceKind.VAT


@pytest.fixture
def bond(app):
    return with_vat_paid()


def with_vat_paid():
    """Of 121.00 that came in 21.00 is VAT; it went to the tax authority, and the bank reported both."""
    made = make_banked()
    asked = fund(made, 30_000_000)
    (owed,) = owe(made, 12_100)
    hold_vat(made, owed, 2_100)
    receive_payment(owed, actor=made.intermediary)
    came = [line(part.amount_minor, part.reference) for part in asked.parts]
    imported(made, *came, line(12_100, owed.reference))
    made.first, made.reference = pay_vat(made, iban_of(5))
    imported(made, line(-2_100, "SEPA", end_to_end=made.reference), opening=30_012_100)
    return made


def pay_vat(bond, iban):
    """(the remittance, the reference that its payment bears)."""
    remitted = prepare_remittance(
        bond.programme, VAT, 2_100, "OB 2026-3", iban, actor=bond.intermediary, once=uuid.uuid4()
    )
    approve_remittance(remitted, actor=bond.colleague)
    (one,) = payable(bond.programme)
    batch = prepare_batch(bond.programme, [one.id], working_day(), actor=bond.intermediary, once=uuid.uuid4())
    approve_batch(batch, actor=bond.colleague)
    return remitted, batch.payments[0].reference


def bounce(bond):
    imported(bond, line(2_100, "AC01 wrong account", end_to_end=bond.reference), opening=30_010_000)
    return db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique().one()


def vat(bond):
    return balances(bond.programme.id).get((AccountKind.VAT, None), 0)


def is_paid_on(bond):
    return next(one.is_met for one in checks(bond.programme) if "VAT" in str(one.label))


def test_vat_that_came_back_is_owed_again_and_paid_anew_by_two(bond, browse):
    """21.00 leaves, comes back, is owed again and not promised to anybody else, and leaves once more."""
    entry, desk = bounce(bond), browse(bond.intermediary)
    assert bank_minor(bond.programme.id) == 30_010_000 and is_paid_on(bond)
    free = free_minor(bond.programme.id)
    answer = desk.post_form(f"/bank-entries/{entry.id}/return", {"reason": "Wrong account"})
    assert answer.status_code == 303
    page = desk.follow(answer).text
    assert "owed again" in page and "/remittances/vat/prepare" in page and "to be paid again" not in page
    assert (vat(bond), bank_minor(bond.programme.id), pending_minor(bond.programme.id)) == (2_100, 30_012_100, 0)
    assert free_minor(bond.programme.id) == free, "it is the tax authority's"
    assert payable(bond.programme) == [] and not is_paid_on(bond), "it never goes to the same account by itself"
    assert not any(one.amount_minor < 0 for one in expected(bond.programme))
    assert reconciling.days(bond.programme.id)[0].difference == 0 and book_faults() == []
    assert {bond.intermediary.email, bond.colleague.email} == told("return.book")
    assert "Tax authority" in words_told("return.book") and "is made again" not in words_told("return.book")

    again, reference = pay_vat(bond, iban_of(6))
    assert again.id != bond.first.id and (vat(bond), remittable_minor(bond.programme, VAT)) == (0, 0)
    imported(bond, line(-2_100, "SEPA", end_to_end=reference), opening=30_012_100)
    assert is_paid_on(bond) and reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []
    assert "returned, owed again" in desk.get_ok(f"/remittances/{bond.first.id}").text
    assert "status" in desk.get_ok(f"/remittances/{again.id}").text
    assert "returned" not in desk.get_ok(f"/remittances/{again.id}").text
    desk.get_ok(f"/programmes/{bond.programme.id}/closing")


def test_it_comes_back_once_and_the_next_payment_may_come_back_too(bond):
    first = booking.returnable(bounce(bond))
    back = booking.return_line(_open(), first[0], "Wrong", actor=bond.intermediary, once=uuid.uuid4())
    assert (back.organisation_id, back.payee, back.origin.id) == (None, "Tax authority", bond.first.id)
    bond.first, bond.reference = pay_vat(bond, iban_of(6))
    imported(bond, line(-2_100, "SEPA", end_to_end=bond.reference), opening=30_012_100)
    found = booking.returnable(bounce(bond))
    assert [one.id for one in found] == [bond.first.parts[0].id], "the first came back already"
    booking.return_line(_open(), found[0], "Wrong again", actor=bond.intermediary, once=uuid.uuid4())
    assert (vat(bond), db.session.query(ReturnedPayment).count()) == (2_100, 2)
    with pytest.raises(NotNow, match="came back"):
        booking.book_return(
            bond.programme,
            bond.first.parts[0],
            None,
            2_100,
            back.on,
            "Thrice",
            actor=bond.intermediary,
            once=uuid.uuid4(),
        )
    db.session.rollback()
    assert book_faults() == []


def test_who_pays_it_on_the_same_account_is_warned(bond, browse):
    booking.return_line(bounce(bond), booking.returnable(_open())[0], "x", actor=bond.intermediary, once=uuid.uuid4())
    who = {"actor": bond.intermediary, "once": uuid.uuid4()}
    made = prepare_remittance(bond.programme, VAT, 2_100, "OB 2026-3", iban_of(5), **who)
    approve_remittance(made, actor=bond.colleague)
    (one,) = payable(bond.programme)
    assert one.came_back
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/payment-batches/prepare").text
    assert "A payment to the same account came back" in page


def _open():
    return db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique().one()
