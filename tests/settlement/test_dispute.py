"""A municipality disputes, the intermediary answers, a second confirms; a statement is never edited (issue 6)."""

import re
import uuid
from datetime import date

import pytest

from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.format import money
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind, TransferKind
from app.settlement.dispute_models import Dispute
from app.settlement.dispute_operations import answer_dispute, confirm_correction, dispute_statement, return_correction
from app.settlement.groups import groups_of
from app.settlement.invoicing import document_of
from app.settlement.queries import room
from app.settlement.states import DisputeState, InvoiceKind, SettlementState, StatementState
from app.treasury.account import approve_account, code_of, prepare_account
from app.treasury.operations import receive_payment
from tests.browser import soup
from tests.factories.bank import OWN
from tests.factories.ledger import transfers_of
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import with_password
from tests.factories.settlement import make_settlement, statement_of
from tests.told import recorded, told, words_told

JUNE = date(2026, 6, 30)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def statement(bond):
    """Enschede owes 2,000.00."""
    make_signed_off(bond, bond.enschede)
    return statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)


def dispute(bond, statement):
    return dispute_statement(statement, "One lives elsewhere.", actor=bond.official, once=uuid.uuid4())


def owed(bond):
    return balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.enschede.id]


def test_it_is_lowered_by_a_correcting_statement_and_a_credit_note(bond, statement, browse):
    official, desk, colleague = browse(bond.official), browse(bond.intermediary), browse(bond.colleague)
    page = f"/statements/{statement.id}"
    assert official.post_form(f"{page}/dispute", {"reason": "One lives elsewhere."}).status_code == 303
    db.session.refresh(statement)
    assert statement.state == StatementState.DISPUTED
    assert told("statement.dispute") == {bond.intermediary.email, bond.colleague.email}
    one = db.session.scalars(db.select(Dispute)).one()
    assert "One lives elsewhere." in desk.get_ok(page).text
    assert desk.post_form(f"/disputes/{one.id}/answer", {"answer": "You are right.", "lower": "500"}).status_code == 303
    assert owed(bond) == 200_000, "nothing is booked before a second person"
    assert desk.get(f"/disputes/{one.id}/confirm").status_code == 403, "who answered is not the second person"
    own = with_password(bond.colleague)
    assert colleague.post_form(f"/disputes/{one.id}/confirm", {"password": "no"}).status_code == 422
    assert colleague.post_form(f"/disputes/{one.id}/confirm", own).status_code == 303

    db.session.expire_all()
    assert (statement.amount_minor, statement.owed_minor) == (200_000, 150_000), "the statement itself never changes"
    assert (statement.state, one.state) == (StatementState.APPROVED, DisputeState.CORRECTED)
    kinds = [transfer.kind for transfer in transfers_of(statement)]
    assert kinds == [TransferKind.POSTED, TransferKind.REVERSAL, TransferKind.POSTED]
    assert owed(bond) == 150_000
    invoice, note = statement.invoices
    assert (note.kind, note.amount_minor, note.corrects) == (InvoiceKind.CREDIT_NOTE, 50_000, invoice)
    assert "€1,500.00" in words_told("dispute.confirm")
    assert "corrected, to be paid" in official.get_ok(page).text
    assert official.get(f"/invoices/{note.id}").data.startswith(b"%PDF-")
    assert recorded("dispute.confirm")[0]["lower"] == 50_000
    receive_payment(statement, actor=bond.intermediary)
    assert (statement.state, statement.settlement.state) == (StatementState.PAID, SettlementState.PAID)
    assert balances(bond.programme.id)[AccountKind.BANK, None] == 150_000
    assert faults() == []


def facts_under(page, heading):
    (title,) = [one for one in page.select("main h2") if one.text == heading]
    found = title.find_next("dl")
    return dict(zip((one.text for one in found.select("dt")), (one.text for one in found.select("dd")), strict=True))


def figures_on(page):
    """The key figures at the top, by their words."""
    found = soup(page).select("main .figures > div")
    return {one.select_one("dt").text: one.select_one("dd").text.strip() for one in found}


def booked_on(page):
    """What is said of each transfer that can be followed, without its day."""
    found = soup(page).select("main li:has(a[href^='/transfers/'])")
    return sorted(re.sub(r"\s+", " ", one.text).strip().rsplit(", ", 1)[0] for one in found)


