"""Seven days and one day before a term ends: one reminder per person and term, again when the term moved."""

import json
from datetime import timedelta

import pytest

from app.audit.models import AuditEntry
from app.calls.due import remind_people
from app.calls.operations import cancel_call, follow_call, unfollow_call
from app.calls.rectify_operations import rectify_call
from app.core import clock
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.consortia import make_consortium
from tests.factories.evaluation import decide, make_tender
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call()


@pytest.fixture
def follower(call):
    user = make_user(make_provider())
    follow_call(call, actor=user)
    return user


def told(user):
    found = db.select(Notification.title).where(Notification.action == "call.remind", Notification.user_id == user.id)
    return list(db.session.scalars(found))


def run(moment):
    with clock.at(moment):
        return remind_people()


def test_one_reminder_at_seven_days_and_one_at_one_day(call, follower):
    """The end of questions lies fifteen days before the deadline, so it does not mix with it."""
    for hours, expected in ((-7 * 24 - 1, 0), (-7 * 24 + 1, 1), (-7 * 24 + 2, 1), (-5 * 24, 1), (-23, 2), (-1, 2)):
        run(call.deadline + timedelta(hours=hours))
        assert len(told(follower)) == expected, hours
    run(call.deadline)
    assert len(told(follower)) == 2


def test_questions_are_reminded_of_too(call, follower):
    run(call.questions_until - timedelta(hours=5))
    assert "Questions until" in told(follower)[0]


def test_a_partner_who_never_followed_is_reminded(call):
    partner = make_user(lead := make_provider())
    make_consortium(call, lead)
    unfollow_call(call, actor=partner)
    run(call.deadline - timedelta(hours=23))
    assert len(told(partner)) == 1


def test_a_deadline_that_moved_is_reminded_of_anew_and_the_old_one_no_more(call, follower):
    first = call.deadline
    run(first - timedelta(days=7, hours=-1))
    with clock.at(first - timedelta(days=3)):
        rectify_call(call, "More time.", first + timedelta(days=10), actor=make_user(call.programme.lead))
    run(first - timedelta(hours=20))
    assert len(told(follower)) == 1  # the old deadline is no deadline any more
    run(call.deadline - timedelta(days=7, hours=-1))
    assert len(told(follower)) == 2


def test_a_worker_that_slept_does_not_say_seven_days_when_it_is_three(call, follower):
    run(call.deadline - timedelta(days=3))
    assert told(follower) == []


def test_a_cancelled_call_reminds_nobody(call, follower):
    cancel_call(call, "No budget.", actor=make_user(call.programme.lead))
    run(call.deadline - timedelta(hours=20))
    assert told(follower) == []


def test_a_call_published_within_the_week_is_not_reminded_of_at_once(app):
    soon = clock.now() + timedelta(days=6, hours=20)
    call = make_call(deadline=soon, questions_until=soon - timedelta(days=1), answers_days=0)
    user = make_user(make_provider())
    follow_call(call, actor=user)
    run(clock.now() + timedelta(minutes=1))
    assert told(user) == []


def test_the_trail_does_not_tell_who_follows(call, follower):
    run(call.deadline - timedelta(hours=20))
    entries = db.session.scalars(db.select(AuditEntry)).all()
    assert not [entry for entry in entries if entry.action == "call.remind"]
    assert str(follower.id) not in json.dumps([entry.facts.body for entry in entries])


def test_a_bidder_is_reminded_before_the_time_to_object_ends(app):
    """Only who may read the decision knows of the term."""
    tender = make_tender()
    evaluation = decide(tender)
    bidder, stranger = make_user(tender.bidders[1].consortium.lead), make_user(make_provider())
    follow_call(tender.call, actor=stranger)
    with clock.at(clock.end_of(evaluation.standstill_until) - timedelta(hours=20)):
        remind_people()
        remind_people()
    assert len([title for title in told(bidder) if "Objections until" in title]) == 1
    assert told(stranger) == []


def test_an_official_is_reminded_while_a_question_waits_for_its_nota(call):
    """The last answers come by their legal day (art. 2.54 Aw): whoever would forget hears of it, nobody else does."""
    official, tenderer = make_user(call.programme.lead), make_user(make_provider())
    soon = call.answers_until - timedelta(hours=20)
    run(soon)
    assert told(official) == []  # nothing waits
    make_question(call, tenderer, "Who pays for the flat?")
    run(soon)
    run(soon + timedelta(hours=1))
    assert len(told(official)) == 1
    assert "Last answers" in told(official)[0]
    assert told(tenderer) == []
