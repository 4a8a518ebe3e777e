"""A departed official or a lost passphrase: the key is retired at once, a new generation follows (issue: tried)."""

import pytest

from app.calls.key_models import CallKey, Purpose, current_key, key_of, keys_of
from app.calls.key_operations import make_opening_key, replace_opener, unlock_opening_key
from app.calls.models import Duty
from app.calls.states import CallState, Leaving
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership
from app.programmes.models import Part
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user
from tests.factories.programmes import make_party


@pytest.fixture
def call(app):
    return make_call()


def openers(call):
    return [member.user for member in call.on_committee(Duty.OPENER)]


def told(action):
    return set(db.session.scalars(db.select(Notification.address).where(Notification.action == action)))


def test_another_official_takes_the_place(call, browse):
    lead = make_user(call.programme.lead)
    leaving, taking = openers(call)[0], make_user(call.programme.lead)
    provider = make_provider()
    bidder = make_user(provider)
    make_consortium(call, provider)
    data = {"leaving": str(leaving.id), "taking": str(taking.id), "reason": "left"}
    assert browse(lead).post_form(f"/calls/{call.id}/openers/replace", data).status_code == 303
    db.session.expire_all()
    assert key_of(call, leaving) is None
    assert leaving not in openers(call) and taking in openers(call)
    assert current_key(call, Purpose.PLAN).generation == 1  # still the one that is sealed to
    assert len(current_key(call, Purpose.PLAN).holders) == 2
    assert told("opening_key.make") == {taking.email}
    assert leaving.email in told("opener.replace") and bidder.email not in told("opener.replace")
    assert browse(leaving).get(f"/calls/{call.id}/opening-key").status_code == 403
    with pytest.raises(NotNow):
        unlock_opening_key(call, passphrase_of(leaving), actor=leaving)

    make_opening_key(call, passphrase_of(taking), actor=taking)
    for purpose in Purpose:
        assert [key.generation for key in keys_of(call, purpose)] == [1, 2]
        holders = {key.user_id for key in current_key(call, purpose).holders}
        assert holders == {user.id for user in openers(call)}
    assert bidder.email in told("opener.replace")  # everybody who follows, so nobody learns who handed in


def test_a_lost_passphrase_the_same_person_makes_a_new_key(call):
    lead, person = make_user(call.programme.lead), openers(call)[1]
    replace_opener(call, person, person, Leaving.LOST, actor=lead)
    assert person in openers(call)
    assert key_of(call, person) is None
    key = make_opening_key(call, passphrase_of(call), actor=person)
    assert unlock_opening_key(call, passphrase_of(call), actor=person)[0].id == key.id
    assert current_key(call, Purpose.DISCOUNT).generation == 2


def test_a_retired_key_is_wiped(call):
    lead, person = make_user(call.programme.lead), openers(call)[1]
    key = key_of(call, person)
    replace_opener(call, person, person, Leaving.LOST, actor=lead)
    db.session.refresh(key)
    assert key.wrapped_private_key == b""


@pytest.mark.parametrize("case", ["who opens already", "an outsider", "who does not open", "who checks"])
def test_what_cannot_be(call, case):
    lead, first, second = make_user(call.programme.lead), *openers(call)[:2]
    double = make_user(call.programme.lead)  # of the assessor too (domain, section 2)
    db.session.add(Membership(user=double, organisation=make_party(call.programme, Part.ASSESSOR)))
    db.session.commit()
    leaving, taking = {
        "who opens already": (first, second),
        "an outsider": (first, make_user(make_provider())),
        "who does not open": (lead, first),
        "who checks": (first, double),
    }[case]
    with pytest.raises(Refused):
        replace_opener(call, leaving, taking, Leaving.LEFT, actor=lead)
    assert key_of(call, first) is not None


def test_only_the_leading_municipality_replaces(call, browse):
    """Not even the official who leaves: nobody but the lead decides who opens."""
    first = openers(call)[0]
    stranger = make_user(make_provider())
    assert browse(stranger).get(f"/calls/{call.id}/openers/replace").status_code == 403
    with pytest.raises(NotYours):
        replace_opener(call, first, first, Leaving.LOST, actor=stranger)


def test_not_while_it_is_a_draft_nor_once_the_plans_are_open(call):
    lead, first = make_user(call.programme.lead), openers(call)[0]
    draft = make_call(state=CallState.DRAFT)
    with pytest.raises(NotNow):
        person = openers(draft)[0]
        replace_opener(draft, person, person, Leaving.LOST, actor=make_user(draft.programme.lead))
    call.plans_opened_at = clock.now()
    db.session.commit()
    with pytest.raises(NotNow, match="were opened"):
        replace_opener(call, first, first, Leaving.LOST, actor=lead)
    assert db.session.scalar(db.select(db.func.count(CallKey.id)).where(CallKey.call_id == call.id)) == 2