def test_a_corrected_statement_begins_with_what_is_owed_now(app, browse):
    """At 21 % 2,000.00 holds 347.11 of VAT, and the 1,500.00 that is left of it 260.33: each amount that
    stands twice says which one was booked back."""
    bond = make_delivery(table={"vat_bp": 2_100})
    make_signed_off(bond, bond.enschede)
    statement = statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)
    official, page = browse(bond.official), f"/statements/{statement.id}"
    assert figures_on(official.get_ok(page))["To pay"] == "€2,000.00"
    one = dispute(bond, statement)
    answer_dispute(one, "You are right.", 50_000, actor=bond.intermediary)
    confirm_correction(one, actor=bond.colleague)
    receive_payment(statement, actor=bond.intermediary)
    shown = official.get_ok(page)
    figures = figures_on(shown)
    assert next(iter(figures)) == "Owed after correction" and "To pay" not in figures
    assert (figures["Owed after correction"], figures["Before correction"]) == ("€1,500.00", "€2,000.00")
    assert booked_on(shown) == sorted(
        [
            "Follow €1,652.89, owed by the municipality, booked back since",
            "Follow €347.11, owed by the municipality (VAT), booked back since",
            "Follow €1,652.89, booked back",
            "Follow €347.11, booked back (VAT)",
            "Follow €1,239.67, owed by the municipality",
            "Follow €260.33, owed by the municipality (VAT)",
            "Follow €1,500.00, received on the account",
        ]
    )
    listed = soup(official.get_ok(f"/settlements/{statement.settlement_id}"))
    assert "after correction €1,500.00" in listed.select_one("main").text


def test_who_disputes_reads_what_to_pay_meanwhile_and_then_what_is_left(bond, statement, browse):
    """2,000.00, of which 600.00 is paid while it is disputed and 500.00 is taken off: the reservation is 1,500.00 less,
    here and on the next statement, not 2,000.00."""
    official, page = browse(bond.official), f"/statements/{statement.id}"
    assert "Pay in time what is not disputed" not in official.get_ok(page).text
    one = dispute(bond, statement)
    shown = official.get_ok(page).text
    assert "Pay in time what is not disputed" in shown and "Owed after correction" not in shown
    assert f"/statements/{statement.id}" in browse(bond.intermediary).get_ok(f"/disputes/{one.id}/answer").text
    receive_payment(statement, None, 60_000, actor=bond.intermediary, once=uuid.uuid4())
    assert statement.state == StatementState.DISPUTED
    answer_dispute(one, "You are right.", 50_000, actor=bond.intermediary)
    confirm_correction(one, actor=bond.colleague)
    shown = official.get_ok(page)
    assert "Pay in time what is not disputed" not in shown.text
    reserved, before = room(statement)
    left = facts_under(soup(shown), "The reservation")
    assert before == 0 and left["This statement"] == "€2,000.00" and left["Corrected by"] == "-€500.00"
    assert left["Left of the reservation"] == money(reserved - 150_000, bond.programme.currency)
    assert facts_under(soup(shown), "Invoice and payment")["Still to be paid"] == "€900.00"
    make_signed_off(bond, bond.enschede, achieved_on=date(2026, 8, 1))
    following = statement_of(make_settlement(bond, date(2026, 9, 30), approved=True), bond.enschede)
    assert room(following) == (reserved, 150_000)


def test_it_may_stand(bond, statement, browse):
    one = dispute(bond, statement)
    answer = browse(bond.intermediary).post_form(f"/disputes/{one.id}/answer", {"answer": "It fits.", "lower": "0"})
    assert answer.status_code == 303
    db.session.refresh(statement)
    assert (statement.state, statement.owed_minor) == (StatementState.APPROVED, 200_000)
    assert "It fits." in words_told("dispute.confirm")
    again = dispute(bond, statement)
    assert again.state == DisputeState.RAISED, "it may be disputed once more, for another reason"


def test_money_that_comes_in_meanwhile_is_booked(bond, statement):
    one = dispute(bond, statement)
    receive_payment(statement, amount_minor=150_000, actor=bond.intermediary)
    assert statement.state == StatementState.DISPUTED
    with pytest.raises(Refused, match="€500"):
        answer_dispute(one, "All of it.", 50_001, actor=bond.intermediary)
    answer_dispute(one, "The rest.", 50_000, actor=bond.intermediary)
    confirm_correction(one, actor=bond.colleague)
    assert (statement.state, statement.settlement.state) == (StatementState.PAID, SettlementState.PAID)
    assert owed(bond) == 0
    assert faults() == []


