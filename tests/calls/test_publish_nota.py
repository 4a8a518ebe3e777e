"""Answers go out together, numbered, to everybody at once and in time (arts. 2.53, 2.54 and 2.132 Aw)."""

import hashlib
import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy.exc import DatabaseError, IntegrityError

from app.audit.models import AuditEntry
from app.calls.question_models import Nota, Question
from app.calls.question_operations import (
    Reply,
    answer_question,
    ask_question,
    clarify_call,
    publish_nota,
    withdraw_question,
)
from app.core import clock
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.people import make_user


@pytest.fixture
def call(app):
    return make_call()


@pytest.fixture
def official(call):
    return make_user(call.programme.lead)


def publish(call, official):
    return publish_nota(call, actor=official, once=uuid.uuid4())


def test_a_draft_is_nobodys_before_its_nota(call, official, browse):
    """Equal treatment: who asked does not read the answer a second before a rival does."""
    asker = make_user(make_provider())
    question = make_question(call, asker, "May we start later?")
    answer_question(question, Reply("Yes, in March.", "Planning"), actor=official)
    url = f"/calls/{call.id}/questions"
    for reader in (asker, make_user(make_provider()), None):
        assert "Yes, in March." not in browse(reader).get_ok(url).text
    assert "Yes, in March." in browse(official).get_ok(url).text
    assert db.session.scalar(db.select(Notification).where(Notification.body.contains("in March"))) is None
    nota = publish(call, official)
    for address in (url, f"/notas/{nota.id}"):
        assert "Yes, in March." in browse().get_ok(address).text
    told = db.session.scalars(db.select(Notification).where(Notification.action == "nota.publish")).all()
    assert {one.address for one in told} == set()  # nobody follows: the factory asked for the provider
    assert nota.number == 1


def test_numbers_rise_and_what_is_not_answered_waits(call, official, browse):
    asker = make_user(make_provider())
    ask_question(call, "First?", actor=asker, once=uuid.uuid4())
    ask_question(call, "Second?", actor=asker, once=uuid.uuid4())
    first, second = call.questions
    answer_question(first, Reply("One."), actor=official)
    assert "1 question has no answer yet" in browse(official).get_ok(f"/calls/{call.id}/notas/publish").text
    publish(call, official)
    assert (first.is_open, second.is_open) == (False, True)
    with pytest.raises(NotNow):
        publish(call, official)  # nothing is ready
    answer_question(second, Reply("Two."), actor=official)
    publish(call, official)
    assert [nota.number for nota in call.notas] == [1, 2]
    assert [entry["answer"] for nota in call.notas for entry in nota.entries] == ["One.", "Two."]
    told = db.session.scalars(db.select(Notification).where(Notification.action == "nota.publish")).all()
    assert [one.address for one in told] == [asker.email] * 2
    assert call.notas[1].digest in told[1].body


def test_equal_questions_stand_above_one_answer_under_their_heading(call, official):
    asker = make_user(make_provider())
    late, early, alike = (make_question(call, asker, text) for text in ("Work?", "Start?", "When do we start?"))
    answer_question(late, Reply("Paid work.", "Effects"), actor=official)
    answer_question(early, Reply("In March.", "Planning"), actor=official)
    answer_question(alike, Reply("", same_as=early.id), actor=official)
    clarify_call(call, "A year has twelve months.", "Effects", actor=official, once=uuid.uuid4())
    assert publish(call, official).entries == [
        {"topic": "Effects", "questions": ["Work?"], "answer": "Paid work.", "withheld": []},
        {"topic": "Effects", "questions": [], "answer": "A year has twelve months.", "withheld": []},
        {"topic": "Planning", "questions": ["Start?", "When do we start?"], "answer": "In March.", "withheld": []},
    ]
    assert alike.nota_id == early.nota_id is not None


def test_a_merged_question_waits_with_the_one_it_follows(call, official):
    asker = make_user(make_provider())
    one, other, third = (make_question(call, asker, f"{n}?") for n in range(3))
    answer_question(other, Reply("", same_as=one.id), actor=official)
    assert not other.is_ready
    with pytest.raises(NotNow):
        publish(call, official)
    for wrong in (other.id, third.id, uuid.uuid4()):  # itself is refused; a chain and a stranger too
        with pytest.raises(Refused):
            answer_question(one if wrong != other.id else other, Reply("", same_as=wrong), actor=official)
    withdraw_question(one, actor=asker)
    assert other.same_as is None and not other.is_ready  # it still gets an answer of its own


