"""A bond without a tender names its service providers itself, with the documented reason; who is named is asked."""

import uuid

import pytest

from app.core.errors import NotNow, NotYours, Refused
from app.direct.models import DirectAward
from app.direct.operations import accept_naming, decline_naming, name_providers
from app.direct.states import DirectState, NamedState
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, OrganisationKind
from app.programmes.models import Part
from app.programmes.states import Phase, Route
from tests.browser import soup
from tests.factories.direct import WHY_NO_TENDER, WHY_THESE, accept_all, make_direct, name
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party, make_programme
from tests.told import recorded, told


@pytest.fixture
def bond(app):
    return make_direct()


def path(bond):
    return f"/programmes/{bond.programme.id}/providers/name"


def typed(bond, **changes):
    lead, partner = bond.guardian.organisations[0], bond.house.organisations[0]
    facts = {"name": "Home together", "lead": str(lead.id), "partners": [str(partner.id)], "reason": WHY_THESE}
    return facts | changes


def award_of(bond):
    return db.session.scalars(db.select(DirectAward).filter_by(programme_id=bond.programme.id)).unique().one()


def test_the_leading_official_names_and_everybody_named_is_asked(bond, browse):
    official = browse(bond.official)
    home = official.get_ok("/home").text
    assert "Name the service providers: no tender is held" in home
    page = official.get_ok(f"/programmes/{bond.programme.id}")
    room = official.click(page, "Named providers")
    assert WHY_NO_TENDER in room.text
    answer = official.post_form(path(bond), typed(bond))
    assert answer.status_code == 303
    award = award_of(bond)
    assert (award.name, award.reason, award.lead, award.state) == (
        "Home together",
        WHY_THESE,
        bond.guardian.organisations[0],
        DirectState.OPEN,
    )
    assert {one.organisation.name: one.state for one in award.named} == {
        "Guardian": NamedState.ASKED,
        "House": NamedState.ASKED,
    }
    assert told("direct.name") == {bond.guardian.email, bond.house.email}
    kept = recorded("direct.name")
    assert len(kept) == 1 and kept[0]["lead"] == str(bond.guardian.organisations[0].id)
    assert WHY_THESE in official.follow(answer).text
    assert "Name the service providers" not in official.get_ok("/home").text
    assert "You are asked to deliver without a tender" in browse(bond.guardian).get_ok("/home").text


def test_whoever_is_asked_finds_it_on_the_page_of_the_bond(bond, browse):
    """Also after its answer, when nothing waits on its home any more and it is no party yet."""
    award = name(bond)
    accept_all(bond, award)
    third = make_user(make_organisation(OrganisationKind.PROVIDER, "Third"))
    address, page = f"/direct-awards/{award.id}", f"/programmes/{bond.programme.id}"
    assert address in browse(bond.house).get_ok(page).text
    assert address not in browse(third).get_ok(page).text
    assert address not in browse().get_ok(page).text


def test_a_double_click_is_one_award(bond):
    once, lead = uuid.uuid4(), bond.guardian.organisations[0]
    for _ in range(2):
        name_providers(bond.programme, "One", WHY_THESE, lead, [], actor=bond.official, once=once)
    assert len(recorded("direct.name")) == 1


def test_naming_others_asks_the_new_one_and_tells_the_old_one(bond, browse):
    award = name(bond)
    accept_all(bond, award)
    third = make_user(make_organisation(OrganisationKind.PROVIDER, "Third"))
    answer = browse(bond.official).post_form(path(bond), typed(bond, partners=[str(third.organisations[0].id)]))
    assert answer.status_code == 303
    db.session.expire_all()
    assert {one.organisation.name: one.state for one in award_of(bond).named} == {
        "Guardian": NamedState.ASKED,  # it had accepted to deliver with the house
        "House": NamedState.WITHDRAWN,
        "Third": NamedState.ASKED,
    }
    assert third.email in told("direct.name")
    assert browse(bond.house).get(f"/direct-awards/{award.id}").status_code == 404


def test_whoever_names_others_finds_what_was_named(bond, browse):
    """The lead too: an empty choice would let a new lead be named by oversight."""
    name(bond)
    page = soup(browse(bond.official).get_ok(path(bond)))
    assert page.select_one("select[name=lead] option[selected]").text == "Guardian"
    assert [one["value"] for one in page.select("input[name=partners][checked]")] == [
        str(bond.house.organisations[0].id)
    ]
    assert page.select_one("textarea[name=reason]").text.strip() == WHY_THESE
    assert page.select_one("input[name=version]")["value"] == str(award_of(bond).version)


@pytest.mark.parametrize(
    "field, said", [("name", "Fill this in."), ("reason", "Fill this in."), ("lead", "Choose one.")]
)
def test_what_is_missing_is_said_on_its_field(bond, browse, field, said):
    answer = browse(bond.official).post_form(path(bond), typed(bond, **{field: ""}))
    assert answer.status_code == 422
    assert said in answer.text


def test_the_lead_is_not_named_twice(bond, browse):
    lead = str(bond.guardian.organisations[0].id)
    answer = browse(bond.official).post_form(path(bond), typed(bond, partners=[lead]))
    assert answer.status_code == 422
    assert "The lead partner takes part already" in answer.text


