"""Who may come in, and when: rows in, `Refused` on the field out. Source: the domain, sections 3 and 9."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Uuid, column, exists, select, table

from app.access.actions import Action
from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.extensions import db
from app.intake.models import LATE, AgeBand, Intake, LegalBasis, Participant, Pause, Referral, intake_of
from app.intake.states import PARTICIPANT_FLOW
from app.pricing.gate_operations import SHORTEST_REASON
from app.programmes.models import MunicipalityShare, Programme

# Claims stand above intake and are not imported; the table is read by name.
_claim = table("claim", column("participant_id", Uuid), column("batch_id", Uuid))


def agreement_of(programme: Programme) -> Agreement | None:
    return db.session.scalar(agreement_in_force(programme.id))


def why_no_intake(programme: Programme) -> Any | None:
    try:
        check_gates(programme)
    except NotNow as late:
        return late.message
    return None


def check_gates(programme: Programme) -> Intake:
    """Nobody comes in before the agreement is in force, the DPIA is on record (domain, section 9) and the leading
    municipality opened the intake."""
    check_agreement(programme)
    if not has_dpia(programme):
        raise NotNow(_("Intake opens when the reference and date of the DPIA are filled in."))
    intake = db.session.scalar(intake_of(programme.id))
    if intake is None:
        raise NotNow(_("Nobody comes in before the leading municipality has opened the intake."))
    return intake


def check_agreement(programme: Programme) -> Agreement:
    agreement = agreement_of(programme)
    if agreement is None:
        raise NotNow(_("Intake opens when the agreement is in force."))
    return agreement


def somebody_came(programme: Programme) -> bool:
    found = [exists().where(kind.programme_id == programme.id) for kind in (Referral, Participant)]
    return any(db.session.scalar(select(one)) for one in found)


def has_dpia(programme: Programme) -> bool:
    return bool(programme.dpia_reference) and programme.dpia_on is not None and programme.dpia_on <= clock.today()


def check_start(programme: Programme, started_on: date) -> None:
    if started_on > clock.today():
        raise Refused(_("The start cannot lie in the future."), "started_on")
    if not programme.starts_on <= started_on <= programme.ends_on:
        period = {"start": day(programme.starts_on), "end": day(programme.ends_on)}
        raise Refused(_("Participants start between %(start)s and %(end)s.", **period), "started_on")


def is_too_short(reason: str) -> bool:
    """Less than a sentence, as where a gate is overridden (`pricing.gate_operations`)."""
    return len(reason.strip()) < SHORTEST_REASON or " " not in reason.strip()


def check_late(started_on: date, late_reason: str | None) -> None:
    """Who is registered more than `LATE` after the start is so with a reason, which municipality and assessor read."""
    days = (clock.today() - started_on).days
    if days > LATE.days and not (late_reason or "").strip():
        said = {"days": days, "most": LATE.days}
        told = _("The start lies %(days)d days back, more than %(most)d: say why it is registered only now.", **said)
        raise Refused(told, "late_reason")
    if days > LATE.days and is_too_short(late_reason or ""):
        raise Refused(_("Give the reason in at least a sentence."), "late_reason")
    refuse_who(late_reason=late_reason or "")


def check_referred(referral: Referral | None, started_on: date) -> None:
    """Nobody starts before the municipality referred: what came first was not the help that this bond pays for."""
    if referral is not None and started_on < referral.referred_on:
        referred = day(referral.referred_on)
        raise Refused(_("The municipality only referred on %(referred)s.", referred=referred), "started_on")


def ages_of(programme: Programme) -> list[AgeBand]:
    """The bands in which somebody of the cohort can be."""
    return [one for one in AgeBand if one.years[1] >= programme.age_from and one.years[0] <= programme.age_to]


def check_age(programme: Programme, age_band: AgeBand) -> None:
    """The help is bought for one cohort; nobody of another age takes a place in it."""
    ages = ages_of(programme)
    if age_band not in ages:
        cohort = {"youngest": programme.age_from, "oldest": programme.age_to}
        told = _("The cohort of this bond is %(youngest)d to %(oldest)d years old.", **cohort)
        choose = _("Choose one of: %(words)s.", words="; ".join(str(one.label) for one in ages))
        raise Refused(f"{told} {choose}" if ages else told, "age_band")


def check_room(share: MunicipalityShare | None, taken: int) -> None:
    """A municipality pays for its agreed part of the cohort and no more."""
    if share is None:
        raise Refused(_("This municipality has no part of the cohort."), "municipality")
    if taken >= share.cohort_size:
        raise Refused(_("All %(size)d places of this municipality are taken.", size=share.cohort_size), "municipality")


def check_informed(intake: Intake, informed_on: date | None, started_on: date) -> None:
    """Whoever takes part was told before the start what is kept; where consent is the ground, consented to it."""
    if informed_on is None:
        if intake.legal_basis == LegalBasis.CONSENT:
            raise Refused(_("Nobody starts without consent: give the day on which it was given."), "informed_on")
        return
    if informed_on > started_on:
        days = {"informed": day(informed_on), "start": day(started_on)}
        raise Refused(_("%(informed)s lies after the start on %(start)s: this cannot be.", **days), "informed_on")


def check_pause(participant: Participant, from_on: date) -> None:
    """A pause lies within the support and after the last one."""
    check_within(participant, from_on, "from_on")
    for one in participant.pauses:
        if one.until_on is None or from_on < one.until_on:
            raise Refused(_in_or_before(one, from_on), "from_on")


def check_resume(pause: Pause, until_on: date) -> None:
    if until_on > clock.today():
        raise Refused(_("The day cannot lie in the future."), "until_on")
    if until_on < pause.from_on:
        raise Refused(_("The pause only began on %(day)s.", day=day(pause.from_on)), "until_on")


def check_exit(participant: Participant, exited_on: date) -> None:
    """Nobody is paused who has left; a pause that still runs ends with the exit."""
    for one in participant.pauses:
        if exited_on < (one.until_on or one.from_on):
            raise Refused(_in_or_before(one, exited_on), "exited_on")


def _in_or_before(pause: Pause, when: date) -> str:
    """Why `when` will not do: it lies in this pause, or before it."""
    begins, ends = day(pause.from_on), day(pause.until_on)
    if pause.until_on is None:
        return _("A pause from %(begins)s on lies after this day. Is its day wrong? Correct it first.", begins=begins)
    if when < pause.from_on:
        return _(
            "A pause from %(begins)s to %(ends)s lies after this day. Is it wrong? Correct its days first.",
            begins=begins,
            ends=ends,
        )
    return _("This lies in the pause from %(begins)s to %(ends)s.", begins=begins, ends=ends)


def check_within(participant: Participant, when: date, field: str) -> None:
    if when > clock.today():
        raise Refused(_("The day cannot lie in the future."), field)
    if when < participant.started_on:
        start = day(participant.started_on)
        raise Refused(_("The participant only started on %(start)s.", start=start), field)


def why_it_stands(participant: Participant) -> str | None:
    """Once an effect of this person was signed off, what it was proven on is corrected no more."""
    signed = exists().where(_claim.c.participant_id == participant.id, _claim.c.batch_id.is_not(None))
    if not db.session.scalar(select(signed)):
        return None
    return _("An effect of this participant was signed off already: what it was proven on stands.")


PROVEN_ON = (Action.PARTICIPANT_CORRECT, Action.PARTICIPANT_RETURN, Action.PARTICIPANT_MOVE, Action.BASELINE_CORRECT)
PARTICIPANT_FLOW.hold(*PROVEN_ON, while_=why_it_stands)
