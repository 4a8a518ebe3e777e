"""Running costs that an agreement lays down change as everything in it: by what every party signs, for what is still to
come; and they go with the work to whoever replaces a provider (issue 6, treasury and agreements in depth)."""

import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask_security import hash_password

from app.agreements.amendment_models import Amendment
from app.agreements.amendment_operations import propose_amendment
from app.agreements.amendment_states import AmendmentState, LeaveCause
from app.agreements.differences import differences
from app.agreements.invariants import agreements_say_what_was_signed, amendments_form_a_chain
from app.agreements.operations import draft_agreement, offer_agreement, sign_agreement
from app.agreements.replacing import LeavingFacts, propose_replacement
from app.agreements.running_costs import CostLine, budget_of, lines_in
from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.people.models import OrganisationKind
from app.treasury.budget import budget_lines, why_over
from app.treasury.models import CostPayment
from tests.browser import soup
from tests.factories.agreements import PASSWORD
from tests.factories.amendments import consent_all, make_signed, unchanged
from tests.factories.direct import accept_all, make_direct, name
from tests.factories.people import make_organisation, make_user


@pytest.fixture
def bond(app):
    made = make_direct()
    accept_all(made, name(made))
    return made


def line(bond, minor, year=0, who="guardian", what="Coaches"):
    """`year`: 0 for the first of the bond, -1 for the last."""
    return CostLine(getattr(bond, who).organisations[0].id, bond.programme.years[year], what, minor)


def in_force(bond, *lines):
    facts = {"actor": bond.official, "once": uuid.uuid4(), "costs": lines}
    agreement = draft_agreement(bond.programme, "We agree.", {"work-13w": 30}, **facts)
    offer_agreement(agreement, actor=bond.official)
    for user in bond.signers():
        sign_agreement(agreement, user.organisations[0], agreement.digest, actor=user)
    return agreement


def propose(bond, agreement, *costs):
    change = replace(unchanged(agreement), costs=costs)
    return propose_amendment(agreement, change, "The rent rose.", actor=bond.official, once=uuid.uuid4())


def paid(bond, provider, minor):
    """A cost of this year that waits for a second person: it stands against the budget as what was paid does."""
    facts = {"organisation": provider, "amount_minor": minor, "description": "Wages", "over_budget_because": ""}
    db.session.add(CostPayment(programme=bond.programme, **facts))
    db.session.commit()


def in_year(year, month=6):
    return clock.at(clock.local(date(year, month, 1), 12))


def test_typed_read_side_by_side_signed_by_all_and_counting_from_then(bond, browse):
    first, last = line(bond, 2_500_000), line(bond, 700_000, year=-1, who="house")
    with in_year(first.year):
        agreement = in_force(bond, first, last)
        paid(bond, bond.guardian.organisations[0], 2_000_000)
        official = browse(bond.official)
        page = official.get_ok(f"/agreements/{agreement.id}/amend")
        assert soup(page).select_one("#costs-0-amount_minor")["value"].replace(",", "") == "25000.00"
        typed = {"costs-0-amount_minor": "31,000.00", "reason": "The rent rose.", "costs-0-milestone": "Ten started"}
        answer = official.submit(page, typed)
        assert answer.status_code == 303
        amendment = db.session.scalars(db.select(Amendment)).unique().one()
        shown = soup(browse(bond.house).get_ok(f"/amendments/{amendment.id}"))
        assert [one.text for one in shown.select("del")] == ["Coaches, €25,000.00"], "the line of the other stays"
        assert [one.text for one in shown.select("ins")] == ["Coaches, Ten started, €31,000.00"]
        guardian = bond.guardian.organisations[0]
        for user in bond.signers():
            assert why_over(bond.programme, guardian, 500_001) is not None, "not before everybody has signed"
            path = f"/amendments/{amendment.id}/consent"
            assert browse(user).post_form(path, {"password": PASSWORD}).status_code == 303
            db.session.expire_all()
        assert amendment.state == AmendmentState.IN_FORCE
        assert budget_of(agreement) == [replace(first, amount_minor=3_100_000, milestone="Ten started"), last]
        assert why_over(bond.programme, guardian, 1_100_000) is None
        assert "€11,000.00 is left" in why_over(bond.programme, guardian, 1_100_001)
        assert list(agreements_say_what_was_signed()) == list(amendments_form_a_chain()) == []


def test_a_year_that_has_passed_stays_and_is_not_offered(bond, browse):
    """As a month of the intake plan that has passed."""
    old, new = line(bond, 100), line(bond, 200, year=-1)
    agreement = in_force(bond, old, new)
    with in_year(new.year, 1):
        page = soup(browse(bond.official).get_ok(f"/agreements/{agreement.id}/amend"))
        years = {one["value"] for one in page.select("#costs-0-year option")} - {""}
        assert years == {str(year) for year in bond.programme.years if year >= new.year}
        assert page.select_one("#costs-0-amount_minor")["value"] == "2.00"
        for wrong in ([new], [replace(old, amount_minor=101), new], [old, old, new]):
            with pytest.raises(Refused, match="has passed"):
                propose(bond, agreement, *wrong)
        made = propose(bond, agreement, old)
        assert lines_in(made.terms) == [old], "the line of this year is dropped"


