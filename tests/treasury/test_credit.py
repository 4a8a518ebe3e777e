"""What a municipality pays too much stays owed to it: set off against what it owes, or paid back by two people; a bond
does not close over it.

Source: issue 6 (every receipt has its cause; close of the bond to zero). Amounts by hand.
"""

import io
import uuid
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.ledger.balances import balances, bank_minor, owed_to_payers
from app.ledger.models import AccountKind
from app.settlement.states import StatementState
from app.treasury.closing_checks import in_the_way
from app.treasury.credits import credits_of
from app.treasury.holding_files import parts_of, statement_document
from app.treasury.in_hand import free_minor
from app.treasury.other_receipt_operations import book_other_receipt, set_off
from app.treasury.queries import holding
from app.treasury.remittance_operations import (
    approve_remittance,
    payable_back,
    prepare_remittance,
    reject_remittance,
)
from app.treasury.states import OtherReceiptKind, RemittanceKind
from tests.browser import soup
from tests.factories.ledger import book, book_faults
from tests.factories.people import with_password
from tests.factories.treasury import fund, make_funded, owe, pay_cost
from tests.told import told

OVERPAID, VAT_BACK, COSTS_BACK = OtherReceiptKind
NOTHING_OWED = "Nothing is owed back to a municipality or an investor"


@pytest.fixture
def bond(app):
    return make_funded()


def came_in(bond, minor, kind=OVERPAID, of=None):
    facts = (of or bond.enschede, minor, clock.today(), "It says so on the statement of the bank.")
    return book_other_receipt(bond.programme, kind, *facts, actor=bond.intermediary, once=uuid.uuid4())


def pay_back(bond, minor):
    kind = RemittanceKind.PAYER_BACK
    return prepare_remittance(bond.programme, kind, minor, actor=bond.intermediary, once=uuid.uuid4())


def credit(bond, of=None):
    return balances(bond.programme.id).get((AccountKind.PAYER_CREDIT, (of or bond.enschede).id), 0)


def test_what_is_paid_too_much_is_promised_to_nobody_else(bond):
    """1,050.00 for 1,000.00: 50.00 is on the account, and neither for costs nor for investors."""
    fund(bond, 30_000_000)
    came_in(bond, 5_000)
    assert (bank_minor(bond.programme.id), free_minor(bond.programme.id)) == (30_005_000, 30_000_000)
    assert credit(bond) == 5_000
    assert NOTHING_OWED in {str(one.label) for one in in_the_way(bond.programme)}
    assert told("other_receipt.book") >= {bond.official.email, bond.colleague.email}
    assert book_faults() == []


def test_it_is_set_off_against_the_next_statement_in_part(bond, browse):
    """50.00 owed back, 30.00 asked now: 20.00 is left, and is set off against the one after that."""
    came_in(bond, 5_000)
    first, _hengelo = owe(bond, 3_000, 700)
    page = browse(bond.intermediary).get_ok(f"/statements/{first.id}/set-off")
    assert "30.00" in page.text
    wrong = browse(bond.intermediary).post_form(f"/statements/{first.id}/set-off", {"password": "no"})
    assert wrong.status_code == 422 and credit(bond) == 5_000
    own = with_password(bond.intermediary)
    answer = browse(bond.intermediary).post_form(f"/statements/{first.id}/set-off", own)
    assert answer.status_code == 303
    db.session.expire_all()
    assert (first.state, first.outstanding_minor, credit(bond)) == (StatementState.PAID, 0, 2_000)
    assert bank_minor(bond.programme.id) == 5_000, "no money moved"
    (second,) = owe(bond, 9_000)
    set_off(second, actor=bond.intermediary, once=(once := uuid.uuid4()))
    set_off(second, actor=bond.intermediary, once=once)
    assert (second.state, second.outstanding_minor, credit(bond)) == (StatementState.PARTLY_PAID, 7_000, 0)
    with pytest.raises(NotNow, match="Nothing is owed"):
        set_off(second, actor=bond.intermediary, once=uuid.uuid4())
    assert bond.official.email in told("statement.set_off")
    assert book_faults() == []


