"""A lead goes on without a partner, or puts another in its place: openly, with a reason, leaving no gap unsaid."""

import pytest

from app.audit.models import AuditFacts
from app.consortia.operations import (
    accept_invitation,
    decline_invitation,
    invite_partner,
    leave_consortium,
    release_partner,
    withdraw_invitation,
)
from app.consortia.parts import part_of
from app.consortia.states import ConsortiumState, PartnerState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium, make_part
from tests.factories.people import make_user


@pytest.fixture
def lead(app):
    return make_user(make_provider("Lead"))


@pytest.fixture
def partner(app):
    return make_user(make_provider("Old"))


@pytest.fixture
def new(app):
    return make_user(make_provider("New"))


@pytest.fixture
def consortium(lead, partner):
    return make_consortium(lead=lead.organisations[0], partners=[partner.organisations[0]])


def place_of(consortium, person):
    db.session.expire_all()
    return consortium.partner_of(person.organisations[0].id)


def told_of(action):
    return set(db.session.scalars(db.select(Notification.address).filter_by(action=action)))


def test_released_with_a_reason_that_all_hear(consortium, lead, partner, browse):
    old = place_of(consortium, partner)
    make_part(old)
    url = f"/consortia/{consortium.id}/partners/{old.id}/release"
    assert browse(lead).post_form(url, {"reason": ""}).status_code == 422
    assert browse(lead).post_form(url, {"reason": "It stops this work."}).status_code == 303
    assert place_of(consortium, partner).state == PartnerState.RELEASED
    assert part_of(consortium, partner.organisations[0].id)["contribution"] == ""
    assert told_of("consortium.release") == {lead.email, partner.email}
    bodies = db.session.scalars(db.select(Notification.body).filter_by(action="consortium.release"))
    assert all("It stops this work." in body for body in bodies)
    assert not any("stops" in str(facts) for facts in db.session.scalars(db.select(AuditFacts.body)))
    assert browse(partner).get(f"/consortia/{consortium.id}").status_code == 404


def test_it_is_replaced_at_the_moment_the_other_accepts(consortium, lead, partner, new, browse):
    old = place_of(consortium, partner)
    url = f"/consortia/{consortium.id}/invite?q=New&instead_of={old.id}"
    answer = browse(lead).post_form(url, {"organisation": str(new.organisations[0].id)})
    assert answer.status_code == 303
    assert place_of(consortium, new).instead_of_id == old.id
    assert place_of(consortium, partner).state == PartnerState.ACCEPTED
    assert told_of("consortium.invite") == {new.email, partner.email}
    accept_invitation(consortium, "In its place.", actor=new)
    assert place_of(consortium, partner).state == PartnerState.RELEASED
    assert place_of(consortium, new).state == PartnerState.ACCEPTED
    assert told_of("consortium.release") == {partner.email}


@pytest.mark.parametrize("end", ["declined", "withdrawn"])
def test_without_a_successor_it_stays(consortium, lead, partner, new, end):
    invite_partner(consortium, new.organisations[0], actor=lead, instead_of=place_of(consortium, partner))
    if end == "declined":
        decline_invitation(consortium, actor=new)
    else:
        withdraw_invitation(consortium, place_of(consortium, new), actor=lead)
    assert place_of(consortium, partner).state == PartnerState.ACCEPTED
    assert place_of(consortium, new).state == end


def test_who_left_meanwhile_is_not_released_again(consortium, lead, partner, new):
    invite_partner(consortium, new.organisations[0], actor=lead, instead_of=place_of(consortium, partner))
    leave_consortium(consortium, actor=partner)
    accept_invitation(consortium, "As agreed.", actor=new)
    assert place_of(consortium, partner).state == PartnerState.LEFT
    assert place_of(consortium, new).state == PartnerState.ACCEPTED


def test_neither_the_lead_nor_a_stranger_is_replaced(consortium, lead, partner, new):
    elsewhere = make_consortium(consortium.call, partners=[make_provider()]).partners[1]
    for wrong in (place_of(consortium, lead), elsewhere):
        with pytest.raises(Refused):
            invite_partner(consortium, new.organisations[0], actor=lead, instead_of=wrong)
    with pytest.raises(NotNow):
        release_partner(consortium, place_of(consortium, lead), "x", actor=lead)
    with pytest.raises(NotNow):
        release_partner(consortium, elsewhere, "x", actor=lead)
    with pytest.raises(NotYours):
        release_partner(consortium, place_of(consortium, partner), "x", actor=partner)


def test_a_partner_of_another_consortium_is_not_there(consortium, lead, browse):
    other = make_consortium(consortium.call, partners=[make_provider()]).partners[1]
    for step in ("release", "withdraw"):
        assert browse(lead).get(f"/consortia/{consortium.id}/partners/{other.id}/{step}").status_code == 404


def test_an_invitation_is_taken_back_and_told(consortium, lead, new, browse):
    invited = add_partner(consortium, new.organisations[0])
    url = f"/consortia/{consortium.id}/partners/{invited.id}/withdraw"
    assert url in browse(lead).get_ok(f"/consortia/{consortium.id}").text
    assert browse(lead).post_form(url).status_code == 303
    assert told_of("consortium.withdraw_invitation") == {new.email}
    assert browse(new).get(f"/consortia/{consortium.id}/accept").status_code == 404
    with pytest.raises(NotYours):
        accept_invitation(consortium, "Too late.", actor=new)
    invite_partner(consortium, new.organisations[0], actor=lead)
    accept_invitation(consortium, "Asked again.", actor=new)
    with pytest.raises(NotNow):
        withdraw_invitation(consortium, place_of(consortium, new), actor=lead)


def test_with_the_plan_handed_in_everybody_stays(consortium, lead, partner, browse):
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    old = place_of(consortium, partner)
    assert browse(lead).get(f"/consortia/{consortium.id}/partners/{old.id}/release").status_code == 409
    with pytest.raises(NotNow):
        release_partner(consortium, old, "x", actor=lead)
