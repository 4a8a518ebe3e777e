"""The books to read: journal, ledger accounts, trial balance, and the files of them.

Rules: each transfer is debited and credited once, so that a trial balance comes to zero (double entry); what is
pending or voided is in no balance; the intermediary and the auditor read all, another party its own accounts; a page
costs the same with a thousand transfers.
"""

import csv
import io
import uuid
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import current_app
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import insert, select

from app.access.actions import Action
from app.core import clock
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.treasury import operations
from app.treasury.journal import Asked, ledger_account
from app.treasury.models import BookAccount
from app.treasury.trial_balance import trial_balance
from tests.browser import soup
from tests.factories.people import make_user
from tests.factories.treasury import fund, make_funded, owe, pay_cost
from tests.statements import counted
from tests.told import recorded
from tests.treasury.test_distribution import distribute

TODAY = date(2028, 5, 6)


@pytest.fixture
def bond(app):
    """Three days: capital comes in, costs go out, a municipality owes."""
    made = make_funded()
    with clock.at(clock.local(TODAY - timedelta(days=20), 12)):
        fund(made, 30_000_000)
    with clock.at(clock.local(TODAY - timedelta(days=10), 12)):
        pay_cost(made, 1_234_500)
    with clock.at(clock.local(TODAY, 9)):
        owe(made, 777_700)
        wait(made, 55_500)
    with clock.at(clock.local(TODAY, 12)):
        yield made


def wait(bond, minor):
    return operations.prepare_cost(
        bond.programme, bond.provider_organisation, minor, "Food", actor=bond.intermediary, once=uuid.uuid4()
    )


def account(bond, kind, organisation=None):
    of = organisation.id if organisation else None
    return db.session.scalars(
        select(BookAccount).filter_by(programme_id=bond.programme.id, kind=kind, organisation_id=of)
    ).one()