def test_the_confidential_part_is_withheld_with_its_reason(call, official, browse):
    asker, secret = make_user(make_provider()), "Our method Zephyr counts hours double."
    ask_question(call, "How are hours counted?", secret, actor=asker, once=uuid.uuid4())
    (question,) = call.questions
    assert secret in browse(official).get_ok(f"/questions/{question.id}/answer").text
    refused = browse(official).post_form(f"/questions/{question.id}/answer", {"answer": "Once."})
    assert refused.status_code == 422
    assert "Record why it is left out" in refused.text
    answer_question(question, Reply("Once.", withheld_because="A trade secret."), actor=official)
    nota = publish(call, official)
    rival = browse(make_user(make_provider()))
    for page in (
        rival.get_ok(f"/notas/{nota.id}"),
        rival.get_ok(f"/calls/{call.id}/questions"),
        browse().get_ok(f"/calls/{call.id}"),
    ):
        assert "Zephyr" not in page.text
    assert "A trade secret." in rival.get_ok(f"/notas/{nota.id}").text
    everything = [n.body for n in db.session.scalars(db.select(Notification))]
    everything += [json.dumps(e.facts.body) for e in db.session.scalars(db.select(AuditEntry)) if e.facts]
    assert not any("Zephyr" in told for told in everything)


def test_the_last_nota_comes_by_its_legal_day(call, official):
    """Art. 2.54 Aw: ten days before closing; a rectification that moves the deadline makes room again."""
    question = make_question(call, make_user(make_provider()))
    answer_question(question, Reply("Yes."), actor=official)
    with clock.at(call.answers_until + timedelta(seconds=1)):
        with pytest.raises(NotNow, match="last answers"):
            publish(call, official)
        with pytest.raises(NotNow):
            clarify_call(call, "By the way.", actor=official, once=uuid.uuid4())
    with clock.at(call.answers_until):
        assert publish(call, official).number == 1


def test_a_nota_never_changes_and_its_digest_can_be_checked(call, official):
    question = make_question(call, make_user(make_provider()))
    answer_question(question, Reply("Yes."), actor=official)
    nota = publish(call, official)
    canonical = json.dumps(nota.entries, sort_keys=True, ensure_ascii=False).encode()
    assert nota.digest == hashlib.sha256(canonical).hexdigest()
    for statement in ("UPDATE nota SET number = 7", "DELETE FROM nota"):
        with pytest.raises((DatabaseError, IntegrityError), match="append-only"), db.session.begin_nested():
            db.session.execute(db.text(statement))


def test_only_the_asker_withdraws_and_only_before_the_nota(call, official, browse):
    asker = make_user(make_provider())
    question, other = make_question(call, asker, "Ours?"), make_question(call, asker, "Kept?")
    assert browse(official).get(f"/questions/{question.id}/withdraw").status_code == 403
    with pytest.raises(NotYours):
        withdraw_question(question, actor=official)
    assert browse(asker).post_form(f"/questions/{question.id}/withdraw", {}).status_code == 303
    assert "Ours?" not in browse(official).get_ok(f"/calls/{call.id}/questions").text
    assert db.session.scalars(db.select(AuditEntry.actor_id).where(AuditEntry.action == "question.withdraw")).all() == [
        None
    ]
    answer_question(other, Reply("Yes."), actor=official)
    publish(call, official)
    assert browse(asker).get(f"/questions/{other.id}/withdraw").status_code == 409
    with pytest.raises(NotNow):
        answer_question(question, Reply("Late."), actor=official)


def test_who_publishes_and_twice_is_once(call, official, browse):
    question = make_question(call, make_user(make_provider()))
    answer_question(question, Reply("Yes."), actor=official)
    url = f"/calls/{call.id}/notas/publish"
    for reader, status in ((make_user(make_provider()), 403), (None, 303)):
        assert browse(reader).get(url).status_code == status
    reader = browse(official)
    page = reader.get_ok(url)
    answers = [reader.submit(page, {}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert db.session.scalar(db.select(db.func.count(Nota.id))) == 1
    assert db.session.scalar(db.select(db.func.count(Question.id)).where(Question.nota_id.is_(None))) == 0
