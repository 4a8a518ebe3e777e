"""After an outage the deadline may move, also when it passed, while nothing was opened; everybody is told (art. 2.109
Aw)."""

import uuid
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.models import Rectification
from app.calls.operations import close_call
from app.calls.states import CallState
from app.calls.term_operations import OutageFacts, extend_call, least_deadline
from app.core import clock
from app.core.errors import NotNow, Refused
from app.evaluation.opening_operations import consent_to_open
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call()


def official_of(call):
    return make_user(call.programme.lead)


def outage(call, *, began=-2, ended=-1, deadline=3):
    """Hours from the deadline of `call`."""
    began, ended, deadline = (call.deadline + timedelta(hours=hours) for hours in (began, ended, deadline))
    return OutageFacts(began, ended, "The data centre had no power.", deadline)


def extend(call, **hours):
    return extend_call(call, outage(call, **hours), actor=official_of(call), once=uuid.uuid4())


def test_the_page_says_it_to_all_and_keeps_the_record(call, browse):
    bidder, follower = make_user(lead := make_provider()), make_user(make_provider())
    make_consortium(call, lead)
    reader = browse(follower)
    reader.submit(reader.get_ok(f"/calls/{call.id}"), action=f"/calls/{call.id}/follow")
    official, before = official_of(call), call.deadline
    typed = {
        name: f"{(before + timedelta(hours=hours)).astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"
        for name, hours in (("began_at", -2), ("ended_at", 1), ("deadline", 30))
    }
    with clock.at(before + timedelta(hours=2)):
        close_call(call)
        answer = browse(official).post_form(f"/calls/{call.id}/extend", typed | {"cause": "No power."})
        assert answer.status_code == 303
        db.session.refresh(call)
        assert (call.state, call.is_past_deadline) == (CallState.PUBLISHED, False)
        page = browse().get_ok(f"/calls/{call.id}").text
    assert "Outage from" in page
    assert "No power." in page
    kept = db.session.scalars(db.select(Rectification)).one()
    assert (kept.deadline_before, kept.deadline_after) == (before, call.deadline)
    told = set(db.session.scalars(db.select(Notification.address).where(Notification.action == "call.extend")))
    assert {bidder.email, follower.email, official.email, *(m.user.email for m in call.on_committee("opener"))} <= told
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "call.extend")).one()
    assert entry.actor_id == official.id


def test_once_an_official_began_to_open_it_is_too_late(call):
    opener = call.on_committee("opener")[0].user
    with clock.at(call.deadline + timedelta(hours=2)):
        consent_to_open(call, passphrase_of(opener), actor=opener)
        with pytest.raises(NotNow, match="opening of the plans has begun"):
            extend(call)


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        ({"began": 0, "ended": 1}, "after the deadline"),  # it took no time from anybody
        ({"began": -1, "ended": -1}, "after the start"),
        ({"began": -1, "ended": 9, "deadline": 99}, "Wait until"),  # it still lasts
        ({"deadline": 1}, "in the future"),
        ({"began": -2, "ended": 1, "deadline": 2.9}, "Give back at least"),
        ({"began": -2, "ended": 1, "deadline": 3 + 24 * 30 + 1}, "For more time, rectify"),
        ({"began": -24 * 32, "ended": -24 * 31, "deadline": 24}, "before the call was published"),
    ],
)
def test_what_is_no_fair_extension_is_refused(call, hours, why):
    before = call.deadline
    with clock.at(before + timedelta(hours=2)), pytest.raises(Refused, match=why):
        extend(call, **hours)
    assert call.deadline == before


def test_at_least_what_was_left_when_it_began():
    """Down from two hours before the deadline to one hour after it: two hours from then."""
    noon = clock.local(clock.today(), 12)
    began, ended = noon - timedelta(hours=2), noon + timedelta(hours=1)
    assert least_deadline(noon, began, ended) == noon + timedelta(hours=3)


def test_an_outage_that_ended_in_time_gives_its_own_length_back(call):
    with clock.at(call.deadline - timedelta(minutes=30)):
        made = extend(call, began=-3, ended=-1, deadline=2)
    assert made.deadline_after - made.deadline_before == timedelta(hours=2)


def test_only_the_leading_municipality_extends(call, browse):
    url = f"/calls/{call.id}/extend"
    assert browse(make_user(make_provider())).get(url).status_code == 403
    assert browse().get(url).status_code == 303
    draft = make_call(call.programme, table=call.table, state=CallState.DRAFT)
    assert browse(official_of(call)).get(f"/calls/{draft.id}/extend").status_code == 409


def test_a_mistake_keeps_what_was_typed(call, browse):
    answer = browse(official_of(call)).post_form(f"/calls/{call.id}/extend", {"cause": "Half a story", "deadline": "x"})
    assert answer.status_code == 422
    assert "Half a story" in answer.text
