"""A day about a participant was typed wrong: put right with a reason, as long as nothing was signed off on it."""

import uuid
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import Changed, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake import rules
from app.intake.models import Intake, Participant, Pause, intake_of
from app.intake.states import PARTICIPANT_FLOW
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.correction_models import CorrectedDay, DayCorrection
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import claims_of
from app.outcomes.notices import tell_corrected, tell_returned
from app.outcomes.states import COUNTING
from app.people.models import User

Spans = Sequence[tuple[date, date | None]]


@operation
def correct_days(
    participant: Participant,
    started_on: date,
    exited_on: date | None,
    reason: str,
    *,
    informed_on: date | None = None,
    pauses: Spans | None = None,
    actor: User,
    version: int | None = None,
) -> list[DayCorrection]:
    """The day of telling what is kept, the start, the pauses in their order and the exit of who left, as they should
    have been registered.

    `pauses`: from and until, until none where the pause has no end of its own. `informed_on`, `pauses`: left out, they
    stand.

    The old days and the reason stay on the page of the participant; assessor and municipality are told, without days.
    Not now once an effect of this person was signed off: it was proven on these days. Refused where the new start
    breaks a rule of the intake or lies after a clock or an effect that counts, where the days do not follow each other
    (on `informed_on`; on `from_1`, `until_1` of the first pause, and so on), or when nothing changes.
    """
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_CORRECT)
    refuse_who(reason=reason)
    was_late = participant.days_to_register > 0
    spans = [(one.from_on, one.until_on) for one in participant.pauses] if pauses is None else pauses
    made = [
        *_correct_intake(participant, informed_on or participant.informed_on, started_on, reason),
        *_correct_pauses(participant, spans),
        *_correct_exit(participant, exited_on),
    ]
    if not made:
        raise Refused(_("These are the days that stand already."), "started_on")
    _keep(made, reason, actor)
    flag_modified(participant, "started_on")  # the version counts also when only a pause changed
    lay_milestones(participant)
    record(Action.PARTICIPANT_CORRECT, participant, actor, what=", ".join(one.what for one in made))
    tell_corrected(participant, became_late=participant.days_to_register > 0 and not was_late)
    return made


def _correct_intake(
    participant: Participant, informed_on: date | None, started_on: date, reason: str
) -> list[DayCorrection]:
    """The start and the day before it on which this person was told what is kept: neither moves past the other."""
    if (informed_on, started_on) == (participant.informed_on, participant.started_on):
        return []
    if started_on != participant.started_on:
        _check_start(participant, started_on)
    rules.check_informed(_intake(participant), informed_on, started_on)
    return [*_correct_informed(participant, informed_on), *_correct_start(participant, started_on, reason)]


def _check_start(participant: Participant, started_on: date) -> None:
    rules.check_start(participant.programme, started_on)
    rules.check_referred(participant.referral, started_on)
    for first, what in _firsts(participant):
        if started_on > first:
            raise Refused(_("The start cannot lie after %(what)s of %(day)s.", what=what, day=day(first)), "started_on")


def _firsts(participant: Participant) -> list[tuple[date, str]]:
    """What happened already, and cannot lie before the start."""
    found = [(one.started_on, _("a clock")) for one in clock_runs_of(participant)]
    found += [(one.achieved_on, _("an effect")) for one in claims_of(participant) if one.state in COUNTING]
    return found


def _intake(participant: Participant) -> Intake:
    return db.session.scalars(intake_of(participant.programme_id)).one()


def _correct_informed(participant: Participant, informed_on: date | None) -> list[DayCorrection]:
    before = participant.informed_on
    if before == informed_on:
        return []
    if before is None:
        raise Refused(_("No such day was noted at the intake: there is none to correct."), "informed_on")
    participant.informed_on = informed_on
    return [_correction(participant, CorrectedDay.INFORMED, before, informed_on)]


def _correct_start(participant: Participant, started_on: date, reason: str) -> list[DayCorrection]:
    """Who is found to have started so long before it was registered was registered late, for the reason given now."""
    before = participant.started_on
    if started_on == before:
        return []
    participant.started_on = started_on
    participant.late_reason = (participant.late_reason or reason) if participant.days_to_register else None
    return [_correction(participant, CorrectedDay.START, before, started_on)]


def _correct_pauses(participant: Participant, spans: Spans) -> list[DayCorrection]:
    """One after the other, each within the support; which of them still runs stays as it is."""
    if [until_on is None for _from_on, until_on in spans] != [one.until_on is None for one in participant.pauses]:
        raise Changed(participant.version)
    made, free_from = [], participant.started_on
    for number, (pause, (from_on, until_on)) in enumerate(zip(participant.pauses, spans, strict=True), 1):
        rules.check_within(participant, from_on, f"from_{number}")
        if from_on < free_from:
            raise Refused(_("This lies in an earlier pause."), f"from_{number}")
        if until_on is not None:
            _check_end(from_on, until_on, f"until_{number}")
        free_from = until_on or from_on
        made += _correct_pause(pause, from_on, until_on)
    return made


def _check_end(from_on: date, until_on: date, field: str) -> None:
    if until_on > clock.today():
        raise Refused(_("The day cannot lie in the future."), field)
    if until_on < from_on:
        raise Refused(_("The pause only began on %(day)s.", day=day(from_on)), field)


def _correct_pause(pause: Pause, from_on: date, until_on: date | None) -> list[DayCorrection]:
    made = []
    if from_on != pause.from_on:
        made.append(_correction(pause.participant, CorrectedDay.PAUSE, pause.from_on, from_on))
    if pause.until_on is not None and until_on != pause.until_on:
        made.append(_correction(pause.participant, CorrectedDay.RESUME, pause.until_on, until_on))
    pause.from_on, pause.until_on = from_on, until_on
    return made


def _correct_exit(participant: Participant, exited_on: date | None) -> list[DayCorrection]:
    before = participant.exited_on
    if before is None and exited_on is not None:
        raise Refused(_("Nobody registered an exit yet: do so on its own page."), "exited_on")
    if before is None:
        return []
    if exited_on is None:
        raise Refused(_("Who did not leave after all: take the exit back on its own page."), "exited_on")
    rules.check_within(participant, exited_on, "exited_on")
    rules.check_exit(participant, exited_on)
    participant.exited_on = exited_on
    return [_correction(participant, CorrectedDay.EXIT, before, exited_on)] if exited_on != before else []


def _correction(participant: Participant, what: CorrectedDay, before: date, after: date | None) -> DayCorrection:
    return DayCorrection(id=uuid.uuid4(), participant=participant, what=what, before=before, after=after)


def _keep(made: Sequence[DayCorrection], reason: str, actor: User) -> None:
    for one in made:
        one.reason, one.corrected_by = reason, actor
        db.session.add(one)


@operation
def return_participant(participant: Participant, reason: str, *, actor: User, version: int | None = None) -> None:
    """This person did not leave after all: takes part again, or is in the pause that ran when the exit was registered.

    The day of the exit and the reason stay on the page of the participant; assessor and municipality are told, without
    days. Not now once an effect of this person was signed off.
    """
    participant.expect_version(version)
    exited_on = participant.exited_on
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_RETURN)
    if any(one.until_on is None for one in participant.pauses):
        PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_PAUSE)
    refuse_who(reason=reason)
    participant.exited_on, participant.exit_reason = None, None
    _keep([_correction(participant, CorrectedDay.EXIT, exited_on, None)], reason, actor)  # type: ignore[arg-type]
    record(Action.PARTICIPANT_RETURN, participant, actor)
    tell_returned(participant)
