"""The only code that changes participants. What is typed about a person never reaches the trail."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotYours, Refused
from app.core.format import day
from app.core.operation import operation
from app.extensions import db
from app.intake import notices, rules
from app.intake.models import AgeBand, ExitReason, Participant
from app.intake.pseudonym import new_code
from app.intake.states import PARTICIPANT_FLOW
from app.people.models import Organisation, User
from app.programmes.models import MunicipalityShare, Part, Programme


@operation
def register_participant(
    programme: Programme,
    municipality: Organisation,
    age_band: AgeBand,
    started_on: date,
    *,
    actor: User,
    once: uuid.UUID,
) -> Participant:
    """A person starts: the portal makes the code, `municipality` is the payer from now on.

    Not now without an agreement in force and a DPIA. Refused outside the ages of the cohort, outside the period, in the
    future, or when the places of the municipality are taken.
    """
    existing = db.session.get(Participant, once)
    if existing is not None:
        return existing
    rules.check_gates(programme, rules.agreement_of(programme) is not None)
    rules.check_age(programme, age_band)
    rules.check_start(programme, started_on)
    share = db.session.scalar(
        select(MunicipalityShare).filter_by(programme_id=programme.id, organisation_id=municipality.id)
    )
    taken = select(func.count()).where(Participant.programme_id == programme.id, Participant.payer == municipality)
    rules.check_room(share, db.session.scalar(taken) or 0)
    participant = Participant(
        id=once,
        programme=programme,
        code=_free_code(programme),
        provider=own_organisation(programme, Part.PROVIDER, actor),
        payer=municipality,
        age_band=age_band,
        started_on=started_on,
    )
    db.session.add(participant)
    db.session.flush()  # rights follow from the ids of bond and municipality
    record(Action.PARTICIPANT_REGISTER, participant, actor, municipality=municipality.name)
    notices.tell_registered(participant)
    return participant


def _free_code(programme: Programme) -> str:
    while True:
        code = new_code()
        if not db.session.scalar(select(exists().where(Participant.programme == programme, Participant.code == code))):
            return code


def own_organisation(programme: Programme, part: Part, actor: User) -> Organisation:
    own = [o for o in programme.organisations(part) if o.id in actor.organisation_ids]
    if not own:
        raise NotYours(_("Your part in this bond does not allow this."))
    return own[0]


@operation
def exit_participant(participant: Participant, exited_on: date, reason: ExitReason, *, actor: User) -> None:
    """The person leaves on `exited_on`; effects that still follow may be claimed until the end of the tail."""
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_EXIT)
    if exited_on > clock.today():
        raise Refused(_("The day cannot lie in the future."), "exited_on")
    if exited_on < participant.started_on:
        start = day(participant.started_on)
        raise Refused(_("The participant only started on %(start)s.", start=start), "exited_on")
    participant.exited_on, participant.exit_reason = exited_on, reason
    record(Action.PARTICIPANT_EXIT, participant, actor, reason=reason)
    notices.tell_exited(participant)
