"""Providers join forces; one organisation in at most one consortium of the same call, and rivals see nothing."""

import uuid
from datetime import timedelta

import pytest

from app.calls.models import Follower
from app.consortia.models import Consortium
from app.consortia.operations import form_consortium
from app.consortia.states import PartnerState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.people.models import Membership
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import add_partner, make_consortium
from tests.factories.people import make_user
from tests.statements import counted


@pytest.fixture
def call(app):
    return make_call()


def typed(organisation, **changes):
    facts = {"name": "De Brug", "lead": str(organisation.id), "role": "Coach", "contribution": "Coaching."}
    return facts | {"life_domains": ["work", "home"]} | changes


def count():
    return db.session.scalar(db.select(db.func.count(Consortium.id)))


def test_an_unvetted_provider_may_form_one_and_follows_the_call(call, browse):
    organisation = make_provider("Nieuw", vetted_at=None)
    user, colleague = make_user(organisation), make_user(organisation)

    answer = browse(user).post_form(f"/calls/{call.id}/consortia/form", typed(organisation))

    page = browse(user).follow(answer)
    assert "not vetted yet" in page.text
    consortium = db.session.scalars(db.select(Consortium)).unique().one()
    [lead] = consortium.partners
    assert (lead.organisation_id, lead.state) == (organisation.id, PartnerState.ACCEPTED)
    assert lead.life_domains == ["work", "home"]
    followers = set(db.session.scalars(db.select(Follower.user_id).filter_by(call_id=call.id)))
    assert followers == {user.id, colleague.id}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "Fill this in"),
        ({"name": "x" * 201}, "At most 200 characters"),
        ({"contribution": ""}, "Fill this in"),
    ],
)
def test_a_mistake_is_named(call, browse, changes, message):
    organisation = make_provider()
    url = f"/calls/{call.id}/consortia/form"
    answer = browse(make_user(organisation)).post_form(url, typed(organisation, **changes))
    assert answer.status_code == 422
    assert message in answer.text
    assert count() == 0


def test_nobody_forms_one_for_somebody_elses_organisation(call, browse):
    mine, theirs = make_provider(), make_provider()
    reader = browse(make_user(mine))
    page = reader.get_ok(f"/calls/{call.id}/consortia/form")
    assert reader.submit(page, typed(theirs), forged=True).status_code == 422
    assert count() == 0


def test_a_second_consortium_for_the_same_call_is_refused(call, browse):
    organisation = make_provider()
    make_consortium(call, partners=[organisation])
    answer = browse(make_user(organisation)).post_form(f"/calls/{call.id}/consortia/form", typed(organisation))
    assert answer.status_code == 422
    assert "already takes part" in answer.text
    make_consortium(make_call(), partners=[organisation])  # another call is another matter


def test_a_double_click_forms_one(call, browse):
    organisation = make_provider()
    reader = browse(make_user(organisation))
    page = reader.get_ok(f"/calls/{call.id}/consortia/form")
    assert [reader.submit(page, typed(organisation)).status_code for _ in range(2)] == [303, 303]
    assert count() == 1


def test_to_the_second(call):
    early, late = make_provider(), make_provider()
    one, other = make_user(early), make_user(late)
    with clock.at(call.deadline - timedelta(seconds=1)):
        form_consortium(call, early, "In time", "x", actor=one, once=uuid.uuid4())
    with clock.at(call.deadline), pytest.raises(NotNow):
        form_consortium(call, late, "Late", "x", actor=other, once=uuid.uuid4())


def test_who_is_no_provider_does_not_form(call, browse):
    url = f"/calls/{call.id}/consortia/form"
    assert browse(make_user(call.programme.lead)).get(url).status_code == 403
    assert browse().get(url).status_code == 303


def test_each_sees_its_own_only(call, browse):
    mine = make_provider()
    make_consortium(call, mine, name="Ours")
    make_consortium(call, name="Theirs")
    asked = make_consortium(call, name="Would like us")
    add_partner(asked, mine)
    page = browse(make_user(mine)).get_ok(f"/calls/{call.id}/consortia")
    names = {link.text for link in soup(page).select("tbody th a")}
    assert names == {"Ours", "Would like us"}
    for user in (make_user(call.programme.lead), None):
        text = browse(user).get_ok(f"/calls/{call.id}/consortia").text
        assert "Ours" not in text
        assert "Theirs" not in text


def test_the_list_costs_the_same_for_one_and_for_thirty(app, browse):
    user = make_user(make_provider())
    call = make_call()
    add_partner(make_consortium(call), user.organisations[0])
    reader = browse(user)
    url = f"/calls/{call.id}/consortia"
    reader.get_ok(url)
    with counted() as for_one:
        reader.get_ok(url)
    for _ in range(29):
        add_partner(make_consortium(call), user.organisations[0])
    with counted() as for_thirty:
        page = reader.get_ok(url)
    assert len(soup(page).select("tbody tr")) == 30
    assert len(for_one) == len(for_thirty)


def test_one_consortium_costs_the_same_for_two_and_for_twenty_partners(call, browse):
    consortium = make_consortium(call, partners=[make_provider()])
    reader = browse(make_user(consortium.lead))
    url = f"/consortia/{consortium.id}"
    reader.get_ok(url)
    with counted() as for_two:
        reader.get_ok(url)
    for _ in range(18):
        add_partner(consortium, make_provider())
    with counted() as for_twenty:
        reader.get_ok(url)
    assert len(for_two) == len(for_twenty) <= 10


def test_a_person_of_two_organisations_chooses(call, browse):
    one, other = make_provider("One"), make_provider("Other")
    user = make_user(one)
    db.session.add(Membership(user=user, organisation=other))
    db.session.commit()
    url = f"/calls/{call.id}/consortia/form"
    assert browse(user).post_form(url, typed(one, lead="")).status_code == 422
    assert browse(user).post_form(url, typed(other)).status_code == 303
    assert db.session.scalars(db.select(Consortium)).unique().one().lead_id == other.id
