"""The baseline: where a participant stood at the start, per life domain, on the scale of the bond."""

from collections.abc import Mapping
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake.models import BaselineScore, Participant, intake_of
from app.intake.scales import SCALES, ScaleWords
from app.people.models import User
from app.programmes.models import LifeDomain

TERM = timedelta(days=60)  # a baseline that is taken later shows where the support brought somebody, not the start


def scale_of(participant: Participant) -> ScaleWords:
    intake = db.session.scalar(intake_of(participant.programme_id))
    if intake is None:
        raise NotNow(_("Nobody comes in before the leading municipality has opened the intake."))
    return SCALES[intake.scale]


def days_late(participant: Participant, observed_on: date) -> int:
    """How many days after the start, where that is more than 60; 0: in time."""
    late = (observed_on - participant.started_on).days
    return late if late > TERM.days else 0


@operation
def record_baseline(
    participant: Participant, scores: Mapping[LifeDomain, int], observed_on: date, *, actor: User
) -> None:
    """Keep the scores of all life domains at once; they stand from then on, with the day on which they were recorded.

    Refused outside the scale, in the future, or more than 60 days before the start. One that is taken more than 60 days
    after it is late, and its page says so. Not now a second time.
    """
    if db.session.scalar(select(BaselineScore.id).where(BaselineScore.participant_id == participant.id).limit(1)):
        raise NotNow(_("The baseline of this participant is recorded already."))
    known = {level for level, _words in scale_of(participant).levels}
    for domain in LifeDomain:
        if scores.get(domain) not in known:
            raise Refused(_("Choose one."), domain.value)
    first = participant.started_on - TERM
    if observed_on > clock.today():
        raise Refused(_("The day cannot lie in the future."), "observed_on")
    if observed_on < first:
        raise Refused(_("A baseline is taken from %(first)s on.", first=day(first)), "observed_on")
    for domain in LifeDomain:
        score = BaselineScore(
            participant=participant,
            life_domain=domain,
            score=scores[domain],
            observed_on=observed_on,
            scored_by_id=actor.id,
        )
        db.session.add(score)
    record(Action.BASELINE_RECORD, participant, actor)
