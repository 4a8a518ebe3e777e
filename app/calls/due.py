"""What the worker does when its time has come."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.calls import legal, notices
from app.calls.extension_models import Extension
from app.calls.extension_operations import lapse_extension
from app.calls.legal import Term, TermKind
from app.calls.models import Call
from app.calls.operations import close_call
from app.calls.states import CallState, ExtensionState
from app.calls.term_operations import remind
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db
from app.people.models import User

REMINDERS = (1, 7)  # days before the end of a term, the nearest first
SHARED = (TermKind.QUESTIONS, TermKind.PLANS)  # of what holds for everybody
WINDOW = timedelta(days=1)  # a reminder that is later than this says nothing true any more


def run_due() -> int:
    """End proposals that nobody answered, close what has passed its deadline, remind of what is near; how many."""
    return lapse_extensions() + close_calls() + remind_people()


def lapse_extensions() -> int:
    """Proposals for more time after an outage whose term has passed; how many."""
    due = select(Extension).where(Extension.state == ExtensionState.PROPOSED, Extension.lapses_at <= clock.now())
    lapsed = 0
    for extension in db.session.scalars(due).unique().all():
        try:
            lapse_extension(extension)
        except NotNow:
            continue  # the other worker was first
        lapsed += 1
    return lapsed


def close_calls() -> int:
    """Close every call whose deadline has passed; how many. Two workers at once close each call once, and one
    that waits for more time after an outage stays as it is."""
    due = select(Call).where(Call.state == CallState.PUBLISHED, Call.deadline <= clock.now())
    closed = 0
    for call in db.session.scalars(due).unique().all():
        try:
            close_call(call)
        except NotNow:
            continue  # the other worker was first, or more time is proposed
        closed += 1
    return closed


def remind_people() -> int:
    """Remind seven days and one day before a term ends; how many people. A term that moved is reminded of anew."""
    alive = select(Call).where(Call.state.in_([CallState.PUBLISHED, CallState.CLOSED]))
    reminded = 0
    for call in db.session.scalars(alive).unique().all():
        for term, days, people in _due(call):
            try:
                reminded += remind(call, term, days, people)
            except IntegrityError:
                continue  # the other worker was first
    return reminded


def _due(call: Call) -> Iterator[tuple[Term, int, list[User]]]:
    for term in legal.terms_of(call):
        if term.kind in SHARED and (days := _near(call, term)):
            yield term, days, notices.interested(call)
        elif term.kind == TermKind.LAST_ANSWERS and (days := _near(call, term)) and _waits_for_answers(call):
            yield term, days, call.programme.lead.people()
    if not any(_near(call, term) for term in legal.added_terms(call, None)):
        return
    for person in notices.bidders(call):
        for term in legal.added_terms(call, person):
            if days := _near(call, term):
                yield term, days, [person]


def _waits_for_answers(call: Call) -> bool:
    """Is there a question or a clarification that no nota has taken yet?"""
    return any(question.is_open for question in call.questions)


def _near(call: Call, term: Term) -> int | None:
    """Which reminder is for now: none before a call was published, which tells everybody by itself."""
    if term.ends_at is None or clock.now() >= term.ends_at:
        return None
    for days in REMINDERS:
        first = clock.days_before(term.ends_at, days)
        if first <= clock.now() < min(first + WINDOW, term.ends_at) and (call.published_at or first) <= first:
            return days
    return None
