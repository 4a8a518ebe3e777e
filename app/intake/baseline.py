"""The baseline: where a participant stood at the start, per life domain, on the scale of the bond."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake.models import BaselineCorrection, BaselineScore, Participant, intake_of
from app.intake.notices import tell_baseline_corrected
from app.intake.scales import SCALES, ScaleWords
from app.intake.states import PARTICIPANT_FLOW
from app.people.models import User
from app.programmes.models import LifeDomain

TERM = timedelta(days=60)  # a baseline that is taken later shows where the support brought somebody, not the start


def scale_of(participant: Participant) -> ScaleWords:
    intake = db.session.scalar(intake_of(participant.programme_id))
    if intake is None:
        raise NotNow(_("Nobody comes in before the leading municipality has opened the intake."))
    return SCALES[intake.scale]


@operation
def record_baseline(
    participant: Participant, scores: Mapping[LifeDomain, int], observed_on: date, *, actor: User
) -> None:
    """Keep the scores of all life domains at once; they stand from then on, with the day on which they were recorded.

    Refused outside the scale, in the future, or more than 60 days before the start. One that is taken or recorded more
    than 60 days after it is late, and its page says so. Not now a second time.
    """
    recorded = why_recorded(participant)
    if recorded is not None:
        raise NotNow(recorded)
    _check(participant, scores, observed_on)
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


def why_recorded(participant: Participant) -> str | None:
    """A baseline is recorded once; what is wrong in it is corrected."""
    found = select(BaselineScore.id).where(BaselineScore.participant_id == participant.id).limit(1)
    if db.session.scalar(found) is None:
        return None
    return _("This baseline is recorded already. A mistake in it is corrected on the page of the participant.")


def _check(participant: Participant, scores: Mapping[LifeDomain, int], observed_on: date) -> None:
    known = {level for level, _words in scale_of(participant).levels}
    for domain in LifeDomain:
        if scores.get(domain) not in known:
            raise Refused(_("Choose one."), domain.value)
    first = participant.started_on - TERM
    if observed_on > clock.today():
        raise Refused(_("The day cannot lie in the future."), "observed_on")
    if observed_on < first:
        raise Refused(_("A baseline is taken from %(first)s on.", first=day(first)), "observed_on")


@operation
def correct_baseline(
    participant: Participant,
    scores: Mapping[LifeDomain, int],
    observed_on: date,
    reason: str,
    *,
    actor: User,
    version: int | None = None,
) -> None:
    """The scores of all life domains, and the day on which they were taken, as they should have been recorded.

    What was recorded before and the reason stay on the page of the participant; assessor and municipality are told,
    without scores. Not now before a baseline was recorded, or once an effect of this person was signed off. Refused by
    the rules of `record_baseline`, or when nothing changes.
    """
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.BASELINE_CORRECT)
    stands = baselines_of(participant)
    if not stands:
        raise NotNow(_("No baseline of this participant was recorded yet."))
    _check(participant, scores, observed_on)
    refuse_who(reason=reason)
    if (stands[-1].observed_on, stands[-1].scores) == (observed_on, dict(scores)):
        raise Refused(_("This is the baseline that stands already."), "observed_on")
    kept = {domain.value: scores[domain] for domain in LifeDomain}
    made = BaselineCorrection(
        participant=participant, scores=kept, observed_on=observed_on, reason=reason, corrected_by=actor
    )
    db.session.add(made)
    flag_modified(participant, "started_on")  # the version counts a correction too
    record(Action.BASELINE_CORRECT, participant, actor)
    tell_baseline_corrected(participant)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What stood from `recorded_at` on; `correction` none: as it was recorded first."""

    scores: dict[LifeDomain, int]
    observed_on: date
    recorded_at: datetime
    correction: BaselineCorrection | None = None


def baselines_of(participant: Participant) -> list[Baseline]:
    """What was recorded, and each correction of it; the last one counts. Nothing where none was recorded."""
    if not participant.baseline:
        return []
    found = {one.life_domain: one.score for one in participant.baseline}
    first = participant.baseline[0]
    stood = [Baseline({domain: found[domain] for domain in LifeDomain}, first.observed_on, first.created_at)]
    for one in participant.baseline_corrections:
        scores = {domain: one.scores[domain.value] for domain in LifeDomain}
        stood.append(Baseline(scores, one.observed_on, one.created_at, one))
    return stood


def days_late(participant: Participant, stood: Sequence[Baseline]) -> int:
    """How many days after the start it was taken, or recorded where that is later, if more than 60; 0: in time.

    What is recorded afterwards under an early day was scored by somebody who may have known what came of it.
    """
    recorded_on = clock.day_of(stood[0].recorded_at)
    late = (max(stood[-1].observed_on, recorded_on) - participant.started_on).days
    return late if late > TERM.days else 0
