"""A test that will not be finished is withdrawn, so that another can be written; nobody sees what was answered."""

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.core.errors import NotNow, NotYours, Refused
from app.core.format import day
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.gate_queries import reader_tests_of
from app.readers.models import ReaderVerdict
from app.readers.operations import judge_files, withdraw_test
from app.readers.states import ReaderTestState
from tests.factories.people import make_user

WHY = "The first reader fell ill."


def url(test) -> str:
    return f"/reader-tests/{test.id}/withdraw"


def answers(test):
    return {file.id: file.position < 5 for file in test.files}


def test_the_readers_are_told_and_have_nothing_to_do_any_more(reading, effect, official, first, second, browse):
    judge_files(reading, answers(reading), actor=first)
    assert browse(official).post_form(url(reading), {"why": WHY}).status_code == 303
    db.session.refresh(reading)
    assert reading.state == ReaderTestState.WITHDRAWN
    told = db.session.scalars(db.select(Notification).where(Notification.action == "reader_test.withdraw")).all()
    assert {notice.address for notice in told} == {first.email, second.email, official.email}
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "reader_test.withdraw")).one()
    assert db.session.get(AuditFacts, entry.seq).body == {"effect": "work-13w", "digest": reading.digest}
    assert f"/reader-tests/{reading.id}/judge" not in browse(second).get_ok("/home").text
    page = browse(official).get_ok(f"/reader-tests/{reading.id}").text
    assert "does not count" in page and "Kappa" not in page and "First reader" in page
    assert reading.agreement.files == 0
    assert "Have it read by two" in browse(official).get_ok(f"/prices/{effect.table_id}/gates").text


def test_it_is_no_test_of_the_definition(reading, effect, official):
    before = reader_tests_of(effect.table)["work-13w"]
    assert before.unfinished is reading
    withdraw_test(reading, WHY, actor=official)
    tested = reader_tests_of(effect.table)["work-13w"]
    assert tested.unfinished is None
    assert (tested.latest, tested.attempts) == (before.latest, before.attempts)


def test_files_without_readers_may_be_withdrawn_and_only_the_author_is_told(drafted, official):
    withdraw_test(drafted, WHY, actor=official)
    assert [notice.address for notice in db.session.scalars(db.select(Notification))] == [official.email]


def test_an_outcome_is_never_withdrawn(reading, official, first, second, browse):
    for reader in (first, second):
        judge_files(reading, answers(reading), actor=reader)
    assert browse(official).get(url(reading)).status_code == 409
    with pytest.raises(NotNow):
        withdraw_test(reading, WHY, actor=official)


def test_once_and_for_all(reading, official, first):
    withdraw_test(reading, WHY, actor=official)
    for act in (lambda: withdraw_test(reading, WHY, actor=official), lambda: judge_files(reading, {}, actor=first)):
        with pytest.raises(NotNow):
            act()


def test_only_the_leading_municipality(reading, first, second, browse):
    assert browse(second).get(url(reading)).status_code == 403
    assert browse(make_user()).get(url(reading)).status_code == 404


def test_it_takes_a_reason(reading, official, browse):
    answer = browse(official).post_form(url(reading), {"why": " "})
    assert answer.status_code == 422
    db.session.refresh(reading)
    assert reading.state == ReaderTestState.READING
    with pytest.raises(Refused, match="Say why"):
        withdraw_test(reading, " ", actor=official)


def test_a_reader_who_is_an_official_cannot_undo_his_own_test(reading, first, browse):
    """The first reader works for the leading municipality: as a reader he is nothing else towards this test."""
    page = browse(first).get_ok(f"/reader-tests/{reading.id}").text
    assert "/withdraw" not in page
    assert browse(first).get(url(reading)).status_code == 403
    with pytest.raises(NotYours):
        withdraw_test(reading, WHY, actor=first)
    db.session.refresh(reading)
    assert reading.state == ReaderTestState.READING


def test_the_gate_says_for_ever_who_withdrew_and_why(reading, effect, official, browse):
    withdraw_test(reading, WHY, actor=official)
    page = browse(official).get_ok(f"/prices/{effect.table_id}/gates").text
    assert f"Withdrawn: 1 ({official.name} on {day(reading.withdrawn_at)}: “{WHY}”)." in page


def test_who_answers_after_that_is_sent_to_the_page_that_says_so(reading, official, first, browse):
    browser = browse(first)
    opened = browser.get_ok(f"/reader-tests/{reading.id}/judge")
    withdraw_test(reading, WHY, actor=official)
    typed = {f"file_{number}": "yes" for number in range(1, 11)}
    answer = browser.submit(opened, typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reader-tests/{reading.id}")
    page = browser.get_ok(f"/reader-tests/{reading.id}").text
    assert "withdrawn meanwhile" in page and WHY in page
    assert db.session.scalars(db.select(ReaderVerdict)).all() == []


def test_a_withdrawn_test_leads_on(reading, effect, official, browse):
    withdraw_test(reading, WHY, actor=official)
    page = browse(official).get_ok(f"/reader-tests/{reading.id}").text
    assert f"/effects/{effect.id}/reader-test" in page and f"/prices/{effect.table_id}/gates#gate-D2" in page
