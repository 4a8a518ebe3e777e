"""The terms of a call as a calendar file (RFC 5545)."""

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from app.calls.models import Call


def calendar_of(call: Call) -> str:
    """Two events, questions and plans; the identifiers stay, so that a rectified deadline moves in the calendar."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Bewezen//Calls//EN"]
    lines += _event(call, "questions", call.questions_until, _("Questions until: %(call)s", call=call.title))
    lines += _event(call, "plans", call.deadline, _("Deadline for plans: %(call)s", call=call.title))
    lines += ["END:VCALENDAR", ""]
    return "\r\n".join(folded for line in lines for folded in _fold(line))


def _event(call: Call, name: str, moment: datetime, summary: str) -> list[str]:
    at = f"{moment:%Y%m%dT%H%M%SZ}"
    return [
        "BEGIN:VEVENT",
        f"UID:{call.id}-{name}@bewezen",
        f"SEQUENCE:{call.version}",
        f"DTSTAMP:{call.published_at or call.created_at:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{at}",
        f"DTEND:{at}",
        f"SUMMARY:{_escape(summary)}",
        f"URL:{current_app.config['BASE_URL']}/calls/{call.id}",
        "END:VEVENT",
    ]


def _escape(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return " ".join(escaped.split())


def _fold(line: str) -> list[str]:
    """At most 75 octets a line; a line that goes on starts with a space."""
    folded, long = [""], 0
    for letter in line:
        size = len(letter.encode())
        if long + size > 75:
            folded.append(" ")
            long = 1
        folded[-1] += letter
        long += size
    return folded