def test_an_organisation_that_nobody_vetted_cannot_be_named(bond, browse):
    new = make_organisation(OrganisationKind.PROVIDER, "New", vetted_at=None)
    assert "New" not in browse(bond.official).get_ok(path(bond)).text
    with pytest.raises(Refused, match="has not been vetted"):
        name_providers(bond.programme, "One", WHY_THESE, new, [], actor=bond.official, once=uuid.uuid4())


def test_who_has_another_part_or_shares_people_with_the_assessor_cannot_be_named(bond):
    """An assessor that shares people with a provider proves nothing (domain, section 2)."""
    other = bond.house.organisations[0]
    db.session.add(Membership(user=bond.assessor, organisation=other))
    db.session.commit()
    with pytest.raises(Refused, match="member in common"):
        name(bond)
    investing = make_organisation(OrganisationKind.PROVIDER)
    make_party(bond.programme, Part.INVESTOR, investing)
    with pytest.raises(Refused, match="two parts"):
        name_providers(bond.programme, "One", WHY_THESE, investing, [], actor=bond.official, once=uuid.uuid4())


@pytest.mark.parametrize(
    "facts, said",
    [
        ({"route": Route.CONTRACT, "phase": Phase.CALL}, "by a call"),
        ({"route": Route.NO_TENDER, "route_reason": "Small.", "phase": Phase.PRICES}, "published first"),
    ],
)
def test_not_for_a_bond_that_is_tendered_nor_before_prices_are_public(app, browse, facts, said):
    programme = make_programme(**facts)
    official = make_user(programme.lead)
    answer = browse(official).get(f"/programmes/{programme.id}/providers/name")
    assert answer.status_code == 409
    assert said in answer.text
    lead = make_organisation(OrganisationKind.PROVIDER)
    with pytest.raises(NotNow):
        name_providers(programme, "One", WHY_THESE, lead, [], actor=official, once=uuid.uuid4())


@pytest.mark.parametrize("who", ["intermediary", "assessor", "auditor", "investor", "guardian"])
def test_nobody_else_names(bond, browse, who):
    assert browse(getattr(bond, who)).get(path(bond)).status_code == 403
    with pytest.raises(NotYours):
        name_providers(
            bond.programme,
            "One",
            WHY_THESE,
            bond.guardian.organisations[0],
            [],
            actor=getattr(bond, who),
            once=uuid.uuid4(),
        )


def test_the_parties_read_it_and_an_outsider_does_not(bond, browse):
    award = name(bond)
    for user in (*bond.signers(), bond.auditor):
        assert WHY_THESE in browse(user).get_ok(f"/direct-awards/{award.id}").text
    outsider = make_user(make_organisation(OrganisationKind.PROVIDER))
    assert browse(outsider).get(f"/direct-awards/{award.id}").status_code == 404
    assert browse(outsider).get(f"/programmes/{bond.programme.id}/providers").status_code == 403


def test_a_change_of_who_takes_part_asks_all_again(bond, browse):
    """The lead had accepted to deliver with the house: with another, or alone, that is another undertaking."""
    award = name(bond)
    accept_all(bond, award)
    lead, partner = bond.guardian.organisations[0], bond.house.organisations[0]
    facts = {"actor": bond.official}
    name_providers(bond.programme, "Same", "Other words.", lead, [partner], once=uuid.uuid4(), **facts)
    assert {one.state for one in award.named} == {NamedState.ACCEPTED}, "the same parties: the answers stand"
    name_providers(bond.programme, "Same", "The other leads.", partner, [lead], once=uuid.uuid4(), **facts)
    assert {one.state for one in award.named} == {NamedState.ASKED}
    page = browse(bond.official).get(f"/programmes/{bond.programme.id}/agreement/draft")
    assert page.status_code == 409 and "Not every service provider has answered" in page.text
    bodies = db.session.scalars(
        db.select(Notification.body).filter_by(action="direct.name", address=bond.guardian.email)
    ).all()
    assert sum("no longer counts" in body for body in bodies) == 1


def test_after_a_refusal_the_government_names_anew(bond, browse):
    award = name(bond)
    accept_naming(award, "Guidance.", actor=bond.guardian)
    decline_naming(award, actor=bond.house)
    official, task = browse(bond.official), "A service provider declined"
    assert task in official.get_ok("/home").text
    late = official.get(f"/programmes/{bond.programme.id}/agreement/draft")
    assert late.status_code == 409 and "House declined" in late.text
    assert "Draft the agreement" not in official.get_ok("/home").text
    assert official.post_form(path(bond), typed(bond, partners=[])).status_code == 303  # on without it
    assert task not in official.get_ok("/home").text
    db.session.expire_all()
    assert {one.organisation.name: one.state for one in award.named} == {
        "Guardian": NamedState.ASKED,
        "House": NamedState.WITHDRAWN,
    }
    accept_naming(award, "All of it.", actor=bond.guardian)
    assert "Draft the agreement" in official.get_ok("/home").text