def test_what_is_wrong_is_said_where_it_was_typed_and_nothing_is_lost(bond, browse):
    with in_year(bond.programme.years[0]):
        agreement = in_force(bond, line(bond, 100))
        official = browse(bond.official)
        typed = {"costs-0-amount_minor": "", "reason": "The rent rose."}
        answer = official.post_form(f"/agreements/{agreement.id}/amend", typed)
        assert answer.status_code == 422
        assert "Fill this in" in soup(answer).select_one("#costs-0-amount_minor-error").text
        assert soup(answer).select_one("#costs-0-what")["value"] == "Coaches"
        stranger = CostLine(bond.investor.organisations[0].id, bond.programme.years[0], "Coaches", 1)
        for wrong in (stranger, line(bond, -1), replace(line(bond, 1), year=bond.programme.years[-1] + 1)):
            with pytest.raises(Refused, match="line of running costs"):
                propose(bond, agreement, wrong)
        with pytest.raises(Refused, match="Nothing changes"):
            propose(bond, agreement, line(bond, 100))
    assert agreement.amendments == []


def test_lines_may_come_where_there_were_none_and_all_of_them_go(bond):
    with in_year(bond.programme.years[0]):
        agreement = in_force(bond)
        consent_all(propose(bond, agreement, line(bond, 100)), bond.signers())
        assert budget_of(agreement) == [line(bond, 100)]
        consent_all(propose(bond, agreement), bond.signers())
        assert budget_of(agreement) == [] and "costs" not in agreement.terms
        assert list(amendments_form_a_chain()) == []


def test_what_was_tendered_is_not_amended(app, browse):
    """The budget of a plan was sealed and chosen; it is no term of the agreement."""
    tendered, agreement = make_signed()
    page = soup(browse(tendered.official).get_ok(f"/agreements/{agreement.id}/amend"))
    assert not page.select("[name^=costs]")
    provider = tendered.provider.organisations[0].id
    change = replace(unchanged(agreement), costs=[CostLine(provider, tendered.programme.years[0], "Coaches", 1)])
    with pytest.raises(Refused, match="tendered"):
        propose_amendment(agreement, change, "More.", actor=tendered.official, once=uuid.uuid4())


def newcomer():
    user = make_user(make_organisation(OrganisationKind.PROVIDER))
    user.password = hash_password(PASSWORD)
    db.session.commit()
    return user


def leave(bond, agreement, going, successor):
    facts = LeavingFacts(going, successor, LeaveCause.WISH, clock.today() + timedelta(days=10), "It moves away.")
    return propose_replacement(agreement, facts, actor=bond.official, once=uuid.uuid4())


def test_who_replaces_a_provider_has_what_is_left_of_its_budget(bond):
    """80.00 of this year's 100.00 was paid to the one that goes: 20.00 is left for both together, not 100.00 anew."""
    now, next_year = line(bond, 10_000, who="house"), line(bond, 5_000, year=-1, who="house")
    with in_year(now.year):
        agreement = in_force(bond, line(bond, 77), now, next_year)
        going, comes = bond.house.organisations[0], newcomer()
        paid(bond, going, 8_000)
        amendment = leave(bond, agreement, going, comes.organisations[0])
        moved = [one for one in differences(agreement.terms, amendment.terms) if "Running costs" in one.what]
        assert len(moved) == 4, "each of the two lines, with the one that goes and with the one that comes"
        consent_all(amendment, [*bond.signers(), comes])
        other = comes.organisations[0].id
        assert budget_of(agreement)[1:] == [replace(one, organisation_id=other) for one in (now, next_year)]
        for who in (going, comes.organisations[0]):
            assert why_over(bond.programme, who, 2_000) is None
            assert "€20.00 is left" in why_over(bond.programme, who, 2_001)
        mine = [one for one in budget_lines(bond.programme) if one.organisation.id == other]
        assert [(one.year, one.budgeted_minor, one.paid_minor) for one in mine] == [
            (now.year, 10_000, 8_000),
            (next_year.year, 5_000, 0),
        ]
        assert going.name in mine[0].what
        assert going.id not in {one.organisation.id for one in budget_lines(bond.programme)}
        with pytest.raises(Refused, match="does not take part"):
            propose(bond, agreement, line(bond, 77), replace(now, what="Rooms"), next_year)


def test_a_plan_that_was_tendered_passes_its_budget_on_as_well(app):
    """Its budget stands in the opened plan, which never changes; who goes on with the work has it."""
    tendered, agreement = make_signed()
    going, stays = tendered.partner.organisations[0], tendered.provider.organisations[0]
    year = clock.today().year
    said = [(going, year - 1, 11), (going, year, 100), (stays, year, 20)]
    agreement.evaluation.winners()[0].discount = {
        "discount_bp": None,
        "budget": [
            {"organisation_id": str(one.id), "year": of, "what": "", "amount_minor": minor} for one, of, minor in said
        ],
    }
    db.session.commit()
    facts = LeavingFacts(going, stays, LeaveCause.WISH, clock.today(), "It stops with this work.")
    amendment = propose_replacement(agreement, facts, actor=tendered.official, once=uuid.uuid4())
    consent_all(amendment, [user for _organisation, user in tendered.signers()])
    assert [(one.organisation_id, one.year, one.amount_minor) for one in budget_of(agreement)] == [
        (going.id, year - 1, 11),
        (stays.id, year, 100),
        (stays.id, year, 20),
    ]
