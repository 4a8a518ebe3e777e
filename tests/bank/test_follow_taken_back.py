"""What is said of a cent that was booked back is true: no payment is made of it, and it pays nobody.

Source: issue 6, "Follow this cent". Amounts by hand.
"""

import pytest
from sqlalchemy import select

from app.bank import taken_back_operations as operations
from app.bank.states import EntryState
from app.extensions import db
from app.ledger.models import AccountKind, Transfer, TransferKind
from tests.bank.test_match import imported, line
from tests.bank.test_take_back import of_amount, prepare
from tests.browser import soup
from tests.factories.bank import make_banked
from tests.factories.ledger import transfers_of
from tests.factories.treasury import call, owe, pay_cost


@pytest.fixture
def bond(app):
    """Two investors pay 200,000.00 and 100,000.00."""
    made = make_banked()
    made.asked = call(made, 30_000_000)
    imported(made, *[line(one.amount_minor, one.reference, name=one.organisation.name) for one in made.asked.parts])
    return made


def followed(browse, person, transfer):
    return " ".join(soup(browse(person).get_ok(f"/transfers/{transfer.id}")).select_one("main").text.split())


def reversal_of(transfer):
    return db.session.scalars(select(Transfer).filter_by(pending_id=transfer.id, kind=TransferKind.REVERSAL)).one()


def test_capital_that_was_taken_back(bond, browse):
    """100,000.00 of the second investor is booked back; then 50,000.00 of costs is made of the first one's capital, of
    which 150,000.00 is left."""
    kept, gone = sorted(bond.asked.parts, key=lambda one: -one.amount_minor)
    came = of_amount(gone.amount_minor, EntryState.MATCHED)
    operations.approve_take_back(prepare(bond, came), actor=bond.colleague)
    cost = pay_cost(bond, 5_000_000)
    (whole,), (receipt,) = (
        [one for one in transfers_of(part) if one.kind == TransferKind.POSTED] for part in (kept, gone)
    )
    paid = next(one for one in transfers_of(cost) if one.kind == TransferKind.POST_PENDING)

    page = followed(browse, bond.intermediary, receipt)
    assert "This was booked back on" in page and "no payment is made of it" in page
    assert "It is capital that the investor paid in" in page
    for untrue in ("still on the bank account", "No money has moved", "This was reversal later", f"{paid.id}"):
        assert untrue not in page
    page = followed(browse, bond.intermediary, reversal_of(receipt))
    assert "It books back what was booked before" in page and "Nowhere" in page
    for untrue in ("It left the bond", "received it", "receipts that this payment is made of", "No money has moved"):
        assert untrue not in page

    page = browse(bond.intermediary).get_ok(f"/transfers/{paid.id}").text
    assert f"/transfers/{whole.id}" in page and f"/transfers/{receipt.id}" not in page
    page = followed(browse, bond.intermediary, whole)
    assert "€50,000.00" in page and "Of it €150,000.00 is still on the bank account of the bond." in page


def test_a_statement_paid_in_parts_one_of_which_was_booked_back(bond, browse):
    """600.00 and 400.00 of 1,000.00: the 400.00 is booked back. Each receipt tells of itself alone."""
    (owed,) = owe(bond, 100_000)
    for minor in (60_000, 40_000):
        imported(bond, line(minor, owed.reference), opening=30_000_000 if minor == 60_000 else 30_060_000)
    operations.approve_take_back(prepare(bond, of_amount(40_000, EntryState.MATCHED)), actor=bond.colleague)
    first, second = (
        next(
            one
            for one in transfers_of(owed)
            if (one.debit.kind, one.amount_minor, one.kind) == (AccountKind.BANK, minor, TransferKind.POSTED)
        )
        for minor in (60_000, 40_000)
    )
    for person in (bond.intermediary, bond.official):
        assert "It is still on the bank account of the bond." in followed(browse, person, first)
        assert "still on the bank account" not in followed(browse, person, second)
        assert "received it" not in followed(browse, person, reversal_of(second))
