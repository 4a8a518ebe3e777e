"""Questions go to all, the asker to nobody (art. 2.53 Aw): not on a page, not in a notice, not in the trail."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.calls.models import CommitteeMember, Duty, answers_until
from app.calls.question_models import Question
from app.calls.question_operations import Reply, answer_question, ask_question, publish_nota
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import moment
from app.extensions import db
from app.notifications.models import Notification
from app.programmes.models import Part
from tests.factories.calls import make_call, make_provider, make_question
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party


@pytest.fixture
def call(app):
    return make_call()


def test_nothing_tells_who_asked(call, browse):
    organisation = make_provider("Stichting Nieuwsgierig")
    asker = make_user(organisation, "Piet Vraagal")
    official = make_user(call.programme.lead)
    follower = make_user(make_provider())
    auditor = make_user(make_party(call.programme, Part.AUDITOR))
    following = browse(follower)
    following.submit(following.get_ok(f"/calls/{call.id}"), action=f"/calls/{call.id}/follow")

    assert browse(asker).post_form(f"/calls/{call.id}/ask", {"text": "May we start later?"}).status_code == 303
    question = db.session.scalars(db.select(Question)).one()
    before = browse(official).get_ok(f"/calls/{call.id}/questions").text
    browse(official).post_form(f"/questions/{question.id}/answer", {"answer": "Yes, in March."})
    assert browse(official).post_form(f"/calls/{call.id}/notas/publish", {}).status_code == 303

    names = (asker.name, asker.email, organisation.name, str(asker.id), str(organisation.id))
    pages = [before] + [
        browse(reader).get_ok(url).text
        for reader in (official, follower, auditor)
        for url in (f"/calls/{call.id}/questions", f"/calls/{call.id}")
    ]
    pages.append(browse().get_ok(f"/calls/{call.id}/questions").text)
    entries = db.session.scalars(
        db.select(AuditEntry).where(AuditEntry.action.in_(["question.ask", "question.answer", "nota.publish"]))
    ).all()
    trail = [f"{e.actor_id} {json.dumps(e.facts.body)}" for e in entries]
    notices = [f"{n.title} {n.body} {n.path}" for n in db.session.scalars(db.select(Notification))]
    assert len(entries) == 3
    for told in pages + trail + notices:
        assert not any(name in told for name in names), told
    assert entries[0].actor_id is None
    assert entries[1].actor_id == official.id
    answered = db.session.scalars(db.select(Notification.address).where(Notification.action == "nota.publish")).all()
    assert set(answered) == {asker.email, follower.email}
    assert "Yes, in March." in pages[-1]


def test_an_open_question_is_seen_by_asker_and_officials_only(call, browse):
    asker = make_user(make_provider())
    make_question(call, asker, "Only ours?")
    url = f"/calls/{call.id}/questions"
    assert "asked by you" in browse(asker).get_ok(url).text
    assert "Only ours?" in browse(make_user(call.programme.lead)).get_ok(url).text
    for other in (make_user(make_provider()), None):
        assert "Only ours?" not in browse(other).get_ok(url).text


def test_a_confidential_part_and_a_draft_answer_are_for_who_answers_only(call, browse):
    """Art. 2.57 Aw: what a tenderer gives in confidence goes no further than needed. A scorer, and an official of
    another municipality of the bond, answer nothing."""
    asker = make_user(make_provider())
    question = make_question(call, asker, "Only ours?", confidential="Our method 8812", answer="Draft answer 3391")
    scorer = make_user(make_organisation())
    db.session.add(CommitteeMember(call=call, user=scorer, duty=Duty.SCORER))
    db.session.commit()
    url = f"/calls/{call.id}/questions"
    for other in (scorer, make_user(make_party(call.programme, Part.GOVERNMENT))):
        text = browse(other).get_ok(url).text
        assert not any(secret in text for secret in ("Only ours?", "8812", "3391"))
        assert browse(other).get(f"/questions/{question.id}/answer").status_code == 404
    read = browse(make_user(call.programme.lead)).get_ok(url).text
    assert "8812" in read and "3391" in read


def test_the_term_for_questions_ends_to_the_second(call):
    asker = make_user(make_provider())
    with clock.at(call.questions_until - timedelta(seconds=1)):
        ask_question(call, "In time?", actor=asker, once=Question.id.default.arg(None))
    with clock.at(call.questions_until), pytest.raises(NotNow):
        ask_question(call, "Late?", actor=asker, once=Question.id.default.arg(None))


def test_who_is_no_provider_does_not_ask(call, browse):
    assert browse(make_user(call.programme.lead)).get(f"/calls/{call.id}/ask").status_code == 403
    assert browse().get(f"/calls/{call.id}/ask").status_code == 303


def test_a_double_click_asks_once_and_an_empty_question_is_none(call, browse):
    reader = browse(make_user(make_provider(vetted_at=None)))
    page = reader.get_ok(f"/calls/{call.id}/ask")
    for _ in range(2):
        assert reader.submit(page, {"text": "Once?"}).status_code == 303
    assert reader.post_form(f"/calls/{call.id}/ask", {"text": "  "}).status_code == 422
    assert db.session.scalar(db.select(db.func.count(Question.id))) == 1


def test_two_officials_answer_at_once(call, browse):
    question = make_question(call, make_user(make_provider()))
    one, other = (browse(make_user(call.programme.lead)) for _ in range(2))
    page = other.get_ok(f"/questions/{question.id}/answer")
    one.post_form(f"/questions/{question.id}/answer", {"answer": "Yes."})
    late = other.submit(page, {"answer": "No, on reflection."})
    assert late.status_code == 409
    assert "No, on reflection." in late.text
    db.session.refresh(question)
    assert question.answer == "Yes."


def test_after_the_deadline_no_answer_reaches_anybody(call):
    question = make_question(call, make_user(make_provider()))
    with clock.at(call.deadline), pytest.raises(NotNow):
        answer_question(question, Reply("Too late."), actor=make_user(call.programme.lead))


def test_a_tenderer_does_not_answer(call, browse):
    asker = make_user(make_provider())
    question = make_question(call, asker)
    assert browse(asker).get(f"/questions/{question.id}/answer").status_code == 403
    assert browse(make_user(make_provider())).get(f"/questions/{question.id}/answer").status_code == 404


def test_the_page_of_questions_costs_the_same_for_one_and_for_thirty(call, browse):
    from tests.statements import counted

    asker = make_user(make_provider())
    make_question(call, asker)
    reader = browse(make_user(call.programme.lead))
    url = f"/calls/{call.id}/questions"
    reader.get_ok(url)
    with counted() as for_one:
        reader.get_ok(url)
    for n in range(29):
        make_question(call, asker, f"Question {n}?")
    with counted() as for_thirty:
        reader.get_ok(url)
    assert len(for_one) == len(for_thirty)
    assert db.session.scalar(db.select(db.func.count(AuditFacts.seq))) == 0


# A BSN that passes the 11-test; a rijksregisternummer of somebody born before 2000, and one after.
NATIONAL = ["Betreft 111222333.", "Dossier 85.07.30-033 28", "Dossier 00012500161"]


@pytest.mark.parametrize("text", NATIONAL)
def test_no_national_number_becomes_public(call, browse, text):
    """Domain, section 9: a question and its answer are for everybody."""
    answer = browse(make_user(make_provider())).post_form(f"/calls/{call.id}/ask", {"text": text})
    assert answer.status_code == 422
    assert "A national number" in answer.text
    assert db.session.scalar(db.select(db.func.count(Question.id))) == 0
    question = make_question(call, make_user(make_provider()))
    official = make_user(call.programme.lead)
    answer = browse(official).post_form(f"/questions/{question.id}/answer", {"answer": text})
    assert answer.status_code == 422
    with pytest.raises(Refused):
        answer_question(question, Reply(text), actor=official)


def test_an_answered_question_is_not_answered_again(call, browse):
    question, official = make_question(call, make_user(make_provider())), make_user(call.programme.lead)
    reader = browse(official)
    assert f"/questions/{question.id}/answer" in reader.get_ok(f"/calls/{call.id}/questions").text
    answer_question(question, Reply("Yes."), actor=official)
    publish_nota(call, actor=official, once=uuid.uuid4())
    assert reader.get(f"/questions/{question.id}/answer").status_code == 409
    assert f"/questions/{question.id}/answer" not in reader.get_ok(f"/calls/{call.id}/questions").text


@pytest.mark.parametrize(
    ("days", "last"),
    [(10, datetime(2026, 10, 22, 12, tzinfo=clock.LOCAL)), (0, datetime(2026, 11, 1, 12, tzinfo=clock.LOCAL))],
)
def test_the_last_answers_come_ten_days_before_closing(days, last):
    """Art. 2.54 Aw, in days of the calendar: the hour that winter time adds (25 October 2026) changes nothing."""
    closes = datetime(2026, 11, 1, 12, tzinfo=clock.LOCAL)
    assert answers_until(closes.astimezone(UTC), days) == last


def test_the_call_and_the_answer_page_give_the_day(call, browse):
    question = make_question(call, make_user(make_provider()))
    day = moment(call.answers_until)
    assert day in browse().get_ok(f"/calls/{call.id}").text
    assert day in browse(make_user(call.programme.lead)).get_ok(f"/questions/{question.id}/answer").text
