"""After an outage the deadline may move, also when it passed, while nothing was opened; everybody is told (art. 2.109
Aw). One official proposes, another one confirms, and no time is lost between the two."""

import uuid
from datetime import date, timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.due import close_calls, run_due
from app.calls.extension_models import Extension
from app.calls.extension_operations import (
    OutageFacts,
    confirm_extension,
    lapse_extension,
    least_deadline,
    propose_extension,
    refuse_extension,
)
from app.calls.models import Rectification
from app.calls.operations import cancel_call, close_call
from app.calls.rectify_operations import rectify_call
from app.calls.states import CallState, ExtensionState
from app.consortia.due import run_due as run_consortia
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.evaluation.opening_operations import consent_to_open
from app.extensions import db
from app.notifications.models import Notification
from tests.browser import soup
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


def propose(call, **hours):
    return propose_extension(call, outage(call, **hours), actor=official_of(call), once=uuid.uuid4())


def told(action):
    return set(db.session.scalars(db.select(Notification.address).where(Notification.action == action)))


def trail(action):
    return db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == action)).all()


def test_two_officials_give_more_time_and_all_hear_it(call, browse):
    """The public record, the notices and the trail: who proposed, and who confirmed."""
    bidder, follower = make_user(lead := make_provider()), make_user(make_provider())
    make_consortium(call, lead)
    reader = browse(follower)
    reader.submit(reader.get_ok(f"/calls/{call.id}"), action=f"/calls/{call.id}/follow")
    one, other, before = official_of(call), official_of(call), call.deadline
    typed = {
        name: f"{(before + timedelta(hours=hours)).astimezone(clock.LOCAL):%Y-%m-%dT%H:%M}"
        for name, hours in (("began_at", -2), ("ended_at", 1), ("deadline", 30))
    }
    with clock.at(before + timedelta(hours=2)):
        assert browse(one).post_form(f"/calls/{call.id}/extend", typed | {"cause": "No power."}).status_code == 303
        proposed = db.session.scalars(db.select(Extension)).one()
        db.session.refresh(call)
        assert call.deadline == before
        openers = {member.user.email for member in call.on_committee("opener")}
        assert {one.email, other.email} | openers <= told("extension.propose")
        assert not {bidder.email, follower.email} & told("extension.propose")  # nothing is certain yet
        assert "It is not certain yet" in browse().get_ok(f"/calls/{call.id}").text
        assert browse(one).get(f"/extensions/{proposed.id}/confirm").status_code == 403
        task = soup(browse(other).get_ok("/home")).select_one(f'a[href="/extensions/{proposed.id}/confirm"]')
        assert "Confirm or refuse more time" in task.text
        assert browse(other).post_form(f"/extensions/{proposed.id}/confirm").status_code == 303
        db.session.refresh(call)
        assert (call.state, call.is_past_deadline) == (CallState.PUBLISHED, False)
        page = browse().get_ok(f"/calls/{call.id}").text
    assert "Outage from" in page
    assert "No power." in page
    assert "It is not certain yet" not in page
    kept = db.session.scalars(db.select(Rectification)).one()
    assert (kept.deadline_before, kept.deadline_after) == (before, call.deadline)
    assert {bidder.email, follower.email, one.email, other.email} | openers <= told("extension.confirm")
    assert [entry.actor_id for entry in trail("extension.propose")] == [one.id]
    assert [entry.actor_id for entry in trail("extension.confirm")] == [other.id]


def test_nobody_confirms_what_they_proposed_themselves(call):
    official = official_of(call)
    with clock.at(call.deadline + timedelta(hours=2)):
        proposed = propose_extension(call, outage(call), actor=official, once=uuid.uuid4())
        with pytest.raises(NotYours, match="second person"):
            confirm_extension(proposed, actor=official)
    assert call.is_past_deadline is False and call.rectifications == []


def test_while_it_stands_nothing_is_opened_nor_closed(call):
    """Past the deadline too: an official who waits for a colleague does not lose the moment (art. 2.109)."""
    opener, before = call.on_committee("opener")[0].user, call.deadline
    consortium = make_consortium(call, make_provider())
    with clock.at(before - timedelta(minutes=10)):
        proposed = propose(call, began=-3, ended=-2)
    with clock.at(before + timedelta(hours=2)):
        assert close_calls() == run_consortia() == 0
        with pytest.raises(NotNow, match="More time after an outage is proposed"):
            consent_to_open(call, passphrase_of(opener), actor=opener)
        refuse_extension(proposed, "It took nobody's time.", actor=official_of(call))
        assert close_calls() == run_consortia() == 1
        consent_to_open(call, passphrase_of(opener), actor=opener)
    assert (call.deadline, call.state) == (before, CallState.CLOSED)
    assert consortium.lapsed_at is not None


def test_what_it_waited_after_the_deadline_is_added(call):
    """Proposed two hours after the deadline with three hours to go; confirmed a day later: still three to go."""
    before = call.deadline
    with clock.at(before + timedelta(hours=2)):
        proposed = propose(call, began=-2, ended=1, deadline=5)
    with clock.at(before + timedelta(hours=26)):
        confirm_extension(proposed, actor=official_of(call))
        assert call.deadline - clock.now() == timedelta(hours=3)
    assert call.deadline == before + timedelta(hours=29)


def test_what_it_waited_before_the_deadline_is_not(call):
    """Then everybody could go on writing: the time to come starts with the deadline that stands."""
    before = call.deadline
    with clock.at(before - timedelta(minutes=30)):
        proposed = propose(call, began=-3, ended=-1, deadline=2)
    with clock.at(before - timedelta(minutes=1)):
        made = confirm_extension(proposed, actor=official_of(call))
    assert made.deadline_after - made.deadline_before == timedelta(hours=2)


