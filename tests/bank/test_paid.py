"""A page says "paid" of what the bank paid, not of what was approved (issue 6: an accountant finds nothing to ask)."""

import uuid

import pytest

from app.bank import booking
from app.bank.batches import approve_batch, payable, prepare_batch
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.extensions import db
from app.treasury.operations import approve_distribution, prepare_distribution, receive_payment, reject_distribution
from tests.bank.test_match import imported, line
from tests.factories.bank import give_account, make_banked, working_day
from tests.factories.treasury import fund, owe

WAITS = "approved; whether it was paid is not known here"  # no statement of the bank was read yet


@pytest.fixture
def bond(app):
    """30,000.00 of capital came back into hand, which is all the senior investor's."""
    made = make_banked()
    fund(made, 30_000_000)
    for statement in owe(made, 3_000_000):
        receive_payment(statement, actor=made.intermediary)
    give_account(made, made.investor, 1)
    give_account(made, made.second, 2)
    return made


def prepared(bond):
    return prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())


def sent(bond):
    """The whole distribution in one batch, which was let go."""
    ids = [one.id for one in payable(bond.programme)]
    batch = prepare_batch(bond.programme, ids, working_day(), actor=bond.intermediary, once=uuid.uuid4())
    approve_batch(batch, actor=bond.colleague)
    return batch


def test_approved_is_not_yet_paid_and_sent_back_is_not_paid_either(bond, browse):
    made = prepared(bond)
    desk, own = browse(bond.intermediary), browse(bond.investor)
    url, holding = f"/distributions/{made.id}", f"/programmes/{bond.programme.id}/holding"
    assert "To be paid to each investor" in desk.get_ok(url).text
    approve_distribution(made, actor=bond.colleague)
    assert "To be paid to each investor" in desk.get_ok(url).text
    assert "To be paid to you" in own.get_ok(url).text and WAITS in own.get_ok(holding).text

    batch = sent(bond)
    assert WAITS in own.get_ok(holding).text, "a file for the bank is no payment"
    went = [line(-one.amount_minor, "SEPA", end_to_end=one.reference) for one in batch.payments]
    imported(bond, *went, opening=33_000_000)
    assert "Paid to each investor" in desk.get_ok(url).text and "Paid to you" in own.get_ok(url).text
    assert WAITS not in own.get_ok(holding).text

    payment = batch.payments[0]
    assert payment.organisation_id == bond.investor.organisations[0].id
    back = line(payment.amount_minor, "AC04 closed account", end_to_end=payment.reference)
    imported(bond, back, opening=33_000_000 - batch.amount_minor)
    entry = db.session.scalars(db.select(BankEntry).filter_by(state=EntryState.OPEN)).unique().one()
    (paid,) = [one for one in booking.returnable(entry) if one.id == payment.cause_id]
    booking.return_line(entry, paid, "Account closed", actor=bond.intermediary, once=uuid.uuid4())
    assert "To be paid to each investor" in desk.get_ok(url).text
    assert "to be paid again" in own.get_ok(holding).text


def test_what_was_rejected_is_not_to_be_paid(bond, browse):
    made = prepared(bond)
    reject_distribution(made, "Keep more in hand", actor=bond.colleague)
    text = browse(bond.intermediary).get_ok(f"/distributions/{made.id}").text
    assert "What each investor would have received" in text and "To be paid to each" not in text
