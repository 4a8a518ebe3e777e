"""Questions of tenderers, and the numbered notas that answer them to everybody at once (arts. 2.53 and 2.54 Aw)."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.calls import notices
from app.calls.models import Call
from app.calls.operations import add_follower, refuse_national_id
from app.calls.question_models import Nota, Question
from app.calls.states import FLOW, QUESTION_FLOW
from app.core import clock
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import OrganisationKind, User


@operation
def ask_question(call: Call, text: str, confidential: str = "", *, actor: User, once: uuid.UUID) -> Question:
    """A provider asks; the answer goes to all (art. 2.53 Aw). Neither trail nor notice says who asked.

    `confidential`: what would harm the asker if rivals read it; only the officials who answer see it.
    """
    existing = db.session.get(Question, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.QUESTION_ASK)
    asks_for = [o for o in actor.organisations if o.kind == OrganisationKind.PROVIDER]
    if not asks_for:
        raise Refused(_("Only a service provider asks questions about a call."))
    refuse_national_id(text=text, confidential=confidential)
    question = Question(
        id=once, call=call, text=text, confidential=confidential, asked_by_id=actor.id, organisation=asks_for[0]
    )
    db.session.add(question)
    record(Action.QUESTION_ASK, question, actor, on_behalf_of=call, nameless=True)
    add_follower(call, actor)
    notices.tell_asked(call)
    return question


@operation
def withdraw_question(question: Question, *, actor: User) -> None:
    """The asker takes it back before a nota answers it; nobody is told, and nobody else reads it any more."""
    QUESTION_FLOW.advance(question, Action.QUESTION_WITHDRAW)
    question.withdrawn_at = clock.now()
    for other in question.likewise:  # whoever asked the same still waits for an answer
        other.same_as = None
    record(Action.QUESTION_WITHDRAW, question, actor, nameless=True)


@dataclass(frozen=True, slots=True)
class Reply:
    """The draft of an answer: under which `topic` it comes, why a confidential part is withheld, or the id of the
    question that asks the same."""

    answer: str
    topic: str = ""
    withheld_because: str = ""
    same_as: uuid.UUID | None = None


@operation
def answer_question(question: Question, reply: Reply, *, actor: User, version: int | None = None) -> None:
    """Keep the answer as a draft; the next nota takes it to everybody. `NotNow` once a nota has, or after the deadline.

    Refused while a question with a confidential part has no recorded reason to withhold it (art. 2.132 Aw).
    """
    question.expect_version(version)
    QUESTION_FLOW.advance(question, Action.QUESTION_ANSWER)
    refuse_national_id(answer=reply.answer, topic=reply.topic, withheld_because=reply.withheld_because)
    question.same_as = _same_as(question, reply.same_as)
    if question.same_as is None and not reply.answer:
        raise Refused(_("Write the answer, or choose the question that asks the same."), "answer")
    if question.confidential and not reply.withheld_because:
        message = _("A part of this question is confidential. Record why it is left out.")
        raise Refused(message, "withheld_because")
    question.answer = "" if question.same_as is not None else reply.answer
    question.topic, question.withheld_because = reply.topic, reply.withheld_because
    question.answered_by_id = actor.id
    record(Action.QUESTION_ANSWER, question, actor, withheld=bool(question.confidential))


def _same_as(question: Question, wanted: uuid.UUID | None) -> Question | None:
    """The open question of this call that asks the same; never itself, nor one that points on to a third."""
    if wanted is None:
        return None
    found = next((one for one in question.call.questions if one.id == wanted and one.is_open), None)
    if found is None or found.id == question.id or found.same_as_id is not None or question.likewise:
        raise Refused(_("Choose another question of this call that is not answered yet."), "same_as")
    return found


@operation
def clarify_call(call: Call, text: str, topic: str = "", *, actor: User, once: uuid.UUID) -> Question:
    """The governments explain or correct of their own accord; it goes out with the next nota."""
    existing = db.session.get(Question, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.QUESTION_CLARIFY)
    refuse_national_id(text=text, topic=topic)
    clarification = Question(id=once, call=call, text="", answer=text, topic=topic, answered_by_id=actor.id)
    db.session.add(clarification)
    record(Action.QUESTION_CLARIFY, clarification, actor, on_behalf_of=call)
    return clarification


@operation
def publish_nota(call: Call, *, actor: User, once: uuid.UUID) -> Nota:
    """Everything that is ready goes to everybody at once, under the next number; what is not waits for a later nota.

    `NotNow` when nothing is ready, or after the day of the last answers (art. 2.54 Aw) until the deadline moves.
    """
    existing = db.session.get(Nota, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.NOTA_PUBLISH)
    ready = [question for question in call.questions if question.is_open and question.is_ready]
    entries = entries_of(ready)
    nota = Nota(
        id=once,
        call=call,
        number=len(call.notas) + 1,
        published_at=clock.now(),
        entries=entries,
        digest=hashlib.sha256(json.dumps(entries, sort_keys=True, ensure_ascii=False).encode()).hexdigest(),
    )
    db.session.add(nota)
    db.session.flush()
    for question in ready:
        question.nota_id, question.answered_at = nota.id, nota.published_at
    record(Action.NOTA_PUBLISH, nota, actor, number=nota.number, digest=nota.digest, entries=entries)
    notices.tell_nota(nota)
    return nota


def entries_of(ready: list[Question]) -> list[dict[str, Any]]:
    """What a nota says of these questions: by topic, then in the order of asking; equal questions under one answer."""
    heads = [one for one in ready if one.same_as_id is None]
    topics = list(dict.fromkeys(one.topic for one in heads))
    return [
        {
            "topic": one.topic,
            "questions": [asked.text for asked in (one, *one.likewise) if asked.text and asked.is_open],
            "answer": one.answer,
            "withheld": [asked.withheld_because for asked in (one, *one.likewise) if asked.confidential],
        }
        for topic in topics
        for one in heads
        if one.topic == topic
    ]
