"""Whoever prepares or approves running costs reads beforehand how much is capital and how much was paid by
municipalities and is used again, and which capital is not in hand (issue 6: recycling, four eyes). Amounts by hand:
6,000.00 of capital is left, 2,000.00 was called and is not paid in, and 10,000.00 was not called yet."""

import uuid

import pytest

from app.core import clock
from app.treasury.operations import prepare_cost, receive_capital, receive_payment, reject_cost
from tests.browser import soup
from tests.factories.people import with_password
from tests.factories.treasury import call, fund, make_funded, owe, pay_cost

AGAIN = "Money of municipalities is used again"
LACKING = "€2,000.00 was called and is not paid in; €10,000.00 was not called yet"


@pytest.fixture
def bond(app):
    made = make_funded((2_400_000, 1_200_000))
    fund(made, 2_000_000)
    pay_cost(made, 1_800_000)
    (most, _least) = sorted(call(made, 600_000).parts, key=lambda part: -part.amount_minor)
    receive_capital(most, clock.today(), actor=made.intermediary)
    (paid,) = owe(made, 1_100_000)
    receive_payment(paid, actor=made.intermediary)
    return made


def cost(bond, minor):
    facts = (bond.programme, bond.provider_organisation, minor, "Coaching")
    return prepare_cost(*facts, actor=bond.intermediary, once=uuid.uuid4())


def facts_on(page):
    return {one.text.strip(): one.find_next("dd").text.strip() for one in soup(page).select("main dt")}


def test_who_prepares_reads_how_much_capital_is_left_and_what_is_not_there(bond, browse):
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/costs/prepare").text
    assert "€6,000.00" in page and LACKING in page and "taken of what municipalities paid" in page
    waits = cost(bond, 500_000)
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/costs/prepare").text
    assert "€1,000.00" in page, "what waits for a second person is not there for another"
    reject_cost(waits, "No", actor=bond.colleague)


def test_who_approves_reads_both_purses(bond, browse):
    made = cost(bond, 900_000)
    for person in (bond.intermediary, bond.colleague):
        page = browse(person).get_ok(f"/costs/{made.id}")
        assert AGAIN in page.text
    page = browse(bond.colleague).get_ok(f"/costs/{made.id}/approve")
    facts = facts_on(page)
    assert AGAIN in page.text
    assert facts["Of it from capital"] == "€6,000.00"
    assert facts["Of it from what municipalities paid"] == "€3,000.00"
    assert facts["Capital that is not in hand"] == LACKING
    done = browse(bond.colleague).post_form(f"/costs/{made.id}/approve", with_password(bond.colleague))
    assert done.status_code == 303
    treasury = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    assert "€3,000.00" in treasury and f"used where no capital was in hand: {LACKING}" in treasury
    assert "where no capital was left" not in treasury
    assert AGAIN not in browse(bond.provider).get_ok(f"/costs/{made.id}").text


def test_a_cost_that_capital_reaches_takes_nothing_else(bond, browse):
    made = cost(bond, 600_000)
    page = browse(bond.colleague).get_ok(f"/costs/{made.id}/approve").text
    assert AGAIN not in page and "It is paid from capital in hand" in page


def test_a_round_that_does_not_use_it_again_does_not_say_so(bond, browse):
    bond.round.recycles = False
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/costs/prepare").text
    assert "taken of what municipalities paid" not in page and "€6,000.00" in page
