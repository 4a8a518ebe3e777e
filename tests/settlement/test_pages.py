"""Settlement for every reader: amounts explained, rows about people for their own municipality and provider only."""

from datetime import date

import pytest

from app.extensions import db
from app.programmes.models import Part
from app.settlement.cli import recompute_settlements
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_participant, make_signed_off, publish
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.factories.settlement import make_settlement, statement_of
from tests.statements import counted

JUNE = date(2026, 6, 30)
READERS = ("intermediary", "official", "neighbour", "provider", "auditor")


@pytest.fixture
def bond(app):
    return make_delivery(illustrative=True)


@pytest.fixture
def settlement(bond):
    """Enschede: six times 2,000.00. Hengelo: two times 2,000.00 and 30 days of 10.00."""
    for _ in range(6):
        make_signed_off(bond, bond.enschede)
    for _ in range(2):
        make_signed_off(bond, bond.hengelo)
    make_signed_off(bond, bond.hengelo, "days", quantity=30)
    return make_settlement(bond, JUNE, checked=True)


@pytest.mark.parametrize("who", READERS)
def test_the_pages_stand_and_say_illustrative(bond, settlement, browse, who):
    browser = browse(getattr(bond, who))
    for path in (f"/programmes/{bond.programme.id}/settlements", f"/settlements/{settlement.id}"):
        page = browser.get_ok(path).text
        # All less one's own 12,000.00 leaves what the neighbour pays for two: no total to who knows a part of it.
        assert ("€16,300.00" in page) == (who not in ("official", "neighbour"))
        assert "Illustrative prices" in page


def test_a_municipality_reads_its_own_amount_in_the_list(bond, settlement, browse):
    """Its own amount is no secret to it; that of its neighbour is. Who is no payer reads one amount."""
    path = f"/programmes/{bond.programme.id}/settlements"
    own, other = statement_of(settlement, bond.enschede), statement_of(settlement, bond.hengelo)
    page = soup(browse(bond.official).get_ok(path))
    cells = page.select("main tbody tr td, main tbody tr th")
    assert [head.text.strip() for head in page.select("main thead th")][-2:] == ["Your statement", "All municipalities"]
    assert cells[-2].select_one("a")["href"] == f"/statements/{own.id}"
    assert "€12,000.00" in cells[-2].text
    assert "€" not in cells[-1].text or "–" in cells[-1].text, "a range or a word, never the sum"
    assert str(other.id) not in str(page)
    assert "Your statement" not in browse(bond.intermediary).get_ok(path).text


def test_an_investor_reads_no_settlement(bond, settlement, browse):
    """Investors see exact cash, never per effect or municipality (domain, section 9)."""
    browser = browse(bond.investor)
    assert browser.get(f"/settlements/{settlement.id}").status_code == 404
    assert browser.get(f"/programmes/{bond.programme.id}/settlements").status_code == 403
    assert browser.get(f"/statements/{settlement.statements[0].id}").status_code == 404


def test_who_judges_reads_no_settlement(bond, settlement, browse):
    """What is paid must not sway the judgement (domain, section 9): by no address, and no page names one."""
    browser = browse(bond.assessor)
    for statement in settlement.statements:
        for step in ("", "/approve", "/refuse", "/dispute"):
            assert browser.get(f"/statements/{statement.id}{step}").status_code == 404, step
    for step in ("", "/check", "/discard", "?page=1"):
        assert browser.get(f"/settlements/{settlement.id}{step}").status_code == 404, step
    for room in ("settlements", "invoices"):
        assert browser.get(f"/programmes/{bond.programme.id}/{room}").status_code == 403, room
    claim, delivery = settlement.lines[0].claim, f"/programmes/{bond.programme.id}/delivery"
    for path in (f"/claims/{claim.id}", f"/claims/{claim.id}/judge", delivery, "/home"):
        page = soup(browser.get_ok(path)).select_one("main")
        assert "€" not in page.text, path
        assert not page.select("a[href*='/prices']"), path
    for path in (f"/programmes/{bond.programme.id}", f"/claims/{claim.id}", delivery, "/home"):
        assert not soup(browser.get_ok(path)).select("a[href*='settlements'], a[href*='/statements/']"), path


@pytest.mark.parametrize("who", READERS)
def test_codes_of_participants_for_those_who_may_see_rows(bond, settlement, browse, who):
    page = browse(getattr(bond, who)).get_ok(f"/settlements/{settlement.id}").text
    lines = {line.claim.number: line for line in settlement.lines}
    shown = {number for number in lines if number in page}
    expected = {
        "intermediary": set(),  # it reads how many at which price, and why
        "provider": set(lines),
        "official": {number for number, line in lines.items() if line.payer_id == bond.enschede.id},
        "neighbour": {number for number, line in lines.items() if line.payer_id == bond.hengelo.id},
        "auditor": set(),
    }
    assert shown == expected[who]
    assert not any(line.claim.participant.code in page for line in settlement.lines)
    links = page.count('href="/claims/')
    assert links == len(expected[who])