def test_money_between_answer_and_confirmation_bars_it(bond, statement):
    one = dispute(bond, statement)
    answer_dispute(one, "Half of it.", 100_000, actor=bond.intermediary)
    receive_payment(statement, amount_minor=150_000, actor=bond.intermediary)
    with pytest.raises(Refused):
        confirm_correction(one, actor=bond.colleague)
    assert statement.owed_minor == 200_000


def test_a_correction_is_returned_and_answered_anew(bond, statement, browse):
    one = dispute(bond, statement)
    answer_dispute(one, "All.", 200_000, actor=bond.intermediary)
    with pytest.raises(Changed):
        confirm_correction(one, actor=bond.colleague, version=1)
    back = browse(bond.colleague).post_form(f"/disputes/{one.id}/return", {"reason": "Too much."})
    assert back.status_code == 303
    again = db.session.scalars(db.select(Dispute).filter_by(state=DisputeState.RAISED)).one()
    assert (again.reason, owed(bond)) == (one.reason, 200_000)
    assert "Too much." in words_told("dispute.return")
    answer_dispute(again, "Less.", 50_000, actor=bond.colleague)
    confirm_correction(again, actor=bond.intermediary)
    assert owed(bond) == 150_000


def test_only_when_it_is_owed_and_once_at_a_time(bond, statement, browse):
    dispute(bond, statement)
    with pytest.raises(NotNow):
        dispute(bond, statement)
    assert browse(bond.official).get(f"/statements/{statement.id}/dispute").status_code == 409
    make_signed_off(bond, bond.enschede, achieved_on=date(2026, 8, 1))
    fresh = make_settlement(bond, date(2026, 8, 31), checked=True).statements[0]
    with pytest.raises(NotNow):
        dispute(bond, fresh)


def test_who_may(bond, statement, browse):
    one = dispute(bond, statement)
    for act in (answer_dispute, return_correction):
        with pytest.raises((NotYours, NotNow)):
            act(one, "Mine.", actor=bond.official)
    for who, code in (("official", 403), ("auditor", 403), ("neighbour", 404), ("provider", 404), ("investor", 404)):
        assert browse(getattr(bond, who)).get(f"/disputes/{one.id}/answer").status_code == code
    assert browse(bond.neighbour).get(f"/statements/{statement.id}/dispute").status_code == 404
    assert browse(bond.intermediary).get(f"/statements/{statement.id}/dispute").status_code == 403


def test_no_national_number_and_nothing_lost(bond, statement, browse):
    typed = {"reason": "He, 123456782, moved."}
    answer = browse(bond.official).post_form(f"/statements/{statement.id}/dispute", typed)
    assert answer.status_code == 422
    assert "He, 123456782, moved." in answer.text
    with pytest.raises(Refused):
        dispute_statement(statement, typed["reason"], actor=bond.official, once=uuid.uuid4())


def choices_on(page):
    """What may be ticked, by its words: (value, ticked)."""
    boxes = soup(page).select("input[name=about]")
    return {box.find_next("label").text: (box["value"], box.has_attr("checked")) for box in boxes}


