"""What the pages of calls read."""

import uuid
from datetime import datetime
from typing import Any

import flask_babel
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from app.access.actions import Action
from app.access.guard import Answer, can
from app.calls.independence import not_independent
from app.calls.models import Call, why_no_second
from app.calls.question_models import Question
from app.calls.states import CallState
from app.core import clock
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.programmes.models import Part, Party, Programme


def calls_for(user: Any, words: str = "", shown: str = "") -> Select[Any]:
    """Columns of the list, newest deadline first; `shown` is open, closed or empty for all."""
    found: Any = (
        select(
            Call.id,
            Call.title,
            Programme.title.label("bond"),
            Organisation.name.label("municipality"),
            Call.state,
            Call.deadline,
        )
        .join(Programme, Programme.id == Call.programme_id)
        .join(Organisation, Organisation.id == Programme.lead_id)
        .where(Call.id.in_(Call.visible_to(user).with_only_columns(Call.id)))
        .order_by(Call.deadline.desc(), Call.id)
    )
    for word in words.split()[:8]:
        found = found.where(
            or_(*(c.icontains(word, autoescape=True) for c in (Call.title, Programme.title, Organisation.name)))
        )
    is_open = and_(Call.state == CallState.PUBLISHED, Call.deadline > clock.now())
    if shown == "open":
        return found.where(is_open)
    if shown == "closed":
        return found.where(~is_open, Call.state != CallState.DRAFT)
    return found


def shown_state(state: CallState, deadline: datetime) -> CallState:
    """Past its deadline a call is closed, also before the worker has said so."""
    return CallState.CLOSED if state == CallState.PUBLISHED and clock.now() >= deadline else state


def closes_in(deadline: datetime) -> str:
    """ "in 12 days", in the language of the reader; the exact moment stands beside it."""
    return flask_babel.format_timedelta(deadline - clock.now(), add_direction=True, threshold=4)


def calls_of(programme: Programme, user: Any) -> list[Call]:
    """The calls of one bond that this person may see, the newest first."""
    found = Call.visible_to(user).where(Call.programme_id == programme.id).order_by(Call.created_at.desc())
    return list(db.session.scalars(found).unique())


def can_draft(programme: Programme, user: Any) -> Answer:
    """Who and when together; while one call is under way, the next one waits."""
    answer = can(Action.CALL_DRAFT, programme, user)
    reason = why_no_second(programme) if answer else None
    return answer if reason is None else Answer(False, reason)


def open_questions(call: Call, user: Any) -> list[Question]:
    """What no nota has answered yet, for who answers and for who asked; oldest first."""
    found = Question.visible_to(user).where(Question.call_id == call.id, Question.nota_id.is_(None))
    found = found.options(joinedload(Question.same_as)).order_by(Question.created_at, Question.id)
    return list(db.session.scalars(found))


def alike(question: Question) -> list[Question]:
    """The open questions of the same call under which this one may be brought; none when others stand under it."""
    if question.likewise:
        return []
    found = select(Question).where(
        Question.call_id == question.call_id,
        Question.id != question.id,
        Question.text != "",
        Question.nota_id.is_(None),
        Question.withdrawn_at.is_(None),
        Question.same_as_id.is_(None),
    )
    return list(db.session.scalars(found.order_by(Question.created_at)))


def officials_of(programme: Programme) -> list[tuple[uuid.UUID, str]]:
    """Who may open: everyone who acts for a government of the bond and for nobody who gains or checks."""
    found = _people().join(Party, Party.organisation_id == Organisation.id)
    found = found.where(Party.programme_id == programme.id, Party.part == Part.GOVERNMENT)
    found = found.where(User.id.not_in(not_independent(programme)))
    return _named(found)


def possible_scorers(programme: Programme) -> list[tuple[uuid.UUID, str]]:
    """Everyone of a vetted organisation who gains nothing by the choice and does not check it afterwards."""
    found = _people().where(Organisation.vetted_at.is_not(None), User.id.not_in(not_independent(programme)))
    return _named(found)


def _people() -> Select[Any]:
    found: Any = select(User.id, User.name, Organisation.name.label("organisation"))
    found = found.join(Membership, Membership.user_id == User.id).join(Organisation).where(User.active)
    return found.order_by(User.name, Organisation.name)


def _named(found: Select[Any]) -> list[tuple[uuid.UUID, str]]:
    people: dict[uuid.UUID, str] = {}
    for row in db.session.execute(found):
        people.setdefault(row.id, f"{row.name} ({row.organisation})")
    return list(people.items())
