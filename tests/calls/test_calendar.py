"""The terms as a calendar file (RFC 5545), read back by the library: each reader gets what that reader may know."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from app.calls.operations import cancel_call
from app.calls.rectify_operations import rectify_call
from app.extensions import db
from tests.factories.calls import make_call, make_provider
from tests.factories.evaluation import decide, make_tender
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call()


def events(reader, call):
    answer = reader.get(f"/calls/{call.id}/deadline.ics")
    assert answer.mimetype == "text/calendar"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    return {str(e["uid"]).split("@")[0].removeprefix(f"{call.id}-"): e for e in Calendar.from_ical(answer.data).events}


def test_everybody_gets_the_terms_of_the_call(call, browse):
    found = events(browse(), call)
    assert set(found) == {"questions", "last_answers", "plans", "opening"}
    to_the_second = {"questions": call.questions_until, "last_answers": call.answers_until, "plans": call.deadline}
    for key, moment in to_the_second.items():
        assert found[key].start == moment.replace(microsecond=0)
        assert found[key].start.utcoffset() == timedelta(0)
    assert "art. 2.54" in str(found["last_answers"]["description"])


def test_a_term_that_moved_keeps_its_name_and_counts_up(call, browse):
    before = events(browse(), call)
    rectify_call(call, "More time.", call.deadline + timedelta(days=7), actor=make_user(call.programme.lead))
    after = events(browse(), call)
    assert set(before) == set(after)
    assert int(after["plans"]["sequence"]) > int(before["plans"]["sequence"])
    assert after["plans"].start - before["plans"].start == timedelta(days=7)


def test_a_cancelled_call_cancels_its_events(call, browse):
    cancel_call(call, "No budget.", actor=make_user(call.programme.lead))
    assert {str(event["status"]) for event in events(browse(), call).values()} == {"CANCELLED"}


def test_a_title_with_commas_and_umlauts_arrives_whole(app, browse):
    title = "Jongvolwassenen; Enschede, Hengelo – één plan voor zeventig jonge mensen in een kwetsbare positie\\"
    call = make_call(title=title)
    assert title in str(events(browse(), call)["plans"]["summary"])


def test_the_standstill_is_for_those_who_may_read_the_decision(app, browse):
    """Sent on Monday 2 March 2026: twenty days count to Sunday 22 March, so the standstill ends on Monday."""
    tender = make_tender()
    evaluation = decide(tender)
    call, bidder = evaluation.call, tender.bidders[0]
    evaluation.decided_at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    db.session.commit()
    for user in (make_user(call.programme.lead), make_user(bidder.consortium.lead)):
        mine = events(browse(user), call)
        assert {mine[key].start for key in ("standstill", "objections")} == {date(2026, 3, 23)}
    for stranger in (browse(), browse(make_user(make_provider()))):
        assert not {"standstill", "objections"} & set(events(stranger, call))
