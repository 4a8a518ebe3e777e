"""The books take a payment off when it is approved; the bank pays later: both stand beside each other (issue 6)."""

import uuid

import pytest

from app.bank.at_bank import at_bank
from app.bank.batches import approve_batch, prepare_batch
from app.core import clock
from tests.bank.test_match import imported, line
from tests.factories.bank import give_account, make_banked, working_day
from tests.factories.people import with_password
from tests.factories.treasury import call, fund, owe, pay_cost

PAGES = ("treasury", "costs/prepare", "distributions/prepare", "closing", "cash-plan")


@pytest.fixture
def bond(app):
    made = make_banked()
    made.asked = fund(made, 30_000_000)
    give_account(made, made.provider, 1)
    return made


def figures(bond):
    told = at_bank(bond.programme.id)
    return told and (told.on, told.balance_minor, told.unpaid_minor)


def test_without_a_statement_nothing_is_said_of_the_bank(bond, browse):
    assert figures(bond) is None
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "In the books" in page and "no statement yet" in page and "On the bank account" not in page


def test_approved_is_off_the_books_and_still_at_the_bank(bond, browse):
    """Books 296,000.00, bank 300,000.00: whoever looks at the bank's own page must not think that money is missing."""
    imported(bond, *[line(part.amount_minor, part.reference) for part in bond.asked.parts])
    cost = pay_cost(bond, 400_000)
    assert at_bank(bond.programme.id).unbooked_minor is None
    assert figures(bond) == (clock.today(), 30_000_000, 400_000)
    for place in PAGES:
        page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/{place}").text
        assert all(one in page for one in ("In the books", "€296,000.00", "Approved, not yet paid by the bank"))
        assert "€4,000.00" in page and "€300,000.00" in page, place

    batch = prepare_batch(bond.programme, [cost.id], working_day(), actor=bond.intermediary, once=uuid.uuid4())
    approve_batch(batch, actor=bond.colleague)
    imported(bond, line(-400_000, "SEPA", end_to_end=batch.payments[0].reference), opening=30_000_000)
    assert figures(bond) == (clock.today(), 29_600_000, 0)


def test_where_the_bank_is_read_nobody_types_in_what_came_in(bond, browse):
    """Else the same money could be booked by hand and from its line (issue 6: portal equals bank)."""
    asked, (owed,) = call(bond, 1_000_000), owe(bond, 2_000_000)
    desk = browse(bond.intermediary)
    places = (f"/capital-calls/{asked.id}/parts/{asked.parts[0].id}/receive", f"/statements/{owed.id}/receive")
    loaded = [desk.get_ok(place) for place in places]  # without a statement of the bank it is typed in
    imported(bond, line(500, "something"))
    typed = {"on": clock.today().isoformat()} | with_password(bond.intermediary)
    for place, page, more in zip(places, loaded, ({}, {"amount": "20000.00"}), strict=True):
        answer = desk.get(place)
        assert answer.status_code == 409 and "booked from the work list" in answer.text
        assert desk.submit(page, typed | more).status_code == 409
    assert asked.parts[0].received_on is None and owed.outstanding_minor == 2_000_000


def test_what_nobody_booked_is_told_with_the_way_to_it(bond, browse):
    """Bank 1,000.00 above the books: the page says that a line of 1,000.00 waits, and where."""
    imported(bond, *[line(part.amount_minor, part.reference) for part in bond.asked.parts], line(100_000, "somebody"))
    assert at_bank(bond.programme.id).unbooked_minor == 100_000
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "At the bank, not booked" in page and "€1,000.00" in page and "1 line of the bank is not booked yet" in page
    assert f"/programmes/{bond.programme.id}/bank/work-list" in page
