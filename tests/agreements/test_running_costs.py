"""Without a tender no plan holds a budget of running costs: the agreement lays it down, every party signs it, and what
is paid stands against it (issue 6, treasury: running-cost payments against budget and milestones)."""

import json
import uuid

import pytest

from app.agreements.differences import differences
from app.agreements.invariants import agreements_say_what_was_signed
from app.agreements.models import Agreement
from app.agreements.operations import draft_agreement, offer_agreement, sign_agreement
from app.agreements.running_costs import CostLine, budget_of
from app.core import clock
from app.core.errors import Refused
from app.direct.operations import accept_naming, name_providers
from app.extensions import db
from app.programmes.models import Part
from app.progress.cash import Expected
from app.progress.cash_plan import _budgeted
from app.treasury.budget import budget_lines, why_over
from tests.browser import soup
from tests.factories.agreements import make_bond
from tests.factories.direct import accept_all, make_direct, name
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


@pytest.fixture
def bond(app):
    made = make_direct()
    accept_all(made, name(made))
    return made


def drafted(bond, *lines):
    facts = {"actor": bond.official, "once": uuid.uuid4(), "costs": lines}
    return draft_agreement(bond.programme, "We agree.", {"work-13w": 30}, **facts)


def line_of(bond, minor=2_500_000, **facts):
    year = facts.pop("year", bond.programme.years[0])
    return CostLine(bond.guardian.organisations[0].id, year, facts.pop("what", "Coaches"), minor, **facts)


def in_force(bond, *lines):
    agreement = drafted(bond, *lines)
    offer_agreement(agreement, actor=bond.official)
    for user in bond.signers():
        sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)
    return agreement


def typed(bond, **facts):
    row = {"organisation_id": str(bond.guardian.organisations[0].id), "year": str(bond.programme.years[0])}
    row |= {"what": "Coaches", "milestone": "Five have started", "amount_minor": "25,000.00"} | facts
    volume = {f"volume_{bond.table.effects[0].id.hex}": "30"}
    return volume | {"text": "We agree."} | {f"costs-0-{name}": said for name, said in row.items()}


def test_from_the_draft_to_what_every_party_signs(bond, browse):
    """Typed by who prepares, changed while it is a draft, frozen in what has the digest, read by every party."""
    path, desk = f"/programmes/{bond.programme.id}/agreement/draft", browse(bond.intermediary)
    answer = desk.submit(desk.get_ok(path), typed(bond))
    assert answer.status_code == 303
    shown = desk.follow(answer).text
    assert "Five have started" in shown and "€25,000.00" in shown
    page = desk.get_ok(path)
    assert soup(page).select_one("#costs-0-what")["value"] == "Coaches"
    assert desk.submit(page, {"costs-0-amount_minor": "26,000.00"}).status_code == 303
    agreement = db.session.scalars(db.select(Agreement)).one()
    offer_agreement(agreement, actor=bond.official)
    (line,) = agreement.terms["costs"]
    assert (line["organisation"]["name"], line["year"]) == ("Guardian", bond.programme.years[0])
    assert (line["what"], line["milestone"], line["amount_minor"]) == ("Coaches", "Five have started", 2_600_000)
    for user in bond.signers():
        assert "€26,000.00" in browse(user).get_ok(f"/agreements/{agreement.id}").text
        sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)
    assert list(agreements_say_what_was_signed()) == []
    changed = json.loads(json.dumps(agreement.terms))
    changed["costs"][0]["amount_minor"] += 1
    assert any("€26,000.01" in one.after and "Guardian" in one.what for one in differences(agreement.terms, changed))
    agreement.terms = changed
    assert list(agreements_say_what_was_signed()) != [], "a cent more is not what was signed"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"amount_minor": ""}, "Fill this in"),
        ({"amount_minor": "-1"}, "amount"),
        ({"year": ""}, "Fill this in"),
        ({"organisation_id": ""}, "Fill this in"),
    ],
)
def test_what_is_wrong_is_said_where_it_was_typed(bond, browse, wrong, said):
    answer = browse(bond.official).post_form(f"/programmes/{bond.programme.id}/agreement/draft", typed(bond, **wrong))
    (field,) = wrong
    assert answer.status_code == 422
    assert said in soup(answer).select_one(f"#costs-0-{field}-error").text
    assert soup(answer).select_one("#costs-0-milestone")["value"] == "Five have started"
    assert db.session.scalars(db.select(Agreement)).all() == []


