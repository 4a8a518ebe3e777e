"""A statement that a municipality refused: who must do something, and that nobody owes by its settlement (issue 6)."""

from datetime import date

import pytest

from app.core.errors import NotNow, Refused
from app.extensions import db
from app.ledger.balances import balances
from app.ledger.cli import faults
from app.ledger.models import AccountKind
from app.settlement.groups import groups_of
from app.settlement.operations import approve_statement, discard_settlement, refuse_statement
from app.settlement.states import SettlementState, StatementState
from app.treasury.queries import desk, lists
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.settlement import make_settlement, statement_of
from tests.told import body_told, recorded

JUNE = date(2026, 6, 30)
WHY = "One of them lives elsewhere."


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def refused(bond):
    """Enschede approved 2,000.00; Hengelo refused its 300.00."""
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.hengelo, "days", quantity=30)
    settlement = make_settlement(bond, JUNE, checked=True)
    approve_statement(statement_of(settlement, bond.enschede), actor=bond.official)
    assert desk(bond.programme).receivable == 200_000
    refuse_statement(statement_of(settlement, bond.hengelo), WHY, actor=bond.neighbour)
    return settlement


def states(page):
    return [one.text.strip() for one in soup(page).select("main .status")]


def test_nobody_owes_by_what_was_refused(bond, refused, browse):
    """In the books, at the desk and on its page; discarding it then books nothing a second time."""
    assert (desk(bond.programme).receivable, lists(bond.programme).statements) == (0, [])
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.enschede.id] == 0
    assert faults() == []
    assert "€2,000.00" not in browse(bond.intermediary).get_ok(f"/programmes/{bond.programme.id}/treasury").text
    discard_settlement(refused, "A line is wrong.", actor=bond.intermediary)
    assert balances(bond.programme.id)[AccountKind.RECEIVABLE, bond.enschede.id] == 0
    assert lists(bond.programme).statements == [], "nor by what was discarded"
    assert faults() == []
    make_settlement(bond, JUNE, approved=True)
    assert desk(bond.programme).receivable == 230_000
    assert faults() == []


def test_its_page_says_so_and_why_only_to_who_reads_that_statement(bond, refused, browse):
    """That it was refused stands on the settlement for all its readers; why is between Hengelo and the intermediary."""
    for who, reads_why in (("intermediary", True), ("neighbour", True), ("official", False), ("provider", False)):
        browser = browse(getattr(bond, who))
        page = browser.get_ok(f"/settlements/{refused.id}")
        assert "refused by a municipality" in states(page), who
        assert "with the municipalities" not in states(page), who
        assert "Hengelo refused." in page.text and (WHY in page.text) == reads_why, who
        assert "refused by a municipality" in states(browser.get_ok(f"/programmes/{bond.programme.id}/settlements"))


def test_a_refusal_names_the_lines_that_it_is_about(bond, browse):
    """As a dispute does, by groups and by no row about a person: the intermediary reads them, Enschede does not."""
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.hengelo)
    make_signed_off(bond, bond.hengelo, "days", quantity=30)
    settlement = make_settlement(bond, JUNE, checked=True)
    own, other = statement_of(settlement, bond.hengelo), statement_of(settlement, bond.enschede)
    browser, url = browse(bond.neighbour), f"/statements/{own.id}/refuse"
    boxes = soup(browser.get_ok(url)).select("input[name=about]")
    words = {box["value"]: box.parent.get_text(" ", strip=True) for box in boxes}
    groups = {str(one.id): one for one in groups_of(settlement.id, [bond.hengelo.id])}
    assert words.keys() == groups.keys() and len(words) == 2, "those of its own statement"
    [of_enschede] = groups_of(settlement.id, [bond.enschede.id])
    with pytest.raises(Refused):
        refuse_statement(own, WHY, [str(of_enschede.id)], actor=bond.neighbour)
    db.session.rollback()
    days = next(id for id, one in groups.items() if one.paid_minor == 30_000)
    assert browser.post_form(url, {"reason": WHY, "about": [days]}).status_code == 303
    for page in (f"/settlements/{settlement.id}", f"/statements/{own.id}"):
        told = soup(browse(bond.intermediary).get_ok(page)).select_one(".notice.tone-bad").get_text(" ", strip=True)
        assert "Which lines it is about" in told and groups[days].in_words("EUR") in told, page
        assert all(one.in_words("EUR") not in told for id, one in groups.items() if id != days), page
    for page in (f"/settlements/{settlement.id}", f"/statements/{other.id}"):
        assert "Which lines it is about" not in browse(bond.official).get_ok(page).text


