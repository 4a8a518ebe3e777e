"""A published call changes only by telling all at once, and its deadline only to a later moment (domain, section 6)."""

from datetime import timedelta

import pytest

from app.calls.operations import rectify_call
from app.core import clock
from app.core.errors import NotNow, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call()


def official_of(call):
    return make_user(call.programme.lead)


def test_everybody_who_follows_is_told_and_the_change_is_shown(call, browse):
    official, bidder, other = official_of(call), make_user(lead := make_provider()), make_user(make_provider())
    make_consortium(call, lead)
    before = call.deadline
    later = (before + timedelta(days=7)).astimezone(clock.LOCAL)

    answer = browse(official).post_form(
        f"/calls/{call.id}/rectify", {"text": "The cohort is 72.", "deadline": f"{later:%Y-%m-%dT%H:%M}"}
    )

    assert answer.status_code == 303
    db.session.refresh(call)
    assert timedelta(days=6) < call.deadline - before <= timedelta(days=7)
    told = db.session.scalars(db.select(Notification).where(Notification.action == "call.rectify")).all()
    addresses = {notice.address for notice in told}
    assert {bidder.email, official.email} <= addresses
    assert other.email not in addresses
    assert "The cohort is 72." in told[0].body
    page = browse().get_ok(f"/calls/{call.id}").text
    assert "The cohort is 72." in page
    assert "Deadline moved from" in page


def test_the_deadline_never_comes_sooner(call):
    for sooner in (call.deadline, call.deadline - timedelta(seconds=1)):
        with pytest.raises(Refused, match="later moment"):
            rectify_call(call, "Sooner.", sooner, actor=official_of(call))


def test_at_the_deadline_it_is_too_late(call):
    official, deadline = official_of(call), call.deadline
    with clock.at(deadline - timedelta(seconds=1)):
        rectify_call(call, "Just in time.", actor=official)
    with clock.at(deadline), pytest.raises(NotNow):
        rectify_call(call, "Late.", deadline + timedelta(days=1), actor=official)


def test_two_officials_at_once(call, browse):
    one, other = browse(official_of(call)), browse(official_of(call))
    page = other.get_ok(f"/calls/{call.id}/rectify")
    later = (call.deadline + timedelta(days=2)).astimezone(clock.LOCAL)
    one.post_form(f"/calls/{call.id}/rectify", {"text": "First.", "deadline": f"{later:%Y-%m-%dT%H:%M}"})
    late = other.submit(page, {"text": "Second, typed with care."})
    assert late.status_code == 409
    assert "Second, typed with care." in late.text


def test_a_double_click_tells_once(call, browse):
    reader = browse(official_of(call))
    page = reader.get_ok(f"/calls/{call.id}/rectify")
    for _ in range(2):
        assert reader.submit(page, {"text": "Once."}).status_code == 303
    db.session.refresh(call)
    assert len(call.rectifications) == 1


def test_tenderers_do_not_rectify(call, browse):
    assert browse(make_user(make_provider())).get(f"/calls/{call.id}/rectify").status_code == 403
