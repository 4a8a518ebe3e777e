"""A published call changes only here: old and new are shown to all, and what is essential gives everybody time."""

import uuid
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.calls import notices
from app.calls.changes import differences, is_essential, lines_of
from app.calls.legal import Key, days_shown
from app.calls.models import Call, Rectification, answers_until
from app.calls.operations import refuse_national_id
from app.calls.rectifying import rectifying
from app.calls.rewriting import NOTHING, Rewritten, rewrite
from app.calls.states import FLOW
from app.core import clock
from app.core.errors import Refused
from app.core.format import moment as shown_moment
from app.core.operation import operation
from app.extensions import db
from app.people.models import User


@operation
def rectify_call(
    call: Call,
    text: str,
    deadline: datetime | None = None,
    *,
    rewritten: Rewritten = NOTHING,
    actor: User,
    once: uuid.UUID | None = None,
    version: int | None = None,
) -> Rectification:
    """Change a published call and say to all what and why (`text`); `deadline` (aware), if given, is a later one.

    An earlier deadline would take time from those who counted on it, so it is refused; so is a rectification that
    changes nothing. A change of what plans are judged by, requirements, lots or questions of the plan, and any other
    that is no mere correction, is refused without the time that the law of the call gives (`Key.EXTENSION`); what
    partners confirmed before it falls. Contacts may change at any time.
    """
    existing = db.session.get(Rectification, once) if once else None
    if existing is not None:
        return existing
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_RECTIFY)
    refuse_national_id(text=text, description=rewritten.description or "", requirements=rewritten.requirements or "")
    if deadline is not None and deadline <= call.deadline:
        raise Refused(_("The deadline can only move to a later moment."), "deadline")
    before, moved_from = lines_of(call), call.deadline
    with rectifying(call):
        rewrite(call, rewritten)
    changes = differences(before, lines_of(call))
    if not changes and deadline is None:
        raise Refused(_("Nothing changes by this. What only explains belongs in a nota: add a clarification there."))
    essential = is_essential(changes, rewritten.is_correction)
    if essential:
        _expect_time(call, deadline)
        call.essential_changes += 1
    call.deadline = deadline or call.deadline
    _expect_questions(call, essential, before["questions_until", ""][1])
    made = Rectification(
        id=once or uuid.uuid4(),
        text=text,
        deadline_before=moved_from,
        deadline_after=call.deadline,
        is_essential=essential,
        changes=changes,
    )
    call.rectifications.append(made)
    flag_modified(call, "title")  # the version counts also when only a criterion changed
    said = [change for change in changes if change["what"] != "contact"]  # the trail holds no text about a person
    facts: dict[str, Any] = {"text": text, "before": moved_from, "after": call.deadline, "changes": said}
    facts["contacts"] = len(changes) - len(said)
    record(Action.CALL_RECTIFY, call, actor, **facts)
    notices.tell_rectified(call, made)
    return made


def least_deadline(call: Call) -> datetime:
    """The first deadline that gives the time which an essential change asks: at the same time of day, on no weekend or
    holiday."""
    closes = clock.day_of(call.deadline)
    until = clock.count_term(closes, call.rule(Key.EXTENSION).days, call.programme.jurisdiction).until
    return clock.days_before(call.deadline, (closes - until).days)


def _expect_time(call: Call, deadline: datetime | None) -> None:
    least, found = least_deadline(call), call.rule(Key.EXTENSION)
    if deadline is not None and deadline >= least:
        return
    message = _(
        "This changes what bidders plan, so everybody gets at least %(days)s more: %(moment)s or later (%(basis)s).",
        days=days_shown(found.days),
        moment=shown_moment(least),
        basis=found.basis,
    )
    raise Refused(message, "deadline")


def _expect_questions(call: Call, essential: bool, before: str) -> None:
    """The term for questions never shrinks, ends before the last answers, and is open when something new is said."""
    if call.questions_until < datetime.fromisoformat(before):
        raise Refused(_("The term for questions can only move to a later moment."), "questions_until")
    last = answers_until(call.deadline, call.answers_days)
    if call.questions_until > last and call.questions_until != datetime.fromisoformat(before):
        message = _(
            "The last answers are given by %(moment)s, so questions end before that.", moment=shown_moment(last)
        )
        raise Refused(message, "questions_until")
    if essential and call.questions_until <= clock.now():
        raise Refused(_("Whoever reads this must be able to ask about it: give a later term."), "questions_until")