def test_the_other_municipality_reads_that_it_need_not_wait(bond, refused, browse):
    own = statement_of(refused, bond.enschede)
    page = browse(bond.official).get_ok(f"/statements/{own.id}")
    assert states(page)[0] == "refused by another municipality"
    assert "Hengelo refused." in page.text and "You need not do anything" in page.text
    assert "You can pay once every municipality" not in page.text and WHY not in page.text
    told = body_told("statement.refuse", bond.official)
    assert "Hengelo refused its statement" in told and WHY not in told
    assert WHY in body_told("statement.refuse", bond.intermediary)


def test_the_intermediary_discards_it_from_the_refused_statement(bond, refused, browse):
    page = soup(browse(bond.colleague).get_ok(f"/statements/{statement_of(refused, bond.hengelo).id}"))
    assert page.select_one(f"main a[href='/settlements/{refused.id}/discard']")


def test_nobody_agrees_to_what_cannot_count_any_more(bond, browse):
    """Whoever had not answered yet may still refuse, for its own reason."""
    make_signed_off(bond, bond.enschede)
    make_signed_off(bond, bond.hengelo)
    settlement = make_settlement(bond, JUNE, checked=True)
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    refuse_statement(other, WHY, actor=bond.neighbour)
    with pytest.raises(NotNow, match="Another municipality refused"):
        approve_statement(own, actor=bond.official)
    browser = browse(bond.official)
    assert browser.get(f"/statements/{own.id}/approve").status_code == 409
    page = soup(browser.get_ok(f"/statements/{own.id}"))
    assert not page.select(f"main a[href='/statements/{own.id}/approve']")
    assert page.select(f"main a[href='/statements/{own.id}/refuse']")
    refuse_statement(own, "It is in the wrong year.", actor=bond.official)
    db.session.refresh(settlement)
    assert (own.state, settlement.state) == (StatementState.REFUSED, SettlementState.CHECKED)
    assert settlement.refused_by == "Enschede, Hengelo"


def test_a_discarded_settlement_says_why_to_those_who_had_it_before_them(bond, refused, browse):
    """As every refusal does: asked for, told to the municipalities, on their pages and in the trail."""
    desk_, path = browse(bond.intermediary), f"/settlements/{refused.id}/discard"
    for typed, told in (("", "Fill this in."), ("He, 123456782, moved.", "national number")):
        answer = desk_.post_form(path, {"reason": typed})
        assert answer.status_code == 422 and told in answer.text and typed in answer.text
    for empty in ("", " "):
        with pytest.raises(Refused):
            discard_settlement(refused, empty, actor=bond.intermediary)
        db.session.refresh(refused)
    assert refused.state == SettlementState.CHECKED
    why = "Hengelo is right: thirty days are twenty."
    assert desk_.post_form(path, {"reason": why}).status_code == 303
    for person in (bond.official, bond.neighbour, bond.colleague):
        assert why in body_told("settlement.discard", person)
    assert why in browse(bond.provider).get_ok(f"/settlements/{refused.id}").text
    assert why in browse(bond.official).get_ok(f"/statements/{statement_of(refused, bond.enschede).id}").text
    assert recorded("settlement.discard") == [{"reason": why}]
