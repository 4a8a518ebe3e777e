"""Why each rule binds in a call, and more time after an outage."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.calls import legal, notices
from app.calls.legal import Binding, Rule, Term
from app.calls.models import Call, Rectification
from app.calls.operations import refuse_national_id
from app.calls.states import FLOW
from app.calls.term_models import Reminder
from app.core import clock
from app.core.errors import Refused
from app.core.format import moment as shown_moment
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import User

MOST_BEYOND = timedelta(days=30)  # a slip of the keys moves no deadline by years


@operation
def bind_rules(call: Call, chosen: Mapping[str, str], *, actor: User, version: int | None = None) -> None:
    """Say in a draft why each rule binds (rule key -> binding); a rule that is left out binds as the law says.

    Refused for a rule that does not exist for this call, and for a statute that the call would make weaker.
    """
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EDIT)
    rules: dict[str, Rule] = {found.key: found for found in call.rules()}
    for key, said in chosen.items():
        if key not in rules:
            raise Refused(_("This rule does not exist for this call."))
        if Binding(said) not in legal.may_choose(rules[key]):
            raise Refused(_("This rule binds by statute: the call cannot choose."), key)
    call.bindings = {key: str(said) for key, said in chosen.items() if said != rules[key].binding}
    record(Action.CALL_EDIT, call, actor, bindings=call.bindings)


@dataclass(frozen=True, slots=True)
class OutageFacts:
    """When the portal could not be reached (aware moments), why, and the new `deadline`."""

    began_at: datetime
    ended_at: datetime
    cause: str
    deadline: datetime


@operation
def extend_call(
    call: Call, facts: OutageFacts, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Rectification:
    """Give everybody more time after an outage, also when the deadline has passed (art. 2.109 Aw).

    `NotNow` once an official took the first step to open the plans: then it is too late to be fair. Refused for an
    outage that took no time before the deadline, or a new deadline that gives back less than what was lost.
    """
    existing = db.session.get(Rectification, once)
    if existing is not None:
        return existing  # the second half of a double click
    call.expect_version(version)
    FLOW.advance(call, Action.CALL_EXTEND)
    refuse_national_id(cause=facts.cause)
    _check(call, facts)
    made = Rectification(
        id=once,
        text=facts.cause,
        outage_from=facts.began_at,
        outage_until=facts.ended_at,
        deadline_before=call.deadline,
        deadline_after=facts.deadline,
    )
    call.deadline = facts.deadline
    call.rectifications.append(made)
    record(
        Action.CALL_EXTEND,
        call,
        actor,
        began=facts.began_at,
        ended=facts.ended_at,
        cause=facts.cause,
        before=made.deadline_before,
        after=made.deadline_after,
    )
    notices.tell_extended(call, made)
    return made


def _check(call: Call, facts: OutageFacts) -> None:
    if call.published_at is not None and facts.ended_at <= call.published_at:
        raise Refused(_("The outage ended before the call was published, so it took no time from anybody."), "ended_at")
    if facts.began_at >= call.deadline:
        raise Refused(_("The outage began after the deadline, so it took no time from anybody."), "began_at")
    if facts.ended_at <= facts.began_at:
        raise Refused(_("The end must be after the start."), "ended_at")
    if facts.ended_at > clock.now():
        raise Refused(_("Wait until the portal can be reached again: only then is it known what was lost."), "ended_at")
    if facts.deadline <= clock.now():
        raise Refused(_("The deadline must lie in the future."), "deadline")
    least = least_deadline(call.deadline, facts.began_at, facts.ended_at)
    if facts.deadline < least:
        message = _("Give back at least what was lost: %(moment)s or later.", moment=shown_moment(least))
        raise Refused(message, "deadline")
    if facts.deadline > least + MOST_BEYOND:
        most = shown_moment(least + MOST_BEYOND)
        message = _("An outage gives time back until %(moment)s at the latest. For more time, rectify.", moment=most)
        raise Refused(message, "deadline")


def least_deadline(deadline: datetime, began: datetime, ended: datetime) -> datetime:
    """Everybody gets, after the outage, at least the time that was left when it began."""
    return ended + (deadline - began)


@housekeeping
def remind(call: Call, term: Term, days: int, people: Iterable[User]) -> int:
    """Tell these people that `term` ends in `days`; how many had not been told. Once per person and end of a term.

    No act of a party, so not in the trail: an entry would tell when somebody began to follow.
    """
    told = select(Reminder.user_id).filter_by(call_id=call.id, term=term.kind, days_before=days, ends_at=term.ends_at)
    already = set(db.session.scalars(told))
    fresh = {person.id: person for person in people if person.id not in already}
    for user_id in fresh:
        db.session.add(
            Reminder(call_id=call.id, user_id=user_id, term=term.kind, days_before=days, ends_at=term.ends_at)
        )
    db.session.flush()
    if fresh:
        notices.tell_reminder(call, list(fresh.values()), term)
    return len(fresh)
