"""The lead goes over by two hands: who has it offers it, who is asked takes it. Only then may the first one leave."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.consortia.models import Consortium
from app.consortia.operations import dissolve_consortium, invite_partner, leave_consortium, offer_lead, take_lead
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


@pytest.fixture
def lead(app):
    return make_user(make_provider("First"))


@pytest.fixture
def partner(app):
    return make_user(make_provider("Second"))


@pytest.fixture
def consortium(lead, partner):
    return make_consortium(lead=lead.organisations[0], partners=[partner.organisations[0]])


def place_of(consortium, person):
    return consortium.partner_of(person.organisations[0].id)


def told_of(action):
    return set(db.session.scalars(db.select(Notification.address).filter_by(action=action)))


def test_the_lead_goes_over_by_two_hands(consortium, lead, partner, browse):
    proposal = make_proposal(consortium)
    assert len(proposal.confirmed_by()) == 2
    here = f"/consortia/{consortium.id}"
    chosen = {"partner": str(place_of(consortium, partner).id)}
    assert browse(lead).post_form(f"{here}/lead", chosen).status_code == 303
    db.session.expire_all()
    assert consortium.lead_id == lead.organisations[0].id  # nothing changed yet
    assert told_of("consortium.offer_lead") == {partner.email}
    assert f"{here}/take-lead" in browse(partner).get_ok(here).text
    assert browse(partner).post_form(f"{here}/take-lead").status_code == 303
    db.session.expire_all()
    assert (consortium.lead_id, consortium.lead_offered_to_id) == (partner.organisations[0].id, None)
    assert told_of("consortium.take_lead") == {lead.email, partner.email}
    assert proposal.confirmed_by() == {}  # who leads is part of what was confirmed
    assert browse(lead).get(f"{here}/invite").status_code == 403
    leave_consortium(consortium, actor=lead)
    assert place_of(consortium, lead).state == PartnerState.LEFT
    acts = set(db.session.scalars(db.select(AuditEntry.action)))
    assert {"consortium.offer_lead", "consortium.take_lead", "consortium.leave"} <= acts


def test_the_offer_can_be_taken_back(consortium, lead, partner, browse):
    offer_lead(consortium, place_of(consortium, partner), actor=lead)
    assert browse(lead).post_form(f"/consortia/{consortium.id}/lead", {"partner": ""}).status_code == 303
    db.session.expire_all()
    with pytest.raises(NotNow):
        take_lead(consortium, actor=partner)
    assert browse(partner).get(f"/consortia/{consortium.id}/take-lead").status_code == 409


def test_only_the_one_that_was_asked_takes_it(consortium, lead, partner, browse):
    third = make_user(make_provider("Third"))
    add_partner(consortium, third.organisations[0], PartnerState.ACCEPTED)
    offer_lead(consortium, place_of(consortium, partner), actor=lead)
    assert browse(third).get(f"/consortia/{consortium.id}/take-lead").status_code == 403
    with pytest.raises(NotYours):
        take_lead(consortium, actor=third)
    with pytest.raises(NotYours):
        offer_lead(consortium, place_of(consortium, third), actor=partner)


def test_the_offer_ends_when_the_partner_leaves(consortium, lead, partner):
    offer_lead(consortium, place_of(consortium, partner), actor=lead)
    leave_consortium(consortium, actor=partner)
    assert consortium.lead_offered_to_id is None


def test_somebody_who_is_only_invited_is_not_asked(consortium, lead):
    invited = add_partner(consortium, make_provider())
    with pytest.raises(Refused):
        offer_lead(consortium, invited, actor=lead)


def test_a_lead_without_partners_dissolves(lead, browse):
    consortium = make_consortium(lead=lead.organisations[0])
    asked = make_user(make_provider())
    invite_partner(consortium, asked.organisations[0], actor=lead)
    page = browse(lead).post_form(f"/consortia/{consortium.id}/dissolve")
    assert page.status_code == 303
    db.session.expire_all()
    assert consortium.state == ConsortiumState.DISSOLVED
    assert consortium.draft_key is None
    assert told_of("consortium.withdraw_invitation") == {asked.email}
    assert browse(asked).get(f"/consortia/{consortium.id}").status_code == 404
    mine = db.session.scalars(Consortium.visible_to(lead)).all()
    assert mine == []  # and it may form or join another
    with pytest.raises(NotYours):
        dissolve_consortium(make_consortium(), actor=asked)


def test_with_partners_it_does_not_send_them_away(consortium, lead, browse):
    assert browse(lead).get(f"/consortia/{consortium.id}/dissolve").status_code == 409
    with pytest.raises(NotNow):
        dissolve_consortium(consortium, actor=lead)


def test_after_the_deadline_the_lead_stays_where_it_is(consortium, lead, partner):
    offer_lead(consortium, place_of(consortium, partner), actor=lead)
    with clock.at(consortium.call.deadline), pytest.raises(NotNow):
        take_lead(consortium, actor=partner)
    with clock.at(consortium.call.deadline - timedelta(seconds=1)):
        take_lead(consortium, actor=partner)