def test_a_proposal_that_nobody_answers_lapses_and_the_plans_open(app, browse):
    """Friday 4 December: two days on is a Sunday, so it stands until the end of Monday (art. 1 Atw)."""
    deadline = clock.local(date(2026, 12, 4), 12)
    with clock.at(clock.local(date(2026, 11, 2), 9)):
        call = make_call(deadline=deadline, questions_until=clock.local(date(2026, 11, 16)))
    opener, official = call.on_committee("opener")[0].user, official_of(call)
    with clock.at(deadline + timedelta(hours=2)):
        shown = browse(official).get_ok(f"/calls/{call.id}/extend").text
        assert "8 December 2026 00:00" in shown
        proposed = propose(call)
    assert proposed.lapses_at == clock.local(date(2026, 12, 8))
    with clock.at(proposed.lapses_at - timedelta(seconds=1)):
        with pytest.raises(NotNow, match="not passed yet"):
            lapse_extension(proposed)
        assert run_due() == 0
    with clock.at(proposed.lapses_at):
        with pytest.raises(NotNow, match="stands no more"):
            confirm_extension(proposed, actor=official)
        consent_to_open(call, passphrase_of(opener), actor=opener)  # also before the worker has said so
        assert run_due() == 2  # it lapses, and the call closes
    assert (proposed.state, call.deadline) == (ExtensionState.LAPSED, deadline)
    assert official.email in told("extension.lapse")


def test_one_proposal_at_a_time_and_another_after_it(call):
    with clock.at(call.deadline + timedelta(hours=2)):
        first = propose(call)
        with pytest.raises(NotNow, match="proposed already"):
            propose(call)
        refuse_extension(first, "The cause was another one.", actor=official_of(call))
        assert propose(call).stands
    with clock.at(first.lapses_at + timedelta(hours=1)):  # the worker stood still
        second = propose(call, deadline=200)
        assert second.stands
    assert [one.state for one in call.extensions] == ["refused", "lapsed", "proposed"]


def test_a_deadline_that_moved_meanwhile_makes_it_void(call):
    proposed = None
    with clock.at(call.deadline - timedelta(minutes=30)):
        proposed = propose(call, began=-3, ended=-1, deadline=2)
        rectify_call(call, "A week more.", call.deadline + timedelta(days=7), actor=official_of(call))
        with pytest.raises(NotNow, match="deadline moved"):
            confirm_extension(proposed, actor=official_of(call))


def test_in_a_cancelled_call_it_stands_no_more(call, browse):
    with clock.at(call.deadline - timedelta(minutes=30)):
        proposed = propose(call, began=-3, ended=-1, deadline=2)
        cancel_call(call, "No money.", actor=official_of(call))
        with pytest.raises(NotNow, match="stands no more"):
            confirm_extension(proposed, actor=official_of(call))
        assert "It is not certain yet" not in browse().get_ok(f"/calls/{call.id}").text


def test_a_refusal_says_why(call, browse):
    with clock.at(call.deadline + timedelta(hours=2)):
        proposed = propose(call)
        reader = browse(official := official_of(call))
        assert reader.post_form(f"/extensions/{proposed.id}/refuse", {"reason": ""}).status_code == 422
        assert reader.post_form(f"/extensions/{proposed.id}/refuse", {"reason": "It held an hour."}).status_code == 303
        assert official.email in told("extension.refuse")
        assert reader.get(f"/extensions/{proposed.id}/confirm").status_code == 409
    assert db.session.scalars(db.select(Rectification)).all() == []


def test_a_double_click_confirms_once(call):
    official = official_of(call)
    with clock.at(call.deadline + timedelta(hours=2)):
        proposed = propose(call)
        assert confirm_extension(proposed, actor=official) is confirm_extension(proposed, actor=official)
    assert len(call.rectifications) == 1


def test_once_an_official_began_to_open_it_is_too_late(call):
    opener = call.on_committee("opener")[0].user
    with clock.at(call.deadline + timedelta(hours=2)):
        consent_to_open(call, passphrase_of(opener), actor=opener)
        with pytest.raises(NotNow, match="opening of the plans has begun"):
            propose(call)


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
        propose(call, **hours)
    assert call.deadline == before


def test_at_least_what_was_left_when_it_began():
    """Down from two hours before the deadline to one hour after it: two hours from then."""
    noon = clock.local(clock.today(), 12)
    began, ended = noon - timedelta(hours=2), noon + timedelta(hours=1)
    assert least_deadline(noon, began, ended) == noon + timedelta(hours=3)


def test_only_the_leading_municipality_extends(call, browse):
    url = f"/calls/{call.id}/extend"
    assert browse(make_user(make_provider())).get(url).status_code == 403
    assert browse().get(url).status_code == 303
    with clock.at(call.deadline + timedelta(hours=2)):
        close_call(call)
        proposed = propose(call)
        for act in ("confirm", "refuse"):
            assert browse(make_user(make_provider())).get(f"/extensions/{proposed.id}/{act}").status_code == 403
    draft = make_call(call.programme, table=call.table, state=CallState.DRAFT)
    assert browse(official_of(call)).get(f"/calls/{draft.id}/extend").status_code == 409


def test_a_mistake_keeps_what_was_typed(call, browse):
    answer = browse(official_of(call)).post_form(f"/calls/{call.id}/extend", {"cause": "Half a story", "deadline": "x"})
    assert answer.status_code == 422
    assert "Half a story" in answer.text
