"""How long a provider has to answer a question of the assessor."""

from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.core import clock
from app.core.format import day
from app.extensions import db
from app.outcomes.models import Measurement, MeasurementMessage
from app.outcomes.states import ClaimState
from app.programmes.models import Programme

# Calendar days from the day after the question; a default since November 2026, for no agreement names a term. Until
# then silence does not count against the provider: `verification.unanswered` of a claim, below of a
# measurement.
ANSWER_DAYS = 14


def answer_until(asked_at: datetime, programme: Programme) -> date:
    """The last day for an answer; one that falls on a weekend or holiday runs on."""
    return clock.term_end(clock.day_of(asked_at), ANSWER_DAYS, programme.jurisdiction)


def why_answer_is_awaited(measurement: Measurement) -> str | None:
    """Why a measurement is not rejected yet: something was asked, and the days to answer run. None once it was
    answered, or late."""
    if measurement.state != ClaimState.QUESTIONED:
        return None
    found = select(func.max(MeasurementMessage.created_at)).where(MeasurementMessage.measurement_id == measurement.id)
    asked = db.session.scalar(found)
    last = answer_until(asked, measurement.programme) if asked is not None else None
    if last is None or clock.today() > last:
        return None
    return _(
        "Rule “days to answer”: the provider has until %(last)s to answer the question. From %(first)s the measurement "
        "can be rejected without an answer.",
        last=day(last),
        first=day(last + timedelta(days=1)),
    )