def test_only_who_delivers_in_a_year_of_the_bond(bond):
    stranger = CostLine(bond.investor.organisations[0].id, bond.programme.years[0], "Coaches", 1)
    for line in (stranger, line_of(bond, year=bond.programme.years[-1] + 1), line_of(bond, -1)):
        with pytest.raises(Refused, match="line of running costs"):
            drafted(bond, line)
    assert drafted(bond, line_of(bond, year=bond.programme.years[-1])).costs


def test_who_is_named_anew_meanwhile_is_checked_at_the_offer(bond):
    """Nobody signs a budget of who does not deliver."""
    agreement = drafted(bond, CostLine(bond.house.organisations[0].id, bond.programme.years[0], "Rooms", 100))
    facts = ("Home alone", "One is enough.", bond.guardian.organisations[0], [])
    award = name_providers(bond.programme, *facts, actor=bond.official, once=uuid.uuid4())
    accept_naming(award, "All of it.", actor=bond.guardian)
    with pytest.raises(Refused, match="does not take part"):
        offer_agreement(agreement, actor=bond.official)


def test_costs_stand_against_it_and_over_it_need_a_reason(bond):
    """25,000.00 and 5,000.00 of this provider in one year; the other has none, as a plan without a line for it."""
    year = bond.programme.years[0]
    lines = line_of(bond), line_of(bond, 500_000, what="Start", milestone="Five have started")
    agreement = in_force(bond, *lines)
    assert budget_of(agreement) == list(lines)
    (one,) = budget_lines(bond.programme)
    assert (one.year, one.budgeted_minor, one.left_minor) == (year, 3_000_000, 3_000_000)
    assert one.what == "Coaches; Start, once reached: Five have started"
    guardian, house = (user.organisations[0] for user in (bond.guardian, bond.house))
    with clock.at(clock.local(clock.today().replace(year=year, month=6, day=1), 12)):
        assert why_over(bond.programme, guardian, 3_000_000) is None
        assert "€30,000.00 is left" in why_over(bond.programme, guardian, 3_000_001)
        assert why_over(bond.programme, house, 3_000_001) is None
        planned: list[Expected] = list(_budgeted(bond.programme, agreement, []))
    assert sum(one.amount_minor for one in planned) == 3_000_000
    assert {one.source for one in planned} == {f"Budget of the agreement for {year}"}


def test_an_agreement_that_lays_down_nothing_says_so(bond, browse):
    """And is frozen as before: what was signed under an older portal keeps its digest."""
    agreement = in_force(bond)
    assert "costs" not in agreement.terms and budget_lines(bond.programme) == []
    assert "No budget of running costs was agreed" in browse(bond.official).get_ok(f"/agreements/{agreement.id}").text


def test_a_bond_with_a_tender_has_the_budget_of_its_plan_alone(app, browse):
    """Nothing to type there; what is passed all the same is not kept."""
    tendered = make_bond()
    page = browse(tendered.official).get_ok(f"/programmes/{tendered.programme.id}/agreement/draft")
    assert not soup(page).select("[name^=costs]")
    provider = make_organisation()
    line = CostLine(provider.id, tendered.programme.years[0], "Coaches", 1)
    made = draft_agreement(tendered.programme, "We.", costs=[line], actor=tendered.official, once=uuid.uuid4())
    assert made.costs == []
    auditor = make_user(make_party(tendered.programme, Part.AUDITOR))
    assert "No budget of running costs" not in browse(auditor).get_ok(f"/agreements/{made.id}").text
