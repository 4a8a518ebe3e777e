"""How long a provider has to answer a question of the assessor."""

from datetime import date, datetime

from app.core import clock
from app.programmes.models import Programme

# Calendar days from the day after the question; a default since November 2026, for no agreement names a term. Until
# then silence does not count against the provider: `verification.unanswered`.
ANSWER_DAYS = 14


def answer_until(asked_at: datetime, programme: Programme) -> date:
    """The last day for an answer; one that falls on a weekend or holiday runs on."""
    return clock.term_end(clock.day_of(asked_at), ANSWER_DAYS, programme.jurisdiction)
