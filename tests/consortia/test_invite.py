"""The lead finds providers on the portal and asks them; nobody else hears of it."""

from datetime import timedelta

import pytest

from app.consortia.operations import invite_partner
from app.consortia.states import PartnerState
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import OrganisationKind
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_organisation, make_user
from tests.statements import counted


@pytest.fixture
def consortium(app):
    return make_consortium()


def test_the_lead_searches_and_invites(consortium, browse):
    asked = make_provider("Stichting Wonen", locality="Hengelo")
    person = make_user(asked)
    make_provider("Elders")
    leader = browse(make_user(consortium.lead))

    page = leader.get_ok(f"/consortia/{consortium.id}/invite?q=hengelo")
    assert [label.text for label in soup(page).select("main form .choice label")] == ["Stichting Wonen, Hengelo"]
    assert leader.submit(page, {"organisation": str(asked.id)}).status_code == 303

    assert consortium.partner_of(asked.id).state == PartnerState.INVITED
    told = db.session.scalars(db.select(Notification)).all()
    assert [(n.address, n.path) for n in told] == [(person.email, f"/consortia/{consortium.id}")]


def test_only_providers_are_offered_and_nobody_inside(consortium, browse):
    make_organisation(OrganisationKind.INVESTOR, "Rich")
    add_partner(consortium, make_provider("Asked already"))
    page = browse(make_user(consortium.lead)).get_ok(f"/consortia/{consortium.id}/invite")
    for name in ("Rich", "Asked already"):
        assert name not in soup(page).select_one("main").text
    with pytest.raises(Refused):
        invite_partner(consortium, make_organisation(OrganisationKind.INVESTOR), actor=make_user(consortium.lead))


def test_the_lead_does_not_learn_who_is_in_a_rival_consortium(consortium, browse):
    """An organisation of a rival is offered and invited as any other; only its own acceptance is refused."""
    taken = make_provider("Taken")
    make_consortium(consortium.call, partners=[taken])
    leader = browse(make_user(consortium.lead))
    page = leader.get_ok(f"/consortia/{consortium.id}/invite?q=taken")
    assert leader.submit(page, {"organisation": str(taken.id)}).status_code == 303


def test_twice_is_once_and_a_refusal_may_be_asked_again(consortium):
    leader, asked = make_user(consortium.lead), make_provider()
    person = make_user(asked)
    for _ in range(2):
        invite_partner(consortium, asked, actor=leader)
    consortium.partner_of(asked.id).state = PartnerState.DECLINED
    db.session.commit()
    invite_partner(consortium, asked, actor=leader)
    count = db.session.scalar(db.select(db.func.count(Notification.id)).filter_by(user_id=person.id))
    assert count == 2
    assert len(consortium.partners) == 2


def test_a_partner_or_stranger_does_not_invite(consortium, browse):
    partner = make_provider()
    add_partner(consortium, partner, PartnerState.ACCEPTED)
    url = f"/consortia/{consortium.id}/invite"
    assert browse(make_user(partner)).get(url).status_code == 403
    assert browse(make_user(make_provider())).get(url).status_code == 404
    with pytest.raises(NotYours):
        invite_partner(consortium, make_provider(), actor=make_user(partner))


def test_after_the_deadline_nobody_is_asked(consortium):
    with clock.at(consortium.call.deadline), pytest.raises(NotNow):
        invite_partner(consortium, make_provider(), actor=make_user(consortium.lead))


def test_nothing_chosen_is_said(consortium, browse):
    make_provider("Somebody")
    answer = browse(make_user(consortium.lead)).post_form(f"/consortia/{consortium.id}/invite")
    assert answer.status_code == 422
    assert "Choose one" in answer.text


def test_the_list_of_providers_costs_the_same_for_one_and_for_thirty(consortium, browse):
    make_provider()
    reader = browse(make_user(consortium.lead))
    url = f"/consortia/{consortium.id}/invite"
    reader.get_ok(url)
    with counted() as for_one:
        reader.get_ok(url)
    for _ in range(29):
        make_provider()
    with counted() as for_thirty:
        page = reader.get_ok(url)
    assert len(soup(page).select("main form .choice")) == 20
    assert len(for_one) == len(for_thirty)


def test_at_the_deadline_invitations_lapse(consortium, browse):
    person = make_user(asked := make_provider())
    add_partner(consortium, asked)
    with clock.at(consortium.call.deadline + timedelta(seconds=1)):
        page = browse(person).get_ok(f"/consortia/{consortium.id}")
        assert "Open invitations have lapsed" in page.text
        assert browse(person).get(f"/consortia/{consortium.id}/accept").status_code == 409
