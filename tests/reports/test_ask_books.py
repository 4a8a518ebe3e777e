"""Whoever holds or audits the money of a bond asks its books at any moment, and reads the bank beside them.

Rules: only the intermediary and the auditor ask, of their own bond; once in five minutes for a bond; a fault of another
bond is not told of this one; the answer stands in the trail.
"""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.access.actions import Action
from app.bank.models import BankBalance
from app.core import clock
from app.core.errors import NotNow
from app.core.format import money
from app.core.money import Money
from app.extensions import db
from app.ledger.checking import invariants, invariants_of_bonds
from app.reports.asking import answers, ask, faults_of
from app.reports.rules import WORDS
from tests.browser import soup
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.treasury import call, fund, make_funded
from tests.reports.test_books import overdraw
from tests.told import recorded


@pytest.fixture
def bond(app):
    made = make_funded()
    fund(made, 10_000_000)
    return made


def row_of(page, bond):
    link = soup(page).select_one(f"main a[href='/programmes/{bond.programme.id}/trial-balance']")
    return [" ".join(cell.get_text(" ").split()) for cell in link.find_parent("tr").select("th, td")]


def test_asked_on_the_page_and_shown_beside_the_nights(bond, browse):
    desk = browse(bond.intermediary)
    assert row_of(desk.get_ok("/books"), bond)[2] == "not asked yet"
    address = f"/programmes/{bond.programme.id}/books/ask"
    page = desk.get_ok(address)
    assert desk.post(address, data=form_of(page)).status_code == 303
    said = row_of(desk.get_ok("/books"), bond)
    assert said[2].startswith("all hold") and said[3] == "no statement yet"
    (fact,) = recorded(Action.BOOKS_ASK)
    assert fact["rules"] == len(invariants_of_bonds()) and fact["failed"] == {}


def form_of(page):
    return {one["name"]: one.get("value", "") for one in soup(page).select("main form input[name]")}


def test_once_in_five_minutes_for_a_bond(bond, browse):
    start = clock.now()
    with clock.at(start):
        ask(bond.programme, actor=bond.intermediary)
    with clock.at(start + timedelta(minutes=4, seconds=59)):
        with pytest.raises(NotNow):
            ask(bond.programme, actor=bond.auditor)
        answer = browse(bond.auditor).get(f"/programmes/{bond.programme.id}/books/ask")
        assert answer.status_code == 409 and "asked just now" in answer.text
    with clock.at(start + timedelta(minutes=5)):
        ask(bond.programme, actor=bond.auditor)
    assert len(recorded(Action.BOOKS_ASK)) == 2


def test_a_fault_is_told_of_the_bond_that_has_it_and_of_no_other(bond, browse):
    overdraw(bond)
    other = make_funded()
    fund(other, 5_000_000)
    assert faults_of(bond.programme.id)["ledger.nothing_below_zero"] == 1
    assert faults_of(other.programme.id) == {}
    for one in (bond, other):
        ask(one.programme, actor=one.intermediary)
    said = row_of(browse(bond.auditor).get_ok("/books"), bond)
    assert "did not hold" in said[2] and "No account is below zero: 1 fault" in said[2]
    assert answers([other.programme.id])[other.programme.id].failed == {}
    assert str(other.programme.id) not in browse(bond.intermediary).get_ok("/books").text


def test_every_rule_of_books_desk_and_bank_can_be_asked_of_one_bond(app):
    money = {name for name, _check in invariants() if name.startswith(("ledger.", "treasury.", "bank."))}
    assert {name for name, _check in invariants_of_bonds()} == money


@pytest.mark.parametrize("who", ["investor", "official", "provider", "assessor"])
def test_nobody_else_asks(bond, browse, who):
    person = browse(getattr(bond, who))
    assert person.get(f"/programmes/{bond.programme.id}/books/ask").status_code == 403
    assert "asked by hand" not in person.get_ok("/books").text


def test_the_bank_stands_beside_the_books_of_the_same_day(app, browse):
    bond = make_banked()
    part = call(bond, 10_000_000).parts[0]
    came = money(Money(part.amount_minor, "EUR"))
    bring(bond, camt([entry(part.amount_minor, "from somebody")], 0, part.amount_minor))
    ask(bond.programme, actor=bond.intermediary)
    said = row_of(browse(bond.auditor).get_ok("/books"), bond)
    assert said[2].startswith("all hold") and (said[3].split()[0], said[4]) == (came, "€0.00")
    assert said[5] == f"{came} explained: not booked yet, or on its way"
    db.session.execute(update(BankBalance).values(amount_minor=part.amount_minor + 100))
    db.session.commit()
    with clock.at(clock.now() + timedelta(minutes=6)):
        ask(bond.programme, actor=bond.intermediary)
    said = row_of(browse(bond.auditor).get_ok("/books"), bond)
    assert "What the bank holds is what the books say, but for lines and payments underway: 1 fault" in said[2]
    assert said[5].endswith("€1.00 unexplained")


def test_every_rule_has_words_and_no_word_is_of_a_rule_that_is_gone(app):
    assert {name for name, _check in invariants()} == set(WORDS)


def test_money_that_left_without_a_cause_is_not_called_explained_beside_the_verdict(app, browse):
    """A line out that nobody matched: the rule of the bank does not hold, and the row says one thing."""
    bond = make_banked()
    bring(bond, camt([entry(-500, "to somebody")], 1_000, 500))
    ask(bond.programme, actor=bond.intermediary)
    said = row_of(browse(bond.auditor).get_ok("/books"), bond)
    assert "did not hold" in said[2] and "explained: not booked yet" not in said[5]
