"""Who settles reads how many effects at which price and why less is paid, and no row about a person: no number of a
claim, no day on which somebody achieved something. Source: the domain, section 9; GDPR, article 5(1)(c)."""

from datetime import date

import pytest

from app.extensions import db
from app.settlement import queries
from app.settlement.group_models import SettlementGroup
from app.settlement.groups import groups_of
from app.settlement.invariants import lines_that_are_alike_stand_together
from app.settlement.operations import approve_statement
from app.settlement.states import LineKind
from tests.browser import soup
from tests.factories.outcomes import make_delivery, make_signed_off
from tests.factories.people import make_user
from tests.factories.settlement import make_settlement, statement_of
from tests.statements import counted

JUNE = date(2026, 6, 30)
DAYS = (date(2026, 5, 3), date(2026, 5, 17))


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def settlement(bond):
    """Enschede: two of 2,000.00, 30 days and 12 days of 10.00; Hengelo: one of 2,000.00."""
    for day in DAYS:
        make_signed_off(bond, bond.enschede, achieved_on=day)
    for quantity in (30, 12):
        make_signed_off(bond, bond.enschede, "days", quantity=quantity, achieved_on=DAYS[0])
    make_signed_off(bond, bond.hengelo, achieved_on=DAYS[1])
    return make_settlement(bond, JUNE, checked=True)


def test_lines_of_one_effect_municipality_price_and_rules_stand_together(bond, settlement):
    found = {(one.effect.code, one.payer_id): one for one in groups_of(settlement.id)}
    assert {key: (one.lines, one.price_minor, one.gross_minor, one.paid_minor) for key, one in found.items()} == {
        ("work-13w", bond.enschede.id): (2, 250_000, 500_000, 400_000),
        ("days", bond.enschede.id): (2, 1_000, 42_000, 42_000),
        ("work-13w", bond.hengelo.id): (1, 250_000, 250_000, 200_000),
    }
    steps = found["work-13w", bond.enschede.id].steps
    assert (steps[-1]["after_minor"], steps[0]["rule"]) == ("400000", "price")
    assert sum(one.paid_minor for one in found.values()) == settlement.paid_minor
    assert list(lines_that_are_alike_stand_together()) == []


def test_a_group_that_is_not_of_the_lines_is_a_fault(bond, settlement):
    keys = {"settlement_id": settlement.id, "effect_id": bond.effect("days").id, "payer_id": bond.hengelo.id}
    sums = {"price_minor": 1, "lines": 1, "gross_minor": 1, "paid_minor": 1, "steps": []}
    db.session.add(SettlementGroup(**keys, kind=LineKind.FIRST, **sums))
    db.session.flush()
    assert list(lines_that_are_alike_stand_together()) == [
        f"settlement {settlement.id}: lines that are alike do not come to its lines"
    ]


def follow_pages(bond, settlement):
    """Where the cents of what Enschede owes are followed."""
    statement = statement_of(settlement, bond.enschede)
    for one in settlement.statements:
        approve_statement(one, actor=bond.official if one is statement else bond.neighbour)
    return [f"/transfers/{one.id}" for one in queries.transfers_of(statement)]


def test_the_intermediary_reads_no_claim_and_no_day_on_any_page_of_money(bond, settlement, browse):
    statement = statement_of(settlement, bond.enschede)
    pages = [f"/settlements/{settlement.id}", f"/statements/{statement.id}", *follow_pages(bond, settlement)]
    assert len(pages) > 2
    told = [line.claim.number for line in settlement.lines] + ["3 May 2026", "17 May 2026", "/claims/"]
    for path in pages:
        main = soup(browse(bond.intermediary).get_ok(path)).select_one("main")
        assert not [one for one in told if one in str(main)], path
        row = next(one for one in main.select("tbody tr") if "€2,500.00" in one.text)
        assert "Enschede" in row.text
        assert "€4,000.00" in row.text
        assert "less what would have happened anyway: €5,000.00 → €4,000.00" in row.text


def test_a_case_owner_reads_its_residents_line_by_line(bond, settlement, browse):
    page = browse(bond.official).get_ok(f"/statements/{statement_of(settlement, bond.enschede).id}").text
    own = [line.claim.number for line in settlement.lines if line.payer_id == bond.enschede.id]
    assert all(number in page for number in own)
    assert "Amounts and why" not in page


def test_who_approves_without_following_residents_reads_how_many_and_why(bond, settlement, browse):
    colleague = make_user(bond.enschede)
    colleague.memberships[0].is_case_owner = False
    db.session.commit()
    for path in (f"/settlements/{settlement.id}", f"/statements/{statement_of(settlement, bond.enschede).id}"):
        page = browse(colleague).get_ok(path).text
        assert "Amounts and why" in page
        assert "€4,000.00" in page
        assert not [line for line in settlement.lines if line.claim.number in page]
        assert "Hengelo</td>" not in soup(browse(colleague).get_ok(path)).select("main table")[-1].text


def test_the_auditor_reads_neither(bond, settlement, browse):
    page = browse(bond.auditor).get_ok(f"/settlements/{settlement.id}").text
    assert "Amounts and why" not in page
    assert "Line by line" not in page


def test_alike_lines_of_many_effects_cost_no_more_statements(bond, settlement):
    id = settlement.id
    with counted() as found:
        groups = groups_of(id)
        assert all(one.effect.name and one.payer.name for one in groups)
    assert len(found) == 1
