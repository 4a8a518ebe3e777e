"""A line of the bank for more than was asked: the statement is paid, and the rest stays owed to the municipality.

Source: issue 6 (matched by reference and amount to the cent; every receipt has its cause). Amounts by hand.
"""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bank import batches, booking, matching, queries, reconciling
from app.bank.models import BankEntry, BankMatch
from app.bank.states import EntryState
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor
from app.ledger.models import AccountKind
from app.settlement.states import StatementState
from app.treasury.other_receipt_operations import set_off
from app.treasury.remittance_operations import approve_remittance, prepare_remittance
from app.treasury.states import OtherReceiptKind, RemittanceKind
from tests.browser import soup
from tests.factories.bank import bring, camt, entry, give_account, make_banked, working_day
from tests.factories.ledger import book_faults
from tests.factories.people import with_password
from tests.factories.treasury import call, owe


@pytest.fixture
def bond(app):
    return make_banked()


def brought(bond, minor, text, opening=0):
    bring(bond, camt([entry(minor, text)], opening, opening + minor))
    matching.match_open(bond.programme, actor=bond.intermediary)
    return db.session.scalars(select(BankEntry).order_by(BankEntry.created_at.desc()).limit(1)).unique().one()


def test_1050_for_1000(bond, browse):
    """1,000.00 pays the statement, 50.00 is owed; the bank and the books agree."""
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 105_000, owed.reference)
    assert line.state == EntryState.OPEN, "nobody guesses what the rest is"
    [(_line, why, _bank)] = queries.work_list(bond.programme)
    assert "more came in" in why
    url = f"/bank-entries/{line.id}/other"
    typed = {"source": f"overpaid:{bond.enschede.id}", "pays": [str(owed.id)], "description": "Its own reference."}
    wrong = browse(bond.intermediary).post_form(url, typed | {"source": f"overpaid:{bond.hengelo.id}"})
    assert wrong.status_code == 422 and owed.outstanding_minor == 100_000
    assert browse(bond.intermediary).post_form(url, typed).status_code == 303
    db.session.expire_all()
    assert (line.state, owed.state) == (EntryState.MATCHED, StatementState.PAID)
    assert sorted(db.session.scalars(select(BankMatch.amount_minor))) == [5_000, 100_000]
    assert balances(bond.programme.id)[AccountKind.PAYER_CREDIT, bond.enschede.id] == 5_000
    [day] = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound) == (0, True)
    assert book_faults() == []


def test_a_second_payment_of_a_paid_statement_is_owed_whole_and_set_off_moves_nothing(bond):
    """Paid twice: all of the second line is owed; half pays the next statement, and the bank still agrees."""
    (owed,) = owe(bond, 100_000)
    brought(bond, 100_000, owed.reference)
    line = brought(bond, 100_000, owed.reference, opening=100_000)
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [], "Paid twice.")
    booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    (following,) = owe(bond, 50_000)
    set_off(following, actor=bond.intermediary, once=uuid.uuid4())
    assert following.state == StatementState.PAID
    [day] = reconciling.days(bond.programme.id)
    assert (day.difference, day.is_sound) == (0, True)
    assert book_faults() == []


def test_where_nothing_is_left_over_it_is_matched_instead(bond):
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 100_000, "no reference")
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [owed], "All of it.")
    with pytest.raises(Refused, match="Nothing is left over"):
        booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    db.session.refresh(line)
    assert line.state == EntryState.OPEN and owed.outstanding_minor == 100_000


def test_it_is_paid_back_in_a_batch_to_the_account_that_the_municipality_named(bond):
    """Two people for the payment, two for the batch; without an account in use it cannot be in one."""
    line = brought(bond, 5_000, "too much")
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [], "Too much.")
    booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    kind = RemittanceKind.PAYER_BACK
    back = prepare_remittance(bond.programme, kind, 5_000, actor=bond.intermediary, once=uuid.uuid4())
    assert batches.payable(bond.programme) == []
    approve_remittance(back, actor=bond.colleague)
    [one] = batches.payable(bond.programme)
    assert (one.organisation, one.amount_minor, one.account) == (bond.enschede, 5_000, None)
    named = give_account(bond, bond.official, 77)
    with clock.at(clock.now() + timedelta(days=0)):
        batch = batches.prepare_batch(
            bond.programme, [back.parts[0].id], working_day(), actor=bond.intermediary, once=uuid.uuid4()
        )
    batches.approve_batch(batch, actor=bond.colleague)
    assert named.iban.encode() in batch.file
    gone = brought(bond, -5_000, batch.payments[0].reference, opening=5_000)
    assert gone.state == EntryState.MATCHED
    assert book_faults() == []


def test_too_much_pays_what_is_owed_first_though_nobody_chose_it(bond):
    """1,050.00 where 1,000.00 is owed: the bond owes back 50.00, not 1,050.00 to who owes it 1,000.00."""
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 105_000, "too much, I am afraid")
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [], "Paid too much.")
    booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    assert owed.state == StatementState.PAID
    assert balances(bond.programme.id)[AccountKind.PAYER_CREDIT, bond.enschede.id] == 5_000
    assert reconciling.days(bond.programme.id)[0].is_sound and book_faults() == []