def test_small_numbers_and_their_amounts_are_hidden(bond, settlement, browse):
    """Enschede may not learn that Hengelo had two at 4,000.00, nor from the totals per effect."""
    publish(bond)
    page = browse(bond.official).get_ok(f"/settlements/{settlement.id}").text
    assert "fewer than 5" in page
    for told in ("€4,000.00", "€4,300.00", ">2<", "€300.00"):
        assert told not in page
    assert "€12,000.00" in page
    auditor = browse(bond.auditor).get_ok(f"/settlements/{settlement.id}").text
    for told in (">2<", "€4,000.00", "€300.00"):
        assert told not in auditor


@pytest.mark.parametrize("who", ["neighbour", "intermediary", "auditor"])
def test_a_statement_reads_as_an_invoice(bond, settlement, browse, who):
    statement = statement_of(settlement, bond.hengelo)
    page = browse(getattr(bond, who)).get_ok(f"/statements/{statement.id}").text
    assert "€4,300.00" in page
    assert statement.reference[:4] in page
    assert "Illustrative prices" in page
    why = "less what would have happened anyway: "
    assert (why + "€2,500.00 → €2,000.00" in page) == (who == "neighbour"), "line by line for who sees rows"
    assert (why + "€5,000.00 → €4,000.00" in page) == (who == "intermediary"), "both together for who settles"
    assert ("€4,000.00" in page) == (who != "auditor"), "two effects are a small number"


def test_the_forms_stand(bond, settlement, browse):
    own = statement_of(settlement, bond.enschede)
    for path in (f"/statements/{own.id}/approve", f"/statements/{own.id}/refuse"):
        assert "€12,000.00" in browse(bond.official).get_ok(path).text
    assert "€16,300.00" in browse(bond.intermediary).get_ok(f"/settlements/{settlement.id}/discard").text


@pytest.mark.parametrize("who", ["intermediary", "official", "provider", "auditor"])
def test_thirty_lines_cost_no_more_statements_than_one(bond, browse, who):
    make_signed_off(bond)
    small = make_settlement(bond, JUNE, approved=True)
    for _ in range(30):
        make_signed_off(bond, achieved_on=date(2026, 7, 1))
    large = make_settlement(bond, date(2026, 8, 31), checked=True)
    browser, paths = browse(getattr(bond, who)), [f"/settlements/{one.id}" for one in (small, large)]
    browser.get_ok(paths[0])
    with counted() as one:
        browser.get_ok(paths[0])
    with counted() as thirty:
        browser.get_ok(paths[1])
    assert len(thirty) == len(one), "\n".join(thirty)


def test_the_list_costs_the_same_for_one_settlement_and_three(bond, browse):
    browser, path = browse(bond.auditor), f"/programmes/{bond.programme.id}/settlements"
    make_signed_off(bond)
    make_settlement(bond, JUNE, approved=True)
    browser.get_ok(path)
    with counted() as one:
        browser.get_ok(path)
    for month in (7, 8):
        make_signed_off(bond, achieved_on=date(2026, month, 1))
        make_settlement(bond, date(2026, month, 28), approved=True)
    with counted() as three:
        browser.get_ok(path)
    assert len(three) == len(one)


def test_the_command_recomputes_all_of_history(bond, settlement, app):
    runner = app.test_cli_runner()
    assert runner.invoke(recompute_settlements).output == "Every settlement equals its inputs and what was paid\n"
    paid = settlement.lines[0].paid_minor
    settlement.lines[0].paid_minor = paid - 1
    db.session.commit()
    answer = runner.invoke(recompute_settlements)
    assert answer.exit_code == 1
    assert f"line 1 was paid {paid - 1}, now {paid}" in answer.output


def test_who_has_no_statement_of_its_own_is_not_sent_to_one(bond, settlement, browse):
    """A partner of the consortium took nobody in and pays nothing: it reads why the total is hidden, and of no
    statement below; the municipality, which has one, reads that it stands there."""
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    make_participant(bond, provider=partner.organisations[0])
    publish(bond)
    path, own = f"/settlements/{settlement.id}", "Your own statement stands below"
    told = browse(partner).get_ok(path).text
    assert "The exact total of all municipalities is hidden" in told and own not in told
    assert own in browse(bond.official).get_ok(path).text
