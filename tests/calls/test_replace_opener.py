"""A departed official or a lost passphrase: two officials retire the key, a new generation follows (issue: tried).

No official alone may leave a plan without the keys it was sealed for (four eyes)."""

import pytest

from app.calls.key_models import CallKey, Purpose, current_key, key_of, keys_of
from app.calls.key_operations import make_opening_key, unlock_opening_key
from app.calls.models import Duty
from app.calls.opener_operations import keep_opener, propose_opener, proposed_in, replace_opener
from app.calls.states import CallState, Leaving
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership
from app.programmes.models import Part
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of, replace_by_two
from tests.factories.people import make_user
from tests.factories.programmes import make_party


@pytest.fixture
def call(app):
    return make_call()


def openers(call):
    return [member.user for member in call.on_committee(Duty.OPENER)]


def told(action):
    return set(db.session.scalars(db.select(Notification.address).where(Notification.action == action)))


def test_one_proposes_another_replaces(call, browse):
    one, another = make_user(call.programme.lead), make_user(call.programme.lead)
    leaving, taking = openers(call)[0], make_user(call.programme.lead)
    provider = make_provider()
    bidder = make_user(provider)
    make_consortium(call, provider)
    data = {"leaving": str(leaving.id), "taking": str(taking.id), "reason": "left"}
    assert browse(one).post_form(f"/calls/{call.id}/openers/propose", data).status_code == 303
    db.session.expire_all()
    assert key_of(call, leaving) is not None and leaving in openers(call)  # nothing changed yet
    assert another.email in told("opener.propose") and bidder.email not in told("opener.propose")
    seat = proposed_in(call)[0].seat
    url = f"/openers/{seat.id}/replace"
    assert browse(one).get(url).status_code == 403
    with pytest.raises(NotYours):
        replace_opener(seat, actor=one, warned=True)
    assert url in browse(another).get_ok("/home").text and url not in browse(one).get_ok("/home").text
    assert url in browse(another).get_ok(f"/calls/{call.id}").text
    assert browse(bidder).get(url).status_code == 404  # the committee has no names
    assert browse(another).post_form(url).status_code == 303
    db.session.expire_all()
    assert key_of(call, leaving) is None
    assert leaving not in openers(call) and taking in openers(call)
    assert current_key(call, Purpose.PLAN).generation == 1  # still the one that is sealed to
    assert len(current_key(call, Purpose.PLAN).holders) == 2
    assert told("opening_key.make") == {taking.email}
    assert {leaving.email, bidder.email} <= told("opener.replace")  # bidders at once, whoever handed in
    assert "new key to make first" in browse(bidder).get_ok(f"/calls/{call.id}").text
    assert browse(leaving).get(f"/calls/{call.id}/opening-key").status_code == 403
    with pytest.raises(NotNow):
        unlock_opening_key(call, passphrase_of(leaving), actor=leaving)

    make_opening_key(call, passphrase_of(taking), actor=taking)
    for purpose in Purpose:
        assert [key.generation for key in keys_of(call, purpose)] == [1, 2]
        holders = {key.user_id for key in current_key(call, purpose).holders}
        assert holders == {user.id for user in openers(call)}


def test_refused_the_official_stays_and_may_be_proposed_again(call, browse):
    one, another = make_user(call.programme.lead), make_user(call.programme.lead)
    leaving, taking = openers(call)[0], make_user(call.programme.lead)
    seat = propose_opener(call, leaving, taking, Leaving.ABSENT, actor=one)
    with pytest.raises(Refused, match="proposed already"):
        propose_opener(call, leaving, taking, Leaving.LEFT, actor=another)
    assert browse(another).post_form(f"/openers/{seat.id}/keep").status_code == 303
    assert proposed_in(call) == [] and key_of(call, leaving) is not None
    assert browse(another).get(f"/openers/{seat.id}/replace").status_code == 409
    for act in (replace_opener, keep_opener):
        with pytest.raises(NotNow):
            act(seat, actor=another)
    propose_opener(call, leaving, taking, Leaving.LEFT, actor=one)
    assert proposed_in(call)[0].reason == Leaving.LEFT