def test_a_dispute_and_its_answer_name_the_lines_that_they_are_about(bond, browse):
    """An amount with words alone leaves an accountant to guess of what it was taken off (issue 6)."""
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.enschede, "days", quantity=30)
    make_signed_off(bond, bond.hengelo, "days", quantity=20)
    statement = statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)
    official, desk = browse(bond.official), browse(bond.intermediary)
    path = f"/statements/{statement.id}"
    offered = choices_on(official.get_ok(f"{path}/dispute"))
    work, days = sorted(offered, key=lambda words: "€10.00" in words)
    assert len(offered) == 2, "those of Hengelo are not its own"
    assert "to pay €2,000.00" in work and "to pay €300.00" in days
    typed = {"reason": "Ten days too many.", "about": [offered[days][0]]}
    assert official.post_form(f"{path}/dispute", typed).status_code == 303
    one = db.session.scalars(db.select(Dispute)).one()
    answer = f"/disputes/{one.id}/answer"
    assert {words for words, (_value, ticked) in choices_on(desk.get_ok(answer)).items() if ticked} == {days}
    typed = {"answer": "So it is.", "lower": "100", "about": [offered[days][0]]}
    assert desk.post_form(answer, typed).status_code == 303
    assert days in browse(bond.colleague).get_ok(f"/disputes/{one.id}/confirm").text
    db.session.expire_all()
    confirm_correction(one, actor=bond.colleague)
    for browser in (official, desk):
        notices = [one.text for one in soup(browser.get_ok(path)).select("main .notice")]
        (shown,) = [one for one in notices if "Ten days too many." in one]
        assert shown.count(days) == 2 and work not in shown
    assert days not in browse(bond.auditor).get_ok(path).text, "who reads no effects of it reads none here"
    _invoice, note = statement.invoices
    (about,) = note.content["about"]
    assert about.startswith(days.split(",")[0]) and "300,00" in about, "in the language of the document"
    assert [about] in [section.paragraphs for section in document_of(note).sections]
    assert faults() == []


def test_only_lines_of_the_statement_are_named(bond, statement):
    """Nor those of the same municipality in another settlement."""
    make_signed_off(bond, bond.enschede, achieved_on=date(2026, 8, 1))
    following = statement_of(make_settlement(bond, date(2026, 8, 31), approved=True), bond.enschede)
    (other,) = [str(one.id) for one in groups_of(following.settlement_id)]
    for named in (other, str(uuid.uuid4())):
        with pytest.raises(Refused, match="from the list"):
            dispute_statement(statement, "Not mine.", [named], actor=bond.official, once=uuid.uuid4())
    one = dispute_statement(following, "Mine.", [other], actor=bond.official, once=uuid.uuid4())
    with pytest.raises(Refused, match="from the list"):
        answer_dispute(one, "Not that.", 1, [str(uuid.uuid4())], actor=bond.intermediary)


def to_pay(page):
    """The amount that stands under How to pay; None where nothing is to be paid now."""
    names = [one for one in soup(page).select("main dt") if one.text.strip() == "Amount"]
    box = next((one.find_parent(class_="notice") for one in names if one.find_parent(class_="notice")), None)
    return box and next(one.find_next("dd").text.strip() for one in names if one.find_parent(class_="notice") is box)


def test_what_is_not_disputed_is_the_amount_to_pay_now(bond, browse):
    """Of 2,300.00 lines of 300.00 are disputed: 2,000.00 is to be paid now, and after that nothing until the answer."""
    named = prepare_account(bond.programme, "Stichting SIB", OWN, actor=bond.intermediary, once=uuid.uuid4())
    approve_account(named, code_of(named), "Ines", actor=bond.colleague)
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.enschede, "days", quantity=30)
    statement = statement_of(make_settlement(bond, JUNE, approved=True), bond.enschede)
    official, path = browse(bond.official), f"/statements/{statement.id}"
    assert to_pay(official.get_ok(path)) == "€2,300.00"
    offered = choices_on(official.get_ok(f"{path}/dispute"))
    days = next(value for words, (value, _ticked) in offered.items() if "€300.00" in words)
    typed = {"reason": "Ten days too many.", "about": [days]}
    assert official.post_form(f"{path}/dispute", typed).status_code == 303
    page = official.get_ok(path)
    assert to_pay(page) == "€2,000.00"
    assert "Disputed, not to be paid now" in page.text and "€300.00" in page.text
    receive_payment(statement, amount_minor=200_000, actor=bond.intermediary)
    page = official.get_ok(path)
    assert statement.outstanding_minor == 30_000 and to_pay(page) is None
    assert "What is not disputed is paid" in page.text
    one = db.session.scalars(db.select(Dispute)).one()
    answer_dispute(one, "It stands.", actor=bond.intermediary)
    db.session.expire_all()
    assert to_pay(official.get_ok(path)) == "€300.00"


def test_a_dispute_without_lines_does_not_say_how_much(bond, statement, browse):
    dispute_statement(statement, "Not ours.", actor=bond.official, once=uuid.uuid4())
    page = browse(bond.official).get_ok(f"/statements/{statement.id}").text
    assert "Disputed, not to be paid now" not in page and "Pay in time what is not disputed" in page