def test_an_investor_reads_what_is_owed_back_to_it_and_when_it_was_paid_back(bond, browse):
    """And nobody else's: 50.00 to this investor, 7.00 to another, 3.00 to a municipality."""
    mine, other = (user.organisations[0] for user in (bond.investor, bond.second))
    url = f"/programmes/{bond.programme.id}/holding"
    assert "Paid too much" not in browse(bond.investor).get_ok(url).text
    for of, minor in ((mine, 5_000), (other, 700), (bond.enschede, 300)):
        came_in(bond, minor, of=of)

    def table(user):
        found = [one for one in soup(browse(user).get_ok(url)).select("table") if "Paid too much" in one.caption.text]
        return [[cell.text.strip() for cell in row.select("td, th")] for row in found[0].select("tbody tr, tfoot tr")]

    (came, owed) = table(bond.investor)
    assert came[2] == "€50.00" and owed[-1] == "€50.00"
    assert [row[-1] for row in table(bond.second)] == ["€7.00", "€7.00"]
    approve_remittance(pay_back(bond, 6_000), actor=bond.colleague)
    _came, back, owed = table(bond.investor)
    assert (back[2], owed[-1]) == ("-€50.00", "€0.00") and "paid back" in back[1] and back[0]
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/credits").text
    assert "Owed back" in page and "Owed to municipalities" not in page


def test_the_files_of_a_holding_say_what_its_page_says_of_money_paid_too_much(bond, browse):
    """50.00 too much of one investor, 7.00 of another; then both are paid back. Who never paid too much reads nothing
    of it, and nobody reads of another. In the language of the reader."""
    url = f"/programmes/{bond.programme.id}/holding/statement"

    def rows(user, name="Owed back"):
        book = CalamineWorkbook.from_filelike(io.BytesIO(browse(user).get_ok(f"{url}.xlsx").data))
        return book.get_sheet_by_name(name).to_python()[1:] if name in book.sheet_names else None

    assert rows(bond.investor) is None
    for of, minor in ((bond.investor, 5_000), (bond.second, 700)):
        came_in(bond, minor, of=of.organisations[0])
    came, owed = rows(bond.investor)
    assert (came[0], came[2], owed[2]) == (clock.today(), 50, 50) and "Owed back now" in owed[0]
    assert [row[2] for row in rows(bond.second)] == [7, 7]
    approve_remittance(pay_back(bond, 5_700), actor=bond.colleague)
    assert [row[2] for row in rows(bond.investor)] == [50, -50, 0] and "paid back" in rows(bond.investor)[1][1]
    mine = bond.investor.organisations[0]
    held, back = holding(bond.programme, mine), credits_of(bond.programme, frozenset({mine.id}))
    words = str(statement_document(bond.programme, held, parts_of(bond.programme, held, [], [], (), back)))
    assert "Owed back" in words and "€50.00" in words and "-€50.00" in words and "€7.00" not in words
    assert browse(bond.investor).get_ok(f"{url}.pdf").data.startswith(b"%PDF-")
    bond.investor.locale = "nl"
    db.session.commit()
    assert [row[2] for row in rows(bond.investor, "Terug te betalen")] == [50, -50, 0]


def test_what_is_owed_to_one_pays_nothing_of_another(bond):
    came_in(bond, 5_000)
    _enschede, hengelo = owe(bond, 3_000, 700)
    with pytest.raises(NotNow, match="Nothing is owed"):
        set_off(hengelo, actor=bond.intermediary, once=uuid.uuid4())


def test_it_is_paid_back_whole_and_by_two(bond):
    came_in(bond, 5_000)
    came_in(bond, 700, of=bond.hengelo)
    with pytest.raises(Refused, match=r"57\.00"):
        pay_back(bond, 5_000)
    made = pay_back(bond, 5_700)
    assert [(part.receiver, part.amount_minor) for part in made.parts] == [("Enschede", 5_000), ("Hengelo", 700)]
    assert owed_to_payers(bond.programme.id) == {}, "it is set aside"
    (first,) = owe(bond, 3_000)
    with pytest.raises(NotNow, match="Nothing is owed"):
        set_off(first, actor=bond.intermediary, once=uuid.uuid4())  # it is not given twice
    with pytest.raises(NotYours):
        approve_remittance(made, actor=bond.intermediary)
    reject_remittance(made, "First set off.", actor=bond.colleague)
    assert owed_to_payers(bond.programme.id) == {bond.enschede.id: 5_000, bond.hengelo.id: 700}
    set_off(first, actor=bond.intermediary, once=uuid.uuid4())
    made = pay_back(bond, 2_700)
    approve_remittance(made, actor=bond.colleague)
    assert (bank_minor(bond.programme.id), credit(bond), credit(bond, bond.hengelo)) == (3_000, 0, 0)
    assert NOTHING_OWED not in {str(one.label) for one in in_the_way(bond.programme)}
    assert book_faults() == []


