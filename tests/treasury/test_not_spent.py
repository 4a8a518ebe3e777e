"""What is on the account by what it came in as: the desk sees before a distribution whose money it gives out (issue 6).

The end of the demonstration's second bond, in its own figures: 20,000.00 of capital, 18,000.00 of costs, 4,000.00 more
of the first tranche, 11,000.00 of a municipality with 1,909.11 of VAT, 9,000.00 of costs, and 2,000.00 that an investor
of the last tranche pays in late.
"""

import uuid

import pytest

from app.core import clock
from app.treasury.operations import prepare_distribution, receive_capital, receive_payment
from app.treasury.plan import plan_distribution
from app.treasury.recycling import not_spent, recycled_minor
from tests.browser import soup
from tests.factories.people import with_password
from tests.factories.treasury import call, fund, hold_vat, make_funded, owe, pay_cost

EARNED, CAPITAL = 909_089 - 300_000, 200_000  # without VAT, less what was used again; never spent


@pytest.fixture
def bond(app):
    made = make_funded((2_400_000, 1_200_000))
    fund(made, 2_000_000)
    pay_cost(made, 1_800_000)
    asked = call(made, 600_000)
    first, late = sorted(asked.parts, key=lambda part: part.commitment.tranche.rank)
    receive_capital(first, clock.today(), actor=made.intermediary)
    paid, unpaid = owe(made, 1_100_000, 600_000)
    hold_vat(made, paid, 190_911), hold_vat(made, unpaid, 104_130)
    receive_payment(paid, actor=made.intermediary)
    pay_cost(made, 900_000)
    receive_capital(late, clock.today(), actor=made.intermediary)
    return made


def test_capital_that_comes_later_is_not_what_municipalities_paid(bond):
    """Costs less capital as sums would say 1,000.00 used again, the books by their order 3,000.00."""
    assert recycled_minor(bond.programme.id) == 300_000
    there = not_spent(bond.programme)
    assert (there.earned_minor, there.capital_minor) == (EARNED, CAPITAL)


def test_it_stays_in_hand_unless_the_desk_says_otherwise(bond, browse):
    """2,000.00 of the last tranche would go to the first as capital back."""
    desk, url = browse(bond.intermediary), f"/programmes/{bond.programme.id}/distributions/prepare"
    page = desk.get_ok(url)
    assert "€6,090.89" in page.text and "6,090.88" not in page.text
    assert soup(page).select_one("input[name=reserve]")["value"] == "2000.00"
    assert "This gives back capital" not in desk.post_form(url).text
    shown = desk.post_form(url, {"reserve": "0"}).text
    given = plan_distribution(bond.programme, 0).amount_minor
    assert "This gives back capital" in shown and f"€{(given - EARNED) / 100:,.2f} is capital" in shown


def test_whoever_approves_reads_how_much_of_it_is_capital(bond, browse):
    made = prepare_distribution(bond.programme, 0, actor=bond.intermediary, once=uuid.uuid4())
    words = f"€{(made.amount_minor - EARNED) / 100:,.2f} is capital that was paid in and not spent"
    for place in (f"/distributions/{made.id}", f"/distributions/{made.id}/approve"):
        assert words in browse(bond.colleague).get_ok(place).text
    answer = browse(bond.colleague).post_form(f"/distributions/{made.id}/approve", with_password(bond.colleague))
    assert answer.status_code == 303
    assert not_spent(bond.programme).earned_minor == 0


def test_only_what_municipalities_earned_is_no_gift_of_capital(bond, browse):
    made = prepare_distribution(bond.programme, CAPITAL, actor=bond.intermediary, once=uuid.uuid4())
    assert made.amount_minor <= EARNED
    assert "This gives back capital" not in browse(bond.colleague).get_ok(f"/distributions/{made.id}/approve").text
