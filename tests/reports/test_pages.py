"""What council, public and auditor read: suppressed where a person could be recognised, and no bidder too early."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.calls.models import Call
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from app.intake.models import Participant
from app.programmes.models import Programme
from app.programmes.states import ProgrammeState
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from tests.browser import soup
from tests.conftest import browser_of
from tests.factories.programmes import make_programme
from tests.statements import counted
from tests.world import person


@pytest.fixture
def bond(world):
    found = select(Programme).where(Programme.title == "SIB Jongvolwassenen Enschede en Hengelo")
    return db.session.scalars(found).unique().one()


def rows_of(page, caption):
    table = next(t for t in soup(page).select("table") if caption in t.caption.text)
    return {tr.th.text.strip(): [td.text.strip() for td in tr.select("td")] for tr in table.select("tbody tr")}


def test_the_public_reads_what_was_proven_and_paid(world, bond):
    browser = browser_of(world)
    browser.get("/language/en")
    page = browser.get_ok(f"/programmes/{bond.id}/results")
    rows = rows_of(page, "Effects")
    # Sixteen homes of 600.00 each were claimed, proven and paid in the demonstration (app/demonstration/deliver.py).
    planned, proven, price, paid = rows["Eigen woonplek betrokken"][1:]
    assert (planned, proven, price) == ("50", "16", "€600.00")
    assert paid == "hidden", "cash is read of the whole bond only, and a range from nothing says nothing"
    assert "Illustrative" in page.text


def test_totals_stay_exact_where_rows_are_given_up(world, bond):
    """A council reads what it paid in all, to the cent."""
    browser = browser_of(world)
    browser.get("/language/en")
    page = browser.get_ok(f"/programmes/{bond.id}/results").text
    received = select(func.sum(StatementPayment.amount_minor)).join(Statement).where(Statement.programme_id == bond.id)
    paid = db.session.scalar(received)
    assert paid and f"€{paid // 100:,}.{paid % 100:02d}" in page


def test_who_judges_a_bond_does_not_read_what_was_paid_for_it(world, bond):
    """Money must not sway the judgement (domain, section 9): neither in the bond nor in the list of all bonds."""
    received = select(func.sum(StatementPayment.amount_minor)).join(Statement).where(Statement.programme_id == bond.id)
    paid = db.session.scalar(received)
    told = f"€{paid // 100:,}.{paid % 100:02d}"
    for who, reads in (("assessor", False), ("provider", True)):
        browser = browser_of(world, person(who))
        browser.get("/language/en")
        own = browser.get_ok(f"/programmes/{bond.id}/results")
        heads = {head.text.strip() for head in soup(own).select("main th")}
        assert ("Paid" in heads) == ("May still be paid" in own.text) == reads, who
        assert (told in own.text) == (told in browser.get_ok("/results").text) == reads, who
        assert "so that money cannot sway the judgement" in own.text or reads
        assert "Proven effects" in own.text and "Reserved" in heads


def test_no_participant_stands_on_a_public_page(world, bond):
    codes = db.session.scalars(select(Participant.code)).all()
    assert codes
    for address in ("/results", f"/programmes/{bond.id}/results", f"/programmes/{bond.id}", "/"):
        text = browser_of(world).get_ok(address).text
        assert not [code for code in codes if code in text], address


def test_only_the_auditor_reads_the_trail(world, bond):
    page = browser_of(world, person("auditor")).get_ok(f"/programmes/{bond.id}/trail?group=capital_call")
    assert "capital_call.approve" in page.text
    for name in ("government", "investor", "intermediary", "admin"):
        assert browser_of(world, person(name)).get(f"/programmes/{bond.id}/trail").status_code == 403


def test_the_trail_names_no_bidder_before_the_deadline(world):
    call = db.session.scalars(select(Call).where(Call.state == CallState.PUBLISHED)).unique().one()
    auditor = browser_of(world, person("auditor"))
    before = auditor.get_ok(f"/programmes/{call.programme_id}/trail").text
    assert "call.publish" in before
    assert "consortium." not in before
    with clock.at(call.deadline):
        assert "consortium.form" in auditor.get_ok(f"/programmes/{call.programme_id}/trail").text


def test_the_list_costs_the_same_for_1_and_30(app, browse):
    make_programme(state=ProgrammeState.APPROVED)
    with counted() as one:
        browse().get_ok("/results")
    for _ in range(29):
        make_programme(state=ProgrammeState.APPROVED)
    with counted() as thirty:
        browse().get_ok("/results")
    assert len(thirty) == len(one)


def test_nothing_to_report_says_so(app, browse):
    programme = make_programme()
    assert "Nothing to report yet" in browse().get_ok(f"/programmes/{programme.id}/results").text


def test_what_may_still_be_paid_is_said_as_past_once_no_effect_can_be_reached(world, bond):
    """The last day on which effects accrue is in: the day after, "may still be paid until" would be untrue."""
    browser = browser_of(world)
    browser.get("/language/en")
    for days, says, not_so in ((0, "May still be paid", "Could be paid"), (1, "Could be paid", "May still be paid")):
        with clock.at(clock.local(bond.tail_until + timedelta(days=days), 12)):
            page = browser.get_ok(f"/programmes/{bond.id}/results").text
        assert says in page and not_so not in page
