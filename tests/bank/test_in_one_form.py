"""A reference is shown in one form, in groups of four as on the invoice, and read with or without spaces; what is owed
stands in the order of time and name, never by the check digits that a reference begins with.

Source: issue 6 (own payment reference; matching by reference); ISO 11649, which prints a reference in groups of four.
"""

from datetime import date

import pytest
from sqlalchemy import select

from app.bank import booking, matching, queries
from app.bank.models import BankEntry
from app.bank.states import EntryState
from app.extensions import db
from app.settlement.reference import creditor_reference, grouped, is_creditor_reference
from app.treasury.remittance_operations import payable_back
from tests.browser import soup
from tests.factories.bank import bring, camt, entry, make_banked
from tests.factories.outcomes import make_signed_off
from tests.factories.settlement import make_settlement
from tests.factories.treasury import owe
from tests.treasury.test_whose_money import too_much


@pytest.fixture
def bond(app):
    return make_banked()


def settled(bond):
    """Statements of Enschede and Hengelo, with references as the portal gives them."""
    for municipality in (bond.hengelo, bond.enschede):
        make_signed_off(bond, municipality)
    made = make_settlement(bond, date(2026, 6, 30), approved=True)
    assert all(is_creditor_reference(one.reference) for one in made.statements)
    return sorted(made.statements, key=lambda one: one.payer.name)


def test_only_a_creditor_reference_is_grouped():
    """One of a capital call has dashes of its own."""
    assert grouped("RF18539007547034") == "RF18 5390 0754 7034"
    assert grouped("C01-0001-ABCDEF12") == "C01-0001-ABCDEF12" and grouped("") == ""


def test_every_page_on_which_money_is_received_shows_it_as_the_invoice_does(bond, browse):
    first, _second = settled(bond)
    desk, start, shown = browse(bond.intermediary), f"/programmes/{bond.programme.id}", grouped(first.reference)
    assert " " in shown
    for url in (f"/statements/{first.id}", f"/statements/{first.id}/receive", f"{start}/treasury", f"{start}/invoices"):
        text = desk.get_ok(url).text
        assert shown in text and first.reference not in text, url
    bring(bond, camt([entry(first.amount_minor + 1, "no reference")], 0, first.amount_minor + 1))
    line = db.session.scalars(select(BankEntry)).unique().one()
    for url in (f"/bank-entries/{line.id}/match", f"/bank-entries/{line.id}/other"):
        text = desk.get_ok(url).text
        assert shown in text and first.reference not in text, url


@pytest.mark.parametrize("typed", [str, grouped, str.lower, lambda one: grouped(one).replace(" ", "-")])
def test_whoever_pays_may_type_it_with_or_without_spaces(bond, typed):
    first, second = settled(bond)
    bring(bond, camt([entry(first.amount_minor, f"betreft {typed(first.reference)}")], 0, first.amount_minor))
    line = db.session.scalars(select(BankEntry)).unique().one()
    assert [booking.is_meant(line, one) for one in (first, second)] == [True, False]
    matching.match_open(bond.programme, actor=bond.intermediary)
    assert line.state == EntryState.MATCHED and first.outstanding_minor == 0


def test_what_is_owed_stands_by_settlement_and_name_whatever_its_check_digits(bond, browse):
    """Ten statements of two municipalities; their references in the opposite order."""
    made = [one for _number in range(5) for one in owe(bond, 100, 100)]
    wanted = [(number, name) for number in range(5) for name in sorted((bond.enschede.name, bond.hengelo.name))]
    for place, one in enumerate(made):
        one.reference = creditor_reference(f"Z{len(made) - place:03d}")
    db.session.commit()
    bring(bond, camt([entry(1_000, "no reference")], 0, 1_000))
    line = db.session.scalars(select(BankEntry)).unique().one()
    order = {one.id: (place // 2, one.payer.name) for place, one in enumerate(made)}
    assert [order[one.id] for one in queries.candidates(line)] == wanted
    assert [order[one.id] for one in booking.payable_statements(line)] == wanted
    boxes = soup(browse(bond.intermediary).get_ok(f"/bank-entries/{line.id}/match")).select("[name=causes]")
    assert [one["value"] for one in boxes] == [str(one.id) for one in queries.candidates(line)]


def test_who_are_owed_the_same_are_paid_back_by_name_after_who_is_owed_less(bond):
    """Three are owed 3.00 and one 2.00: the order of random ids would pay another one first where money is short."""
    too_much(bond, first=300, second=200, hengelo=300, enschede=300)
    alike = [bond.enschede, bond.hengelo, bond.investor.organisations[0]]
    wanted = [bond.second.organisations[0], *sorted(alike, key=lambda one: one.name)]
    assert list(payable_back(bond.programme)) == [one.id for one in wanted]
