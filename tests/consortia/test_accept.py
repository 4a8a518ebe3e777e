"""A partner joins with its own part of the work, in one consortium of the call at the most."""

from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.models import Follower
from app.consortia.operations import accept_invitation, decline_invitation, leave_consortium
from app.consortia.parts import Statement, part_of
from app.consortia.states import ConsortiumState, PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_lots, make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user

JOINS = {"role": "Homes", "contribution": "Housing.", "life_domains": ["home"]} | {s.value: "clear" for s in Statement}


@pytest.fixture
def lead(app):
    organisation = make_provider("Lead")
    make_user(organisation)
    return organisation


@pytest.fixture
def consortium(lead):
    return make_consortium(lead=lead)


@pytest.fixture
def asked(consortium):
    organisation = make_provider("Asked")
    person = make_user(organisation)
    add_partner(consortium, organisation)
    return person


def partner_of(consortium, person):
    db.session.expire_all()
    return consortium.partner_of(person.organisations[0].id)


def test_accepting_joins_follows_and_tells(consortium, lead, asked, browse):
    url = f"/consortia/{consortium.id}/accept"
    answer = browse(asked).post_form(url, JOINS)
    assert answer.status_code == 303
    partner = partner_of(consortium, asked)
    assert (partner.state, partner.role, partner.life_domains) == (PartnerState.ACCEPTED, "Homes", ["home"])
    part = part_of(consortium, partner.organisation_id)
    assert (part["contribution"], part["declared_by"]) == ("Housing.", asked.name)
    told = set(db.session.scalars(db.select(Notification.address).filter_by(action="consortium.accept")))
    assert told == {lead.people()[0].email, asked.email}
    assert db.session.scalar(db.select(Follower.id).filter_by(user_id=asked.id, call_id=consortium.call_id))
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["consortium.accept"]


def test_without_a_part_of_the_work_nobody_joins(consortium, asked, browse):
    answer = browse(asked).post_form(f"/consortia/{consortium.id}/accept", {"life_domains": ["home"]})
    assert answer.status_code == 422
    assert partner_of(consortium, asked).state == PartnerState.INVITED
    assert "checked" in answer.text  # the tick is kept


def test_without_declarations_nobody_joins(consortium, asked, browse):
    said = {name: JOINS[name] for name in ("role", "contribution")}
    answer = browse(asked).post_form(f"/consortia/{consortium.id}/accept", said | {"taxes": "clear"})
    assert answer.status_code == 422
    assert partner_of(consortium, asked).state == PartnerState.INVITED


def test_invited_by_two_it_joins_one(consortium, asked):
    other = make_consortium(consortium.call, name="Rivals")
    add_partner(other, asked.organisations[0])
    accept_invitation(consortium, "Housing.", actor=asked)
    with pytest.raises(Refused, match="already takes part"):
        accept_invitation(other, "Housing.", actor=asked)


def test_after_leaving_it_may_join_another(consortium, asked):
    other = make_consortium(consortium.call, name="Rivals")
    add_partner(other, asked.organisations[0])
    accept_invitation(consortium, "Housing.", actor=asked)
    leave_consortium(consortium, actor=asked)
    accept_invitation(other, "Housing.", actor=asked)
    assert partner_of(other, asked).state == PartnerState.ACCEPTED
    with pytest.raises(NotYours):
        leave_consortium(consortium, actor=asked)


def test_declining_tells_the_lead_and_ends_the_sight_of_it(consortium, lead, asked, browse):
    assert browse(asked).post_form(f"/consortia/{consortium.id}/decline").status_code == 303
    assert partner_of(consortium, asked).state == PartnerState.DECLINED
    told = db.session.scalars(db.select(Notification.address).filter_by(action="consortium.decline")).all()
    assert told == [lead.people()[0].email]
    assert browse(asked).get(f"/consortia/{consortium.id}").status_code == 404
    with pytest.raises(NotYours):
        accept_invitation(consortium, "Changed my mind.", actor=asked)