def cells(page, table=0):
    body = soup(page).select("main table")[table].select("tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in body]


def place(bond, what, **asked):
    return f"/programmes/{bond.programme.id}/{what}?" + "&".join(f"{name}={value}" for name, value in asked.items())


# --- What the pages say ----------------------------------------------------------------------------------------------


def test_the_trial_balance_of_today_and_of_a_day_before(bond, browse):
    desk = browse(bond.intermediary)
    now = {row[0]: row[1:] for row in cells(desk.get_ok(place(bond, "trial-balance")))}
    assert now["bank account of the bond"] == ["€300,000.00", "€12,345.00", "€287,655.00", "–"]
    assert now["receivable from the municipality"] == ["€7,777.00", "€0.00", "€7,777.00", "–"]
    page = desk.get_ok(place(bond, "trial-balance", on=TODAY - timedelta(days=11)))
    assert [row[0] for row in cells(page)] == ["bank account of the bond", "capital of the investor"]
    foot = [cell.text for cell in soup(page).select("main tfoot td")]
    assert foot == ["€300,000.00"] * 4
    assert "both sides are equal" in page.text


def test_a_ledger_account_opens_runs_and_closes(bond, browse):
    bank = account(bond, AccountKind.BANK)
    day = TODAY - timedelta(days=10)
    page = browse(bond.auditor).get_ok(f"/ledger-accounts/{bank.id}?since={day}&until={day}")
    figures = {one.dt.text: one.dd.text for one in soup(page).select("main .figure")}
    assert figures["Opening balance"] == "€300,000.00 debit"
    assert figures["Closing balance"] == "€287,655.00 debit"
    pending, posted = sorted(cells(page), key=lambda row: row[4] == "posted")  # booked at one moment
    assert pending[4] == "was pending, posted since" and pending[6] == "€12,345.00 not counted"
    assert posted[4] == "posted" and "€287,655.00 debit" in (pending[7], posted[7])


def test_pending_and_voided_are_shown_as_such_and_counted_nowhere(bond, browse):
    voided = wait(bond, 66_600)
    operations.reject_cost(voided, "Not now", actor=bond.colleague)
    desk = browse(bond.intermediary)
    shown = {(row[4], row[5]) for row in cells(desk.get_ok(place(bond, "journal", since=TODAY)))}
    assert ("€555.00", "pending counts nowhere") in shown
    assert ("€666.00", "was pending, voided since counts nowhere") in shown
    assert ("€666.00", "voided counts nowhere") in shown
    page = desk.get_ok(f"/ledger-accounts/{account(bond, AccountKind.BANK).id}").text
    assert "€287,655.00 debit" in page and "not counted" in page


def test_the_journal_by_account_party_days_and_order(bond, browse):
    desk = browse(bond.intermediary)
    assert len(cells(desk.get_ok(place(bond, "journal")))) == 6
    owed = cells(desk.get_ok(place(bond, "journal", account="receivable")))
    assert [row[4] for row in owed] == ["€7,777.00"] and "Enschede" in owed[0][2]
    assert len(cells(desk.get_ok(place(bond, "journal", party=bond.provider_organisation.name)))) == 3
    assert len(cells(desk.get_ok(place(bond, "journal", until=TODAY - timedelta(days=20))))) == 2
    old, new = (cells(desk.get_ok(place(bond, "journal", order=order))) for order in ("", "newest"))
    assert [row[0] for row in new] == [row[0] for row in reversed(old)]
    wrong = desk.get_ok(place(bond, "journal", since="soon"))
    assert "“soon” is not a day" in wrong.text and len(cells(wrong)) == 6


def test_a_day_that_no_bond_has_is_left_out(bond, browse):
    desk = browse(bond.intermediary)
    for typed in ("0001-01-01", "9999-12-31", "2031-02-30", "x" * 300):
        assert "is not a day" in desk.get_ok(place(bond, "journal", until=typed)).text
        assert "is not a day" in desk.get_ok(place(bond, "trial-balance", on=typed)).text


def test_each_line_leads_to_what_caused_it(bond, browse):
    desk = browse(bond.intermediary)
    row = soup(desk.get_ok(place(bond, "journal", account="receivable"))).select_one("main tbody tr")
    (number, cause) = (row.select_one("th a"), row.select("td")[-1].a)
    assert number["href"] == cause["href"] and "statement of a municipality" in cause.text
    assert "Follow this cent" in desk.get_ok(number["href"]).text


# --- What must hold whatever is booked -------------------------------------------------------------------------------

KINDS = st.sampled_from([one for one in AccountKind if one != AccountKind.RESULT])
POSTING = st.tuples(
    st.tuples(KINDS, KINDS).filter(lambda pair: pair[0] != pair[1]),
    st.integers(1, 10**9),
    st.sampled_from([TransferKind.POSTED, TransferKind.PENDING, TransferKind.CLOSING]),
    st.integers(0, 24 * 20 * 60),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(POSTING, min_size=1, max_size=70), st.integers(0, 21), st.booleans())
def test_a_trial_balance_is_zero_and_running_balances_are_what_is_kept(both, postings, days, newest):
    """Random postings on both sides of midnights: on each day the sides are equal, and the last entry of an account
    leaves just what is kept of it, as what the transfers themselves add up to."""
    laid, user = SimpleNamespace(id=uuid.uuid4()), make_user()
    accounts = {kind: Account(programme_id=laid.id, kind=kind) for kind in AccountKind}
    db.session.add_all(accounts.values())
    db.session.flush()
    start, on = clock.local(date(2031, 3, 20)), date(2031, 3, 19) + timedelta(days=days)
    facts = {"programme_id": laid.id, "entered_by_id": user.id, "cause_type": "user", "cause_id": user.id}
    rows = [
        facts
        | {"id": uuid.uuid4(), "debit_id": accounts[debit].id, "credit_id": accounts[credit].id, "kind": kind}
        | {"amount_minor": minor, "created_at": start + timedelta(minutes=minutes), "reference": ""}
        for (debit, credit), minor, kind, minutes in postings
    ]
    db.session.execute(insert(Transfer), rows)
    with at_page(1):
        found = trial_balance(laid, on, None)
    assert found.total.debit == found.total.credit and found.total_on_debit == found.total_on_credit
    standing = {one.kind: one.turnover.balance for one in found.lines}
    ends = clock.end_of(on)
    counts = [row for row in rows if row["kind"] != TransferKind.PENDING and row["created_at"] < ends]
    for kind, one in accounts.items():
        signed = sum(
            row["amount_minor"] * ((row["debit_id"] == one.id) - (row["credit_id"] == one.id)) for row in counts
        )
        assert standing.get(kind, 0) == signed
        with at_page(1):
            book = ledger_account(one, Asked(until=on, newest=newest), None)
        assert book.closing == signed and book.opening == 0
        if book.page.rows and book.page.pages == 1:
            assert book.page.rows[0 if newest else -1].balance == signed
    db.session.rollback()


def test_running_balances_go_on_over_pages_and_equal_the_balance(bond):
    """The second page begins with what the first one ended with, also where a minute holds more than a page."""
    with clock.at(clock.local(TODAY, 11)):
        for n in range(60):
            pay_cost(bond, 100 + n)
    bank = account(bond, AccountKind.BANK)
    whole, balance = [], 0
    for page in (1, 2, 3):
        with at_page(page):
            whole += ledger_account(bank, Asked(), None).page.rows
    assert len(whole) == 2 + 2 + 1 + 120
    for one in whole:
        sign = 1 if one.transfer.debit_id == bank.id else -1
        balance += sign * one.transfer.amount_minor * one.counts
        assert one.balance == balance
    assert balance == balances(bond.programme.id)[AccountKind.BANK, None]


def at_page(number):
    return current_app.test_request_context(f"/?page={number}")


# --- Who reads what --------------------------------------------------------------------------------------------------


def test_the_desk_and_the_auditor_read_all(bond, browse):
    for who in (bond.intermediary, bond.auditor):
        names = {row[1] for row in cells(browse(who).get_ok(place(bond, "trial-balance")), 1)}
        assert {bond.investor.organisations[0].name, bond.second.organisations[0].name, "Enschede"} <= names


@pytest.mark.parametrize("who", ["investor", "official", "provider"])
def test_another_party_reads_its_own_accounts_and_no_amount_of_another(bond, browse, who):
    with clock.at(clock.local(TODAY, 11)):
        owe(bond, 8_800, 9_900)
        distribute(bond, reserve=25_000_000)
    person = getattr(bond, who)
    own = {one.id for one in person.organisations}
    reader = browse(person)
    mine = db.session.scalars(select(Account).where(Account.organisation_id.in_(own))).unique().all()
    others = select(Account).where(Account.programme_id == bond.programme.id, Account.organisation_id.not_in(own))
    for page in (reader.get_ok(place(bond, "trial-balance")), reader.get_ok(place(bond, "journal"))):
        for one in db.session.scalars(others).unique():
            assert one.organisation.name not in soup(page).select_one("main").text
            assert str(one.id) not in page.text
    rows = cells(reader.get_ok(place(bond, "trial-balance")))
    assert len(rows) == len(mine) and {row[1] for row in rows} == {person.organisations[0].name}
    listed = {link["href"] for link in soup(reader.get_ok(place(bond, "journal"))).select("main tbody th a")}
    of_mine = [one.id for one in mine]
    moved = select(Transfer.id).where(Transfer.debit_id.in_(of_mine) | Transfer.credit_id.in_(of_mine))
    moved = moved.where(Transfer.kind.not_in([TransferKind.PENDING, TransferKind.VOID_PENDING]))
    assert listed == {f"/transfers/{id}" for id in db.session.scalars(moved)}
    for one in db.session.scalars(others).unique():
        assert reader.get(f"/ledger-accounts/{one.id}").status_code == 404
    assert reader.get(f"/ledger-accounts/{account(bond, AccountKind.BANK).id}").status_code == 404
    reader.get_ok(f"/ledger-accounts/{mine[0].id}")
    told = reader.get_ok(place(bond, "journal.csv")).text
    assert len(told.strip().splitlines()) == 1 + len(listed)
    assert not any(one.organisation.name in told for one in db.session.scalars(others).unique())


def test_what_waits_for_a_second_person_is_not_told_to_whom_it_is_for(bond, browse):
    page = browse(bond.provider).get_ok(place(bond, "journal"))
    assert [row[4] for row in cells(page)] == ["€12,345.00"]
    assert "555.00" not in page.text


PLACES = ["journal", "trial-balance", "journal.csv", "journal.xlsx", "trial-balance.csv", "trial-balance.xlsx"]


def test_nobody_else_reads_any_of_it(bond, browse):
    for what in PLACES:
        for who in (bond.assessor, make_user()):
            assert browse(who).get(place(bond, what)).status_code == 403
        assert "/login" in browse().get(place(bond, what)).headers["Location"]


def test_the_bond_leads_its_parties_to_the_books(bond, browse):
    for who in ("intermediary", "auditor", "investor", "provider", "official"):
        page = browse(getattr(bond, who)).get_ok(f"/programmes/{bond.programme.id}")
        assert soup(page).select_one(f"a[href='/programmes/{bond.programme.id}/trial-balance']")
    assert "trial-balance" not in browse().get_ok(f"/programmes/{bond.programme.id}").text


# --- The files -------------------------------------------------------------------------------------------------------


def sheet(answer, name):
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_name(name).to_python()


def read_csv(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def money(text):
    return None if text == "–" else Decimal(text.replace("€", "").replace(",", ""))


def test_files_of_the_trial_balance_equal_the_page(bond, browse):
    desk = browse(bond.intermediary)
    page = desk.get_ok(place(bond, "trial-balance", on=TODAY))
    shown = [[row[0], *map(money, row[1:])] for row in cells(page)]
    rows = sheet(desk.get_ok(place(bond, "trial-balance.xlsx", on=TODAY)), "Trial balance")[1 : 1 + len(shown)]
    read = read_csv(desk.get_ok(place(bond, "trial-balance.csv", on=TODAY)))
    assert [[row[0], *(Decimal(str(cell)) for cell in row[1:])] for row in rows] == [
        [row[0], *(cell or Decimal(0) for cell in row[1:])] for row in shown
    ]
    mine = [row for row in read if row["Table"] == "Trial balance"]
    assert [[row["Account"], Decimal(row["Debit"]), Decimal(row["Credit"])] for row in mine[:-1]] == [
        row[:3] for row in shown
    ]
    assert mine[-1]["Account"] == "Total" and mine[-1]["Debit"] == mine[-1]["Credit"]
    parties = [row for row in read if row["Table"] == "Per party"]
    assert [[row["Account"], row["Party"], Decimal(row["Debit"])] for row in parties] == [
        [row[0].split(",")[0].strip(), row[1], money(row[2])] for row in cells(page, 1)
    ]


def test_files_of_the_journal_equal_the_page_and_sum_to_the_trial_balance(bond, browse):
    desk = browse(bond.intermediary)
    shown = cells(desk.get_ok(place(bond, "journal")))
    head, *rows = sheet(desk.get_ok(place(bond, "journal.xlsx")), "Journal")[: 1 + len(shown)]
    read = read_csv(desk.get_ok(place(bond, "journal.csv")))
    rows = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(row["Transfer"][:8], Decimal(str(row["Amount"]))) for row in rows] == [
        (row[0], money(row[4])) for row in shown
    ]
    assert rows[0]["Day"] == TODAY - timedelta(days=20)
    assert [(row["Transfer"], row["Day"], row["Amount"]) for row in read] == [
        (row["Transfer"], str(row["Day"]), f"{row['Amount']:.2f}") for row in rows
    ]
    moved = [row for row in read if row["Counted"] != "0.00"]
    assert sum(Decimal(row["Counted"]) for row in moved) == Decimal(30_000_000 + 1_234_500 + 777_700) / 100
    assert {row["State"] for row in moved} == {"posted"}


def test_no_cell_is_a_formula(bond, browse):
    name = '=HYPERLINK("http://evil.example")'
    bond.provider_organisation.name = name
    db.session.commit()
    desk = browse(bond.intermediary)
    assert f"'{name}" in {row["Debit party"] for row in read_csv(desk.get_ok(place(bond, "journal.csv")))}
    answer = desk.get_ok(place(bond, "journal.xlsx"))
    assert name in {cell for row in sheet(answer, "Journal") for cell in row}
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        sheets = [parts.read(one).decode() for one in parts.namelist() if "worksheets/" in one]
    assert sheets and not any("<f>" in one or "hyperlink " in one for one in sheets)


def test_every_download_stands_in_the_trail(bond, browse):
    for what in PLACES[2:]:
        browse(bond.auditor).get_ok(place(bond, what, since=TODAY, on=TODAY))
    found = [(one["file"], one["until"], one["rows"]) for one in recorded(Action.LEDGER_EXPORT)]
    held = [(None, 2), (None, 2), (str(TODAY), 11), (str(TODAY), 11)]
    assert found == [(name, *rest) for name, rest in zip(PLACES[2:], held, strict=True)]


def test_more_than_a_file_holds_is_refused_in_words(bond, browse, monkeypatch):
    monkeypatch.setattr("app.treasury.book_files.MOST", 5)
    answer = browse(bond.intermediary).get(place(bond, "journal.csv"))
    assert answer.status_code == 409 and "choose fewer days" in answer.text
    assert recorded(Action.LEDGER_EXPORT) == []


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_a_hundred_more_transfers_cost_no_more_statements(bond, browse):
    desk, investor = browse(bond.intermediary), browse(bond.investor)
    bank = account(bond, AccountKind.BANK)
    pages = [
        (desk, place(bond, "journal", order="newest")),
        (desk, place(bond, "journal", account="bank", party="e")),
        (desk, place(bond, "trial-balance")),
        (desk, f"/ledger-accounts/{bank.id}?since={TODAY}"),
        (investor, place(bond, "trial-balance")),
        (investor, place(bond, "journal")),
    ]
    few = [_cost(*one) for one in pages]
    for n in range(60):
        pay_cost(bond, 100 + n)
    assert [_cost(*one) for one in pages] == few
    assert max(few) <= 16


def _cost(browser, url):
    db.session.expire_all()
    browser.get_ok(url)
    with counted() as statements:
        browser.get_ok(url)
    return len(statements)
