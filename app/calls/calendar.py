"""The terms of a call as a calendar file (RFC 5545)."""

from typing import TYPE_CHECKING, Any

from flask import current_app
from flask_babel import gettext as _

from app.calls.legal import Term, terms_for
from app.calls.models import Call
from app.calls.states import CallState

if TYPE_CHECKING:
    from icalendar import Event


def calendar_of(call: Call, user: Any) -> bytes:
    """An event for each term that has a date, as far as `user` may know of it.

    The identifiers stay, so that a term that moved moves in the calendar; a cancelled call takes its events along.
    """
    from icalendar import Calendar  # 12 MB that a worker only spends when a calendar is asked for

    calendar = Calendar()
    calendar.add("prodid", "-//Bewezen//Calls//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for term in terms_for(call, user):
        if term.ends_at is not None:
            calendar.add_component(_event(call, term))
    return bytes(calendar.to_ical())


def _event(call: Call, term: Term) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{call.id}-{term.kind}@bewezen")
    event.add("sequence", call.version)
    event.add("dtstamp", call.published_at or call.created_at)
    # A day as a day: shown at the right place in any zone.
    event.add("dtstart", term.until or term.moment)
    if term.until is None:
        event.add("dtend", term.moment)
    event.add("summary", _("%(term)s: %(call)s", term=term.name, call=call.title))
    event.add("description", _("Basis: %(basis)s.", basis=term.basis))
    event.add("url", f"{current_app.config['BASE_URL']}/calls/{call.id}")
    event.add("status", "CANCELLED" if call.state == CallState.CANCELLED else "CONFIRMED")
    return event
