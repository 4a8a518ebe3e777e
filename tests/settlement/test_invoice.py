"""An invoice per municipality: its own number, reference and day, by law after thirty days, and never changed
(Directive 2006/112/EC, arts. 219 and 226; Directive 2011/7/EU, art. 4)."""

import json
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.core import clock
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind
from app.settlement.invoice_models import Invoice
from app.settlement.invoicing import digest_of, document_of
from app.settlement.reference import grouped
from app.treasury.flows import real_flows
from app.treasury.in_hand import free_minor
from app.treasury.operations import receive_payment
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import make_settlement, statement_of
from tests.told import recorded

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


def settle(bond, until=JUNE, **facts):
    """Enschede owes 2,000.00, Hengelo 300.00; both approved."""
    make_signed_off(bond, bond.enschede, **facts)
    make_signed_off(bond, bond.hengelo, "days", quantity=30, **facts)
    return make_settlement(bond, until, approved=True)


def words_of(invoice):
    """All that the document says, in one line."""
    return json.dumps(asdict(document_of(invoice)), ensure_ascii=False).replace("\u00a0", " ")


def test_each_municipality_gets_its_own_when_all_have_approved(bond, browse):
    settlement = settle(bond)
    made = {one.statement.payer_id: one for one in db.session.scalars(db.select(Invoice))}
    assert {one.number for one in made.values()} == {"2026-0001", "2026-0002"}
    own = statement_of(settlement, bond.enschede)
    page = browse(bond.official)
    assert f"/invoices/{made[bond.enschede.id].id}" in page.get_ok(f"/statements/{own.id}").text
    said = words_of(made[bond.enschede.id])
    assert "€ 2.000,00" in said and "€ 300,00" not in said
    assert grouped(own.reference) in said and made[bond.enschede.id].number in said
    assert bond.intermediary.organisations[0].name in said and "Enschede" in said
    assert page.get(f"/invoices/{made[bond.hengelo.id].id}").status_code == 404


def test_it_names_the_vat_number_of_its_day(bond):
    """Art. 226(3); an invoice that was made does not change with the number."""
    desk = bond.intermediary.organisations[0]
    desk.vat_number, bond.enschede.vat_number = "NL999999990B01", "NL123456789B13"
    db.session.commit()
    settlement = settle(bond)
    own = statement_of(settlement, bond.enschede)
    (made,) = db.session.scalars(db.select(Invoice).filter_by(statement_id=own.id))
    desk.vat_number = bond.enschede.vat_number = ""
    db.session.commit()
    said = words_of(made)
    assert "NL999999990B01" in said and "NL123456789B13" in said and digest_of(made.content) == made.digest
    (other,) = db.session.scalars(db.select(Invoice).where(Invoice.statement_id != own.id))
    assert "NL123456789B13" not in words_of(other)


def test_numbers_have_no_gap_and_go_on_with_the_next_settlement(bond):
    settle(bond)
    settle(bond, date(2026, 9, 30), achieved_on=date(2026, 8, 1))
    found = db.session.scalars(db.select(Invoice).order_by(Invoice.sequence)).all()
    assert [one.number for one in found] == ["2026-0001", "2026-0002", "2026-0003", "2026-0004"]
    assert len({one.statement.reference for one in found}) == 4


@pytest.mark.parametrize("agreed, due", [(None, date(2026, 12, 15)), (14, date(2026, 11, 29))])
def test_it_is_due_after_the_days_that_were_agreed_or_by_law_thirty(bond, agreed, due):
    if agreed:
        bond.agreement.terms = bond.agreement.terms | {"payment": {"days": agreed}}
        db.session.commit()
    settle(bond)
    assert {one.due_on for one in db.session.scalars(db.select(Invoice))} == {due}


@pytest.mark.parametrize("act", ["UPDATE invoice SET amount_minor = 1", "DELETE FROM invoice"])
def test_the_database_refuses_to_change_it(bond, act):
    settle(bond)
    with pytest.raises(DatabaseError), db.session.begin_nested():
        db.session.execute(text(act))


def test_the_document_never_changes(bond, browse):
    settlement = settle(bond)
    one = statement_of(settlement, bond.enschede).invoices[0]
    before = browse(bond.official).get(f"/invoices/{one.id}").data
    bond.enschede.name = "Another name"
    db.session.commit()
    assert before.startswith(b"%PDF-")
    assert browse(bond.official).get(f"/invoices/{one.id}").data == before
    assert one.digest == digest_of(one.content)


def count(browser, url):
    return len(soup(browser.get_ok(url)).select("tbody tr"))


def test_who_reads_the_list_and_who_the_document(bond, browse):
    settlement = settle(bond)
    one = statement_of(settlement, bond.enschede).invoices[0]
    url = f"/programmes/{bond.programme.id}/invoices"
    assert [count(browse(one), url) for one in (bond.intermediary, bond.auditor, bond.official)] == [2, 2, 1]
    for who in ("provider", "investor", "assessor"):
        assert browse(getattr(bond, who)).get(url).status_code == 403
        assert browse(getattr(bond, who)).get(f"/invoices/{one.id}").status_code == 404


def test_what_is_late_is_said(bond, browse):
    settle(bond)
    url = f"/programmes/{bond.programme.id}/invoices"
    assert "late" not in soup(browse(bond.intermediary).get_ok(url)).select_one("tbody").text
    with clock.at(clock.local(date(2026, 12, 16), 12)):
        assert "late" in soup(browse(bond.intermediary).get_ok(url)).select_one("tbody").text


