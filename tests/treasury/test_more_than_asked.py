"""By hand exactly what was asked is booked at most; the page and the refusal show where the rest of the same payment is
booked, so that hint and act say one thing."""

import pytest

from app.core import clock
from app.extensions import db
from app.treasury.other_receipt import OtherReceipt
from tests.browser import soup
from tests.factories.people import with_password
from tests.factories.treasury import call, make_funded, owe

APART = "Book money that nobody asked for"


@pytest.fixture
def bond(app):
    return make_funded()


def test_of_a_statement(bond, browse):
    (statement,) = owe(bond, 414_000)
    browser, path = browse(bond.intermediary), f"/statements/{statement.id}/receive"
    page = browser.get_ok(path)
    assert "booked apart, as money that nobody asked for" in page.text
    typed = {"amount": "4150.01", "on": clock.today().isoformat()} | with_password(bond.intermediary)
    refused = browser.submit(page, typed)
    said = soup(refused).select_one("#amount-error").text
    assert refused.status_code == 422 and "4,140.00 is still to be paid, no more" in said and "nobody asked for" in said
    assert browser.post_form(path, typed | {"amount": "4140.00"}).status_code == 303
    way = soup(page).find("a", string=APART)["href"]
    rest = {"source": f"overpaid:{bond.enschede.id}", "amount": "10.01", "description": "Above the statement"}
    answer = browser.post_form(way, rest | {"on": clock.today().isoformat()} | with_password(bond.intermediary))
    assert answer.status_code == 303, soup(answer).select(".field__error")
    assert [one.amount_minor for one in db.session.query(OtherReceipt)] == [1_001]


def test_of_a_capital_call(bond, browse):
    asked = call(bond, 30_000_000)
    part = next(one for one in asked.parts if one.organisation_id == bond.investor.organisations[0].id)
    path = f"/capital-calls/{asked.id}/parts/{part.id}/receive"
    browser = browse(bond.intermediary)
    page = browser.get_ok(path)
    assert soup(page).find("a", string=APART)
    more = f"{part.amount_minor // 100}.{part.amount_minor % 100 + 1:02d}"
    refused = browser.submit(page, {"amount": more, "on": clock.today().isoformat()} | with_password(bond.intermediary))
    said = soup(refused).select_one("#amount-error").text
    assert refused.status_code == 422 and "is still owed, no more" in said and "nobody asked for" in said
