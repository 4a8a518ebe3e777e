"""Questions of tenderers and the answers that everybody gets."""

import uuid

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.calls import notices
from app.calls.models import (
    Call,
    Question,
)
from app.calls.operations import add_follower, refuse_national_id
from app.calls.states import FLOW, QUESTION_FLOW
from app.core import clock
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import OrganisationKind, User


@operation
def ask_question(call: Call, text: str, *, actor: User, once: uuid.UUID) -> Question:
    """A provider asks; the answer goes to all (art. 2.53 Aw). Neither trail nor notice says who asked."""
    existing = db.session.get(Question, once)
    if existing is not None:
        return existing
    FLOW.advance(call, Action.QUESTION_ASK)
    asks_for = [o for o in actor.organisations if o.kind == OrganisationKind.PROVIDER]
    if not asks_for:
        raise Refused(_("Only a service provider asks questions about a call."))
    refuse_national_id(text=text)
    question = Question(id=once, call=call, text=text, asked_by_id=actor.id, organisation=asks_for[0])
    db.session.add(question)
    record(Action.QUESTION_ASK, question, actor, on_behalf_of=call, nameless=True)
    add_follower(call, actor)
    notices.tell_asked(call)
    return question


@operation
def answer_question(question: Question, answer: str, *, actor: User, version: int | None = None) -> None:
    """Answer to everybody at once. `NotNow` after the deadline, or when a colleague answered already."""
    question.expect_version(version)
    QUESTION_FLOW.advance(question, Action.QUESTION_ANSWER)
    refuse_national_id(answer=answer)
    question.answer, question.answered_at, question.answered_by_id = answer, clock.now(), actor.id
    record(Action.QUESTION_ANSWER, question, actor, question=question.text, answer=answer)
    notices.tell_answered(question)
