"""A day about a participant was typed wrong: put right with a reason, as long as nothing was signed off on it."""

import uuid
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.intake import rules
from app.intake.models import Intake, Participant, intake_of
from app.intake.states import PARTICIPANT_FLOW, ParticipantState
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.correction_models import CorrectedDay, DayCorrection
from app.outcomes.milestones import lay_milestones
from app.outcomes.models import claims_of
from app.outcomes.notices import tell_corrected
from app.outcomes.states import COUNTING
from app.people.models import User


@operation
def correct_days(
    participant: Participant,
    started_on: date,
    exited_on: date | None,
    reason: str,
    *,
    actor: User,
    version: int | None = None,
) -> list[DayCorrection]:
    """The start, and the exit of who left (none: did not leave after all), as they should have been registered.

    The old day and the reason stay on the page of the participant; assessor and municipality are told, without days.
    Not now once an effect of this person was signed off: it was proven on these days. Refused where the new start
    breaks a rule of the intake, lies after a clock or an effect that counts, or when nothing changes.
    """
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_CORRECT)
    if any(claim.batch_id is not None for claim in claims_of(participant)):
        raise NotNow(_("An effect of this participant was signed off already: the days stand."))
    refuse_national_id(reason=reason)
    made = [*_correct_start(participant, started_on), *_correct_exit(participant, exited_on)]
    if not made:
        raise Refused(_("These are the days that stand already."), "started_on")
    for one in made:
        one.reason, one.corrected_by = reason, actor
        db.session.add(one)
    lay_milestones(participant)
    record(Action.PARTICIPANT_CORRECT, participant, actor, what=", ".join(one.what for one in made))
    tell_corrected(participant)
    return made


def _correct_start(participant: Participant, started_on: date) -> list[DayCorrection]:
    before = participant.started_on
    if started_on == before:
        return []
    rules.check_start(participant.programme, started_on)
    rules.check_referred(participant.referral, started_on)
    rules.check_informed(_intake(participant), participant.informed_on, started_on)
    for first, what in _firsts(participant):
        if started_on > first:
            raise Refused(_("The start cannot lie after %(what)s of %(day)s.", what=what, day=day(first)), "started_on")
    participant.started_on = started_on
    return [_correction(participant, CorrectedDay.START, before, started_on)]


def _intake(participant: Participant) -> Intake:
    return db.session.scalars(intake_of(participant.programme_id)).one()


def _firsts(participant: Participant) -> list[tuple[date, str]]:
    """What happened already, and cannot lie before the start."""
    found = [(one.from_on, _("a pause")) for one in participant.pauses]
    found += [(one.started_on, _("a clock")) for one in clock_runs_of(participant)]
    found += [(one.achieved_on, _("an effect")) for one in claims_of(participant) if one.state in COUNTING]
    if participant.exited_on is not None:
        found.append((participant.exited_on, _("the exit")))
    return found


def _correct_exit(participant: Participant, exited_on: date | None) -> list[DayCorrection]:
    before = participant.exited_on
    if exited_on == before:
        return []
    if before is None:
        raise Refused(_("Nobody registered an exit yet: do so on its own page."), "exited_on")
    if exited_on is not None:
        rules.check_within(participant, exited_on, "exited_on")
        if any(exited_on < max(one.from_on, one.until_on or one.from_on) for one in participant.pauses):
            raise Refused(_("This lies in an earlier pause."), "exited_on")
    else:
        participant.state, participant.exit_reason = ParticipantState.ACTIVE, None
    participant.exited_on = exited_on
    return [_correction(participant, CorrectedDay.EXIT, before, exited_on)]


def _correction(participant: Participant, what: CorrectedDay, before: date, after: date | None) -> DayCorrection:
    return DayCorrection(id=uuid.uuid4(), participant=participant, what=what, before=before, after=after)