def test_leaving_is_told_to_all_and_not_for_the_lead(consortium, lead, asked, browse):
    accept_invitation(consortium, "Housing.", actor=asked)
    assert browse(asked).post_form(f"/consortia/{consortium.id}/leave").status_code == 303
    told = set(db.session.scalars(db.select(Notification.address).filter_by(action="consortium.leave")))
    assert told == {lead.people()[0].email, asked.email}
    assert browse(lead.people()[0]).get(f"/consortia/{consortium.id}/leave").status_code == 403
    with pytest.raises(NotNow):
        leave_consortium(consortium, actor=lead.people()[0])


def test_with_the_plan_handed_in_nobody_joins_or_leaves(consortium, asked):
    partner = make_provider()
    add_partner(consortium, partner, PartnerState.ACCEPTED)
    consortium.state = ConsortiumState.SUBMITTED
    db.session.commit()
    for act in (
        lambda: accept_invitation(consortium, "Housing.", actor=asked),
        lambda: decline_invitation(consortium, actor=asked),
        lambda: leave_consortium(consortium, actor=make_user(partner)),
    ):
        with pytest.raises(NotNow):
            act()


def test_to_the_second(consortium, asked):
    late = make_user(other := make_provider())
    add_partner(consortium, other)
    with clock.at(consortium.call.deadline - timedelta(seconds=1)):
        accept_invitation(consortium, "In time.", actor=asked)
    with clock.at(consortium.call.deadline), pytest.raises(NotNow):
        accept_invitation(consortium, "Late.", actor=late)


def test_the_lead_does_not_accept_for_another(consortium, asked, lead, browse):
    assert browse(lead.people()[0]).get(f"/consortia/{consortium.id}/accept").status_code == 403


def test_sent_twice_it_leads_both_times_to_the_consortium(consortium, asked, browse):
    """A double click is one act; so is the same form in a second window, which has another `once`."""
    reader, url = browse(asked), f"/consortia/{consortium.id}/accept"
    page, window = reader.get_ok(url), reader.get_ok(url)
    answers = [reader.submit(one, JOINS) for one in (page, page, window)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert {answer.headers["Location"] for answer in answers} == {f"/consortia/{consortium.id}"}
    assert db.session.scalars(db.select(AuditEntry.action)).all() == ["consortium.accept"]


def test_what_cannot_be_accepted_says_so_before_it_is_filled_in(consortium, asked, browse):
    """In another consortium of a call that allows one: no form to the end, and nothing at home that leads nowhere."""
    assert "Accept the invitation" in browse(asked).get_ok(f"/consortia/{consortium.id}").text
    other = make_consortium(consortium.call, name="Rivals")
    add_partner(other, asked.organisations[0], PartnerState.ACCEPTED)
    answer = browse(asked).get(f"/consortia/{consortium.id}/accept")
    assert answer.status_code == 409 and "already takes part in a consortium for this call" in answer.text
    page = browse(asked).get_ok(f"/consortia/{consortium.id}").text
    assert "cannot accept this invitation" in page and f"/consortia/{consortium.id}/accept" not in page
    assert f"/consortia/{consortium.id}/decline" in page


def test_per_lot_is_said_per_lot(app, browse):
    """Another lot is another consortium, so "for this call" would be wrong."""
    call = make_lots()
    person = make_user(make_provider("Both"))
    page = browse(person).get_ok(f"/calls/{call.id}/consortia/form").text
    assert "For each lot an organisation takes part in one consortium at the most" in page
    assert "one consortium of this call" not in page
    in_lot = make_consortium(call, lot=call.lots[0])
    add_partner(in_lot, person.organisations[0])
    page = browse(person).get_ok(f"/consortia/{in_lot.id}/accept").text
    assert "For each lot it takes part in one consortium at the most" in page
    elsewhere = make_consortium(call, lot=call.lots[1])
    add_partner(elsewhere, person.organisations[0], PartnerState.ACCEPTED)
    browse(person).get_ok(f"/consortia/{in_lot.id}/accept")  # the other lot is no hindrance
