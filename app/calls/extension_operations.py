"""More time after an outage (art. 2.109 Aw): one official proposes, another one of the leading municipality answers.

Time does not run out meanwhile: while a proposal stands no plan is opened, and it stands for a short term only.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.calls import extension_notices as notices
from app.calls.extension_models import Extension
from app.calls.models import Call, Rectification
from app.calls.operations import refuse_national_id
from app.calls.states import EXTENSION_FLOW, FLOW, CallState, ExtensionState
from app.core import clock
from app.core.errors import Refused
from app.core.format import moment as shown_moment
from app.core.operation import operation
from app.extensions import db
from app.people.models import User

ANSWER_DAYS = 2  # calendar days, moved off weekends and holidays; longer would keep bidders waiting for nothing
MOST_BEYOND = timedelta(days=30)  # a slip of the keys moves no deadline by years


@dataclass(frozen=True, slots=True)
class OutageFacts:
    """When the portal could not be reached (aware moments), why, and the new `deadline`."""

    began_at: datetime
    ended_at: datetime
    cause: str
    deadline: datetime


@operation
def propose_extension(
    call: Call, facts: OutageFacts, *, actor: User, once: uuid.UUID, version: int | None = None
) -> Extension:
    """Propose more time for everybody, also when the deadline has passed. Nothing moves until it is confirmed.

    `NotNow` once an official took the first step to open the plans: then it is too late to be fair. Refused for an
    outage that took no time before the deadline, or a new deadline that gives back less than what was lost.
    """
    existing = db.session.get(Extension, once)
    if existing is not None:
        return existing  # the second half of a double click
    call.expect_version(version)
    FLOW.advance(call, Action.EXTENSION_PROPOSE)
    refuse_national_id(cause=facts.cause)
    check_outage(call, facts)
    for earlier in call.extensions:
        if earlier.state == ExtensionState.PROPOSED:  # its term has passed, and the worker has not said so yet
            lapse_extension(earlier)
    made = Extension(
        id=once,
        began_at=facts.began_at,
        ended_at=facts.ended_at,
        cause=facts.cause,
        deadline_before=call.deadline,
        deadline=facts.deadline,
        lapses_at=lapses_at(call),
        proposed_by_id=actor.id,
        created_at=clock.now(),
    )
    call.extensions.append(made)
    db.session.flush()
    record(
        Action.EXTENSION_PROPOSE,
        made,
        actor,
        on_behalf_of=call,
        began=made.began_at,
        ended=made.ended_at,
        cause=made.cause,
        before=made.deadline_before,
        proposed=made.deadline,
        lapses=made.lapses_at,
    )
    notices.tell_proposed(made)
    return made


def lapses_at(call: Call) -> datetime:
    """Until when a proposal of today stands: the end of the second day, or of the next working day after it."""
    return clock.end_of(clock.term_end(clock.today(), ANSWER_DAYS, call.programme.jurisdiction))


@operation
def confirm_extension(extension: Extension, *, actor: User) -> Rectification:
    """A second official gives everybody more time, and all are told. What the proposal waited after the old deadline
    is added. `NotNow` when it stands no more, or when the deadline moved meanwhile."""
    existing = db.session.get(Rectification, extension.id)
    if existing is not None:
        return existing  # the second half of a double click
    EXTENSION_FLOW.advance(extension, Action.EXTENSION_CONFIRM)
    call, deadline = extension.call, extension.deadline_at(clock.now())
    if deadline <= clock.now():
        raise Refused(_("The proposed deadline has passed meanwhile. Refuse this proposal and make another."))
    made = Rectification(
        id=extension.id,
        text=extension.cause,
        outage_from=extension.began_at,
        outage_until=extension.ended_at,
        deadline_before=call.deadline,
        deadline_after=deadline,
    )
    extension.answered_at = clock.now()
    call.deadline, call.state = deadline, CallState.PUBLISHED
    call.rectifications.append(made)
    record(
        Action.EXTENSION_CONFIRM,
        extension,
        actor,
        began=extension.began_at,
        ended=extension.ended_at,
        cause=extension.cause,
        before=made.deadline_before,
        after=made.deadline_after,
    )
    notices.tell_confirmed(extension, made)
    return made


@operation
def refuse_extension(extension: Extension, reason: str, *, actor: User) -> None:
    """The deadline stays as it is, with a public reason; the official who proposed may take it back in this way too."""
    if extension.state == ExtensionState.REFUSED:
        return  # the second half of a double click
    EXTENSION_FLOW.advance(extension, Action.EXTENSION_REFUSE)
    refuse_national_id(reason=reason)
    extension.answered_at, extension.refused_because = clock.now(), reason
    record(Action.EXTENSION_REFUSE, extension, actor, reason=reason)
    notices.tell_refused(extension)


@operation
def lapse_extension(extension: Extension, *, actor: None = None) -> None:
    """Nobody answered within the term: the deadline stays as it is, and the plans may be opened."""
    EXTENSION_FLOW.advance(extension, Action.EXTENSION_LAPSE)
    extension.answered_at = clock.now()
    record(Action.EXTENSION_LAPSE, extension, actor)
    notices.tell_lapsed(extension)


def check_outage(call: Call, facts: OutageFacts) -> None:
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
