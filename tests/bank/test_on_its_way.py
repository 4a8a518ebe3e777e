"""Approved is not paid (issue 6): money is on its way to an investor until a line of the bank shows it."""

import io

import pytest
from python_calamine import CalamineWorkbook

from app.ledger.models import TransferKind
from app.treasury.on_its_way import on_its_way_minor, states_of
from app.treasury.queries import holding
from tests.bank.test_match import imported, line
from tests.bank.test_return import send
from tests.browser import soup
from tests.factories.bank import give_account, make_banked
from tests.factories.ledger import transfers_of
from tests.factories.treasury import fund, pay_cost
from tests.treasury.test_distribution import distribute, earn


@pytest.fixture
def bond(app):
    """600,000.00 paid in and spent; 30,000.00 of the senior capital is given back, and approved."""
    made = make_banked()
    fund(made, 60_000_000)
    pay_cost(made, 60_000_000)
    earn(made, 3_000_000)
    (made.part,) = distribute(made).parts
    return made


def _shown(browse, bond):
    page = soup(browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding"))
    followed = [one for one in transfers_of(bond.part) if one.kind == TransferKind.POST_PENDING]
    return page, browse(bond.investor).get_ok(f"/transfers/{followed[0].id}").text


def test_of_a_bond_whose_bank_is_not_read_nobody_says_that_it_is_on_its_way(bond, browse):
    """No statement of the bank ever came in: it would be on its way for ever."""
    page, transfer = _shown(browse, bond)
    assert "approved; whether it was paid is not known here" in page.text and "on its way" not in page.text
    assert "not known here to be paid" in page.select_one("dl.figures").text
    assert "No statement of the bank is read for this bond" in transfer and "received it" not in transfer
    file = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding/statement.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    position = dict(book.get_sheet_by_name("Position").to_python())
    assert position["Of which approved, and not known here to be paid"] == 30_000


def test_until_the_bank_shows_it(bond, browse):
    imported(bond, line(1, "Rente"), opening=3_000_000)
    page, transfer = _shown(browse, bond)
    table = next(one for one in page.select("table") if one.caption.text == "Distributions")
    assert "approved, on its way" in table.text
    assert "of which approved and on its way: €30,000.00" in page.select_one("dl.figures").text
    name = bond.investor.organisations[0].name
    assert f"Approved, on its way to {name}" in transfer and "received it" not in transfer
    file = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/holding/statement.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    assert book.get_sheet_by_name("Distributions").to_python()[1][2] == "approved, on its way"
    assert dict(book.get_sheet_by_name("Position").to_python())["Of which approved and on its way"] == 30_000


def test_once_the_bank_shows_it(bond, browse):
    give_account(bond, bond.investor, 1)
    batch = send(bond, bond.part.id)
    imported(bond, line(-3_000_000, "SEPA", end_to_end=batch.payments[0].reference), opening=3_000_000)
    page, transfer = _shown(browse, bond)
    assert "on its way" not in page.text and "received it" in transfer
    held = holding(bond.programme, bond.investor.organisations[0])
    states = states_of(held.distributions)
    assert [str(label) for label, _tone in states.values()] == ["paid"]
    assert on_its_way_minor(held.distributions, states) == 0