def test_the_treasury_says_which_payment_is_late(bond, browse):
    """The day after the last day of the invoice, and no more once it is paid."""
    own = statement_of(settle(bond), bond.enschede)
    url, due_on = f"/programmes/{bond.programme.id}/treasury", own.invoices[0].due_on

    def late(on):
        with clock.at(clock.local(on, 12)):
            rows = soup(browse(bond.intermediary).get_ok(url)).select("tbody tr")
        return [row.select_one("a").text for row in rows if row.select_one(".tone-bad")]

    mine, other = (grouped(one.reference) for one in (own, statement_of(own.settlement, bond.hengelo)))
    assert late(due_on) == []
    assert set(late(due_on + timedelta(days=1))) == {mine, other}
    with clock.at(clock.local(due_on, 12)):
        receive_payment(own, actor=bond.intermediary)
    assert late(due_on + timedelta(days=1)) == [other]


def cents(shown):
    return int("".join(sign for sign in shown if sign.isdigit()))


def test_what_happens_anyway_and_a_maximum_are_told_apart(app):
    """Three of 2,500.00, of which a fifth happens anyway: 3 x 2,000.00 = 6,000.00, and 5,000.00 is the maximum."""
    bond = make_delivery(table={"cap_contract_minor": 500_000})
    for _ in range(3):
        make_signed_off(bond, bond.enschede)
    own = statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)
    [row] = own.invoices[0].content["rows"]
    assert (row[1], [cents(one) for one in row[2:]]) == ("3", [250_000, 150_000, 100_000, 500_000])
    assert "In deze bedragen zit geen btw." in words_of(own.invoices[0])


def test_vat_of_the_rows_is_the_vat_of_the_invoice_and_how_it_is_rounded_is_said(app):
    """Net of VAT is rounded half up per line (replay/1): three of 2,000.00 hold 3 x 347.11 = 1,041.33, where the total
    alone would give 1,041.32."""
    bond = make_delivery(table={"vat_bp": 2_100})
    for _ in range(3):
        make_signed_off(bond, bond.enschede)
    own = statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)
    [invoice] = own.invoices
    assert sum(cents(row[-1]) for row in invoice.content["rows"]) == invoice.vat_minor == own.vat_minor == 104_133
    head = next(one.head for one in document_of(invoice).sections if one.rows)
    assert len(head) == len(invoice.content["rows"][0]) == 7
    assert invoice.content["vat_rate"] in words_of(invoice).split("Per effect")[1]


def test_the_addresses_of_both_stand_on_it(bond):
    """Art. 226(5): full name and address of the supplier and of the customer."""
    for who, street in ((bond.intermediary.organisations[0], "Kade 3"), (bond.enschede, "Plein 1")):
        who.street, who.postal_code, who.locality = street, "7511 AA", "Enschede"
    db.session.commit()
    own = statement_of(settle(bond), bond.enschede)
    assert "Kade 3, 7511 AA Enschede" in words_of(own.invoices[0]) and "Plein 1, 7511 AA" in words_of(own.invoices[0])


def test_vat_that_the_prices_hold_is_told_and_is_nobodys_return(app, browse):
    """Prices include VAT; investors receive net of it (replay/1, `vat_rate`): 2,000.00 holds 347.11 at 21 %."""
    bond = make_delivery(table={"vat_bp": 2_100})
    settlement = settle(bond)
    own = statement_of(settlement, bond.enschede)
    assert (own.amount_minor, own.vat_minor) == (200_000, 34_711)
    said = words_of(own.invoices[0])
    assert "1.652,89" in said and "347,11" in said and "21" in said
    books = balances(bond.programme.id)
    assert books[AccountKind.OUTCOME_INCOME, bond.enschede.id] == 165_289
    assert books[AccountKind.VAT, None] == 34_711 + 5_207
    receive_payment(own, amount_minor=100_000, actor=bond.intermediary)
    receive_payment(own, actor=bond.intermediary)
    receive_payment(statement_of(settlement, bond.hengelo), actor=bond.intermediary)
    assert free_minor(bond.programme.id) == 165_289 + 24_793
    assert sum(flow.amount for flow in real_flows(bond.programme, clock.today()).receipts) == 165_289 + 24_793
    assert faults() == []


def test_every_row_can_be_computed_again(bond):
    """How many times the price of one, less both deductions, is the amount of the row (art. 226(6) and (8)); the period
    says what it holds: also what was achieved before it and not settled yet."""
    settle(bond)
    for invoice in db.session.scalars(db.select(Invoice)):
        assert invoice.content["rows"]
        for _name, often, *amounts in invoice.content["rows"]:
            price, anyway, ceiling, amount = map(cents, amounts)
            assert int(often) * price - anyway - ceiling == amount
        assert "not settled before" in invoice.content["supplied"] or "eerder" in invoice.content["supplied"]
        assert invoice.digest in document_of(invoice).foot, "whole: sixteen signs prove nothing"


def test_the_auditor_opens_the_document_and_stands_in_the_trail(bond, browse):
    """Issue 6: an accountant finds nothing to ask. The document counts the effects of one municipality: who opened it
    is kept."""
    own = statement_of(settle(bond), bond.enschede)
    invoice, auditor = own.invoices[0], browse(bond.auditor)
    url = f"/invoices/{invoice.id}"
    for page in (f"/statements/{own.id}", f"/programmes/{bond.programme.id}/invoices"):
        assert f'href="{url}"' in auditor.get_ok(page).text
    assert auditor.get_ok(url).data.startswith(b"%PDF-") and len(recorded("invoice.read")) == 1
    assert browse(bond.neighbour).get(url).status_code == 404, "another municipality"
    assert len(recorded("invoice.read")) == 1