def test_a_part_of_what_is_owed_is_not_paid_too_much(bond):
    (owed,) = owe(bond, 100_000)
    line = brought(bond, 40_000, "something")
    facts = (OtherReceiptKind.OVERPAID, bond.enschede, [], "Paid too much.")
    with pytest.raises(Refused, match="still owes statement"):
        booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
    db.session.expire_all()
    assert line.state == EntryState.OPEN and owed.outstanding_minor == 100_000


def test_the_statement_that_the_line_names_is_suggested(bond, browse):
    first, second = owe(bond, 100_000), owe(bond, 50_000)
    line = brought(bond, 105_000, f"rekening {second[0].reference}")
    assert [booking.is_meant(line, one[0]) for one in (first, second)] == [False, True]
    page = soup(browse(bond.intermediary).get_ok(f"/bank-entries/{line.id}/other"))
    assert [one["value"] for one in page.select("input[name=pays][checked]")] == [str(second[0].id)]
    assert page.select_one("select[name=source] option[selected]")["value"] == f"overpaid:{bond.enschede.id}"


def test_where_the_bank_is_read_nobody_types_in_money_that_nobody_asked_for(bond, browse):
    """Issue 6: the portal equals the bank. One person would raise what is free, without a line and without a second."""
    desk, page = browse(bond.intermediary), f"/programmes/{bond.programme.id}/credits"
    url = f"/programmes/{bond.programme.id}/other-receipts/book"
    assert url in desk.get_ok(page).text
    form = desk.get_ok(url)
    brought(bond, 100, "something")
    before = bank_minor(bond.programme.id)
    typed = {"source": f"overpaid:{bond.enschede.id}", "amount": "1000.00", "description": "By telephone."}
    answer = desk.submit(form, typed | with_password(bond.intermediary))
    assert answer.status_code == 409 and "booked from the work list" in answer.text
    assert desk.get(url).status_code == 409 and bank_minor(bond.programme.id) == before
    text = desk.get_ok(page).text
    assert url not in text and f"/programmes/{bond.programme.id}/bank/work-list" in text


def test_an_investor_that_paid_a_cent_too_much(bond, browse):
    """Its part of the call and 0.01 more: the part is paid on the day of the bank, the cent is owed to the investor,
    leaves by a batch, and bank and books agree."""
    part = call(bond, 10_000_000).parts[0]
    line = brought(bond, part.amount_minor + 1, part.reference)
    assert line.state == EntryState.OPEN, "nobody guesses what the rest is"
    url, of = f"/bank-entries/{line.id}/other", part.organisation
    typed = {"source": f"overpaid:{of.id}", "description": "Its own reference."}
    assert browse(bond.intermediary).post_form(url, typed).status_code == 303
    db.session.expire_all()
    assert (line.state, part.received_on) == (EntryState.MATCHED, line.booked_on)
    assert sorted(db.session.scalars(select(BankMatch.amount_minor))) == [1, part.amount_minor]
    assert balances(bond.programme.id)[AccountKind.PAYER_CREDIT, of.id] == 1
    assert balances(bond.programme.id)[AccountKind.INVESTOR_CAPITAL, of.id] == part.amount_minor
    page = f"/programmes/{bond.programme.id}/credits"
    assert of.name in browse(bond.intermediary).get_ok(page).text
    assert browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding")

    give_account(bond, bond.investor if of in bond.investor.organisations else bond.second, 5)
    facts = bond.programme, RemittanceKind.PAYER_BACK, 1
    back = prepare_remittance(*facts, actor=bond.intermediary, once=uuid.uuid4())
    approve_remittance(back, actor=bond.colleague)
    [payable] = batches.payable(bond.programme)
    assert (payable.organisation, payable.amount_minor) == (of, 1)
    batch = batches.prepare_batch(
        bond.programme, [payable.id], working_day(), actor=bond.intermediary, once=uuid.uuid4()
    )
    batches.approve_batch(batch, actor=bond.colleague)
    [day] = reconciling.days(bond.programme.id)
    assert day.is_sound and book_faults() == []


def test_what_an_investor_was_asked_for_to_the_cent_or_in_part_is_no_overpayment(bond):
    """Exactly its part is matched with it; less than that is no rest, and stays on the work list."""
    part = call(bond, 10_000_000).parts[0]
    for minor, opening in ((part.amount_minor, 0), (part.amount_minor - 1, part.amount_minor)):
        line = brought(bond, minor, "no reference", opening)
        facts = (OtherReceiptKind.OVERPAID, part.organisation, [], "All of it.")
        with pytest.raises(Refused, match="match the line with that"):
            booking.book_other_line(line, *facts, actor=bond.intermediary, once=uuid.uuid4())
        assert part.received_on is None
