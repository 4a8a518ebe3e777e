"""Who may come in, and when: rows in, `Refused` on the field out. Source: the domain, sections 3 and 9."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.agreements.models import Agreement, agreement_in_force
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day
from app.extensions import db
from app.intake.models import AgeBand
from app.programmes.models import MunicipalityShare, Programme


def agreement_of(programme: Programme) -> Agreement | None:
    return db.session.scalar(agreement_in_force(programme.id))


def why_no_intake(programme: Programme) -> Any | None:
    try:
        check_gates(programme, agreement_of(programme) is not None)
    except NotNow as late:
        return late.message
    return None


def check_gates(programme: Programme, in_force: bool) -> None:
    """Intake opens when the agreement is in force and the DPIA is on record (domain, section 9)."""
    if not in_force:
        raise NotNow(_("Intake opens when the agreement is in force."))
    if not programme.dpia_reference or programme.dpia_on is None:
        raise NotNow(_("Intake opens when the reference and date of the DPIA are filled in on the programme."))


def check_start(programme: Programme, started_on: date) -> None:
    if started_on > clock.today():
        raise Refused(_("The start cannot lie in the future."), "started_on")
    if not programme.starts_on <= started_on <= programme.ends_on:
        period = {"start": day(programme.starts_on), "end": day(programme.ends_on)}
        raise Refused(_("Participants start between %(start)s and %(end)s.", **period), "started_on")


def check_age(programme: Programme, age_band: AgeBand) -> None:
    """The help is bought for one cohort; nobody of another age takes a place in it."""
    first, last = age_band.years
    if last < programme.age_from or first > programme.age_to:
        cohort = {"youngest": programme.age_from, "oldest": programme.age_to}
        raise Refused(_("The cohort of this bond is %(youngest)d to %(oldest)d years old.", **cohort), "age_band")


def check_room(share: MunicipalityShare | None, taken: int) -> None:
    """A municipality pays for its agreed part of the cohort and no more."""
    if share is None:
        raise Refused(_("This municipality has no part of the cohort."), "municipality")
    if taken >= share.cohort_size:
        raise Refused(_("All %(size)d places of this municipality are taken.", size=share.cohort_size), "municipality")