def test_two_keys_of_the_newest_generation_are_never_retired_one_after_another(call):
    """Three keys, two open: once one is retired, no other before a new one is made. A case that would break a check
    of the count of officials instead of keys: three are named all the time."""
    first, second, _third = openers(call)
    replace_by_two(call, first, make_user(call.programme.lead), Leaving.LEFT)
    with pytest.raises(NotNow, match="fewer than two"):
        replace_by_two(call, second, second, Leaving.LOST, warned=True)
    assert key_of(call, second) is not None


def test_plans_that_would_open_no_more_ask_a_word_and_bidders_hear_it_at_once(call, browse):
    first, second, _third = openers(call)
    provider = make_provider()
    bidder = make_user(provider)
    make_consortium(call, provider)
    replace_by_two(call, first, first, Leaving.LOST)
    make_opening_key(call, passphrase_of(first), actor=first)
    one, another = make_user(call.programme.lead), make_user(call.programme.lead)
    seat = propose_opener(call, second, second, Leaving.LOST, actor=one)
    url = f"/openers/{seat.id}/replace"
    assert "may never open" in browse(another).get_ok(url).text
    assert browse(another).post_form(url).status_code == 422
    db.session.expire_all()
    assert key_of(call, second) is not None
    assert browse(another).post_form(url, {"warned": "y"}).status_code == 303
    bodies = db.session.scalars(db.select(Notification.body).filter_by(action="opener.replace", address=bidder.email))
    assert sum("will not open unless" in str(body) for body in bodies) == 1


def test_a_lost_passphrase_the_same_person_makes_a_new_key(call):
    person = openers(call)[1]
    replace_by_two(call, person, person, Leaving.LOST)
    assert person in openers(call)
    assert key_of(call, person) is None
    with pytest.raises(Refused, match="retired already"):
        replace_by_two(call, person, person, Leaving.LOST)
    key = make_opening_key(call, passphrase_of(call), actor=person)
    assert unlock_opening_key(call, passphrase_of(call), actor=person)[0].id == key.id
    assert current_key(call, Purpose.DISCOUNT).generation == 2


@pytest.mark.parametrize("reason", [Leaving.LEFT, Leaving.ABSENT])
def test_who_left_does_not_take_the_own_place(call, reason):
    person = openers(call)[1]
    with pytest.raises(Refused, match="Somebody else"):
        propose_opener(call, person, person, reason, actor=make_user(call.programme.lead))


def test_a_retired_key_is_wiped(call):
    person = openers(call)[1]
    key = key_of(call, person)
    replace_by_two(call, person, person, Leaving.LOST)
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
        propose_opener(call, leaving, taking, Leaving.LEFT, actor=lead)
    assert key_of(call, first) is not None


def test_only_the_leading_municipality_replaces(call, browse):
    """Not even the official who leaves: nobody but the lead decides who opens."""
    first = openers(call)[0]
    stranger = make_user(make_provider())
    assert browse(stranger).get(f"/calls/{call.id}/openers/propose").status_code == 403
    with pytest.raises(NotYours):
        propose_opener(call, first, first, Leaving.LOST, actor=stranger)


def test_not_while_it_is_a_draft_nor_once_the_plans_are_open(call):
    lead, first = make_user(call.programme.lead), openers(call)[0]
    draft = make_call(state=CallState.DRAFT)
    with pytest.raises(NotNow):
        person = openers(draft)[0]
        propose_opener(draft, person, person, Leaving.LOST, actor=make_user(draft.programme.lead))
    call.plans_opened_at = clock.now()
    db.session.commit()
    with pytest.raises(NotNow, match="were opened"):
        propose_opener(call, first, first, Leaving.LOST, actor=lead)
    assert db.session.scalar(db.select(db.func.count(CallKey.id)).where(CallKey.call_id == call.id)) == 2