def test_whom_the_money_reaches_is_paid_back_though_not_all_can_be(bond, browse):
    """60.00 and 7.00 are owed, 50.00 of it was spent as the bond's own (a closing statement does so): 17.00 is there.
    Hengelo gets its 7.00; Enschede, which cannot be paid whole, nothing yet, and the desk reads why."""
    owe_back(bond, bond.enschede, 5_000)
    came_in(bond, 1_000)
    came_in(bond, 700, of=bond.hengelo)
    assert payable_back(bond.programme) == {bond.hengelo.id: 700}
    page = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/credits").text
    assert "The account holds €17.00" in page and "remittances/payer_back/prepare" in page
    shown = browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/remittances/payer_back/prepare").text
    assert "Not everybody can be paid back now" in shown
    with pytest.raises(Refused, match=r"7\.00"):
        pay_back(bond, 1_700)
    made = pay_back(bond, 700)
    assert [(part.receiver, part.amount_minor) for part in made.parts] == [("Hengelo", 700)]
    approve_remittance(made, actor=bond.colleague)
    with pytest.raises(NotNow, match=r"holds €10\.00"):
        pay_back(bond, 6_000)
    came_in(bond, 5_000)  # the account holds 60.00 now, and 110.00 is owed to Enschede
    with pytest.raises(NotNow, match="The account holds"):
        pay_back(bond, 11_000)


def owe_back(bond, to, minor):
    """Booked as a closing statement below zero books it: no money comes in."""
    sides = (AccountKind.OUTCOME_INCOME, None), (AccountKind.PAYER_CREDIT, to.id)
    book(*sides, minor, programme=bond.programme, actor=bond.intermediary)


def test_a_provider_pays_costs_back_and_no_more_than_it_had(bond):
    """50,000.00 paid to it; what it pays back can be distributed, or paid back to a municipality."""
    fund(bond, 30_000_000)
    pay_cost(bond, 5_000_000)
    provider = bond.provider_organisation
    with pytest.raises(Refused, match=r"50,000\.00"):
        came_in(bond, 5_000_001, COSTS_BACK, provider)
    came_in(bond, 1_000_000, COSTS_BACK, provider)
    assert balances(bond.programme.id)[AccountKind.RUNNING_COSTS, provider.id] == 4_000_000
    assert free_minor(bond.programme.id) == 26_000_000
    assert book_faults() == []


def test_who_has_no_such_part_in_the_bond_is_refused(bond):
    for kind, of in ((OVERPAID, bond.provider_organisation), (COSTS_BACK, bond.enschede), (VAT_BACK, bond.enschede)):
        with pytest.raises(Refused, match="Choose who paid it"):
            came_in(bond, 100, kind, of)
    facts = (bond.enschede, 100, clock.today() + timedelta(days=1), "Tomorrow")
    with pytest.raises(Refused, match="still to come"):
        book_other_receipt(bond.programme, OVERPAID, *facts, actor=bond.intermediary, once=uuid.uuid4())
    facts = (None, 100, clock.today(), "The tax authority owes nothing.")
    with pytest.raises(Refused, match="At most"):
        book_other_receipt(bond.programme, VAT_BACK, *facts, actor=bond.intermediary, once=uuid.uuid4())


def test_the_pages(bond, browse):
    """The desk books it; a municipality reads its own, the auditor all, an outsider nothing."""
    typed = {"source": f"overpaid:{bond.enschede.id}", "amount": "50.00", "description": "Wrote 1,050 for 1,000."}
    url = f"/programmes/{bond.programme.id}/other-receipts/book"
    wrong = browse(bond.intermediary).post_form(url, typed | {"source": ""})
    assert wrong.status_code == 422 and "Wrote 1,050" in wrong.text
    assert browse(bond.intermediary).post_form(url, typed).status_code == 422, "no password"
    own = with_password(bond.intermediary)
    assert browse(bond.intermediary).post_form(url, typed | own).status_code == 303
    came_in(bond, 77_700, of=bond.hengelo)
    page = f"/programmes/{bond.programme.id}/credits"
    for reader, sees in ((bond.intermediary, True), (bond.neighbour, True), (bond.official, False)):
        text = browse(reader).get_ok(page).text
        assert ("777.00" in text) is sees, reader.name
    assert "50.00" in browse(bond.official).get_ok(page).text
    assert browse(bond.provider).get(page).status_code in (403, 404)
    assert browse(bond.official).get(url).status_code == 403
