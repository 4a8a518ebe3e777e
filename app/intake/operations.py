"""The only code that changes who comes in: the opening of the intake, referrals, participants. What is typed about a
person never reaches the trail."""

import uuid
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import exists, func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.contact import refuse_who
from app.core.errors import NotNow, NotYours, Refused
from app.core.operation import operation
from app.extensions import db
from app.intake import notices, rules
from app.intake.lots import check_move, lot_at_start
from app.intake.models import (
    AgeBand,
    DeclineReason,
    ExitReason,
    Intake,
    LegalBasis,
    MunicipalityChange,
    Participant,
    Pause,
    Referral,
    intake_of,
)
from app.intake.scales import Scale
from app.intake.states import PARTICIPANT_FLOW, REFERRAL_FLOW
from app.people.models import Organisation, User
from app.programmes.models import MunicipalityShare, Part, Programme
from app.programmes.pseudonym import new_code


@dataclass(frozen=True, slots=True)
class IntakeFacts:
    """On which ground data are processed, on which scale baselines are taken, which organisation keeps the key.

    The DPIA is asked for where the programme does not have it yet.
    """

    scale: Scale
    legal_basis: LegalBasis
    key_keeper: Organisation
    dpia_reference: str = ""
    dpia_on: date | None = None


@operation
def open_intake(programme: Programme, facts: IntakeFacts, *, actor: User, once: uuid.UUID) -> Intake:
    """Open the intake of a bond, or change how it was opened while nobody has been referred yet.

    Not now without an agreement in force. Refused without a DPIA that was made, and for a key keeper that is neither
    provider nor municipality of the bond.
    """
    rules.check_agreement(programme)
    intake = db.session.scalar(intake_of(programme.id))
    if intake is not None and rules.somebody_came(programme):
        raise NotNow(_("People were referred or registered already: how the intake was opened stands."))
    if not rules.has_dpia(programme):
        _note_dpia(programme, facts)
    keepers = (*programme.organisations(Part.PROVIDER), *programme.organisations(Part.GOVERNMENT))
    if facts.key_keeper not in keepers:
        raise Refused(_("The key stays with a provider or a municipality of this bond."), "key_keeper")
    keeper = facts.key_keeper
    if intake is None:
        intake = Intake(id=once, programme=programme)
    intake.scale, intake.legal_basis, intake.key_keeper = facts.scale, facts.legal_basis, keeper
    intake.opened_by_id = actor.id
    db.session.add(intake)
    record(
        Action.INTAKE_OPEN,
        intake,
        actor,
        on_behalf_of=programme,
        scale=facts.scale,
        legal_basis=facts.legal_basis,
        key_keeper=keeper.name,
        dpia=programme.dpia_reference,
    )
    notices.tell_opened(intake)
    return intake


def _note_dpia(programme: Programme, facts: IntakeFacts) -> None:
    if not facts.dpia_reference:
        raise Refused(_("Intake opens when the reference and date of the DPIA are filled in."), "dpia_reference")
    if facts.dpia_on is None or facts.dpia_on > clock.today():
        raise Refused(_("Give the day on which the DPIA was made; it cannot lie in the future."), "dpia_on")
    programme.dpia_reference, programme.dpia_on = facts.dpia_reference, facts.dpia_on


@operation
def refer_resident(
    programme: Programme, municipality: Organisation, age_band: AgeBand, *, actor: User, once: uuid.UUID
) -> Referral:
    """A municipality refers one of its residents; the portal makes the code under which both speak of this person.

    Not now while the intake is closed. Refused outside the ages of the cohort, or without a part of the cohort.
    """
    existing = db.session.get(Referral, once)
    if existing is not None:
        return existing
    rules.check_gates(programme)
    if municipality.id not in actor.resident_ids:
        raise NotYours(_("You do not follow residents of this municipality."))
    rules.check_age(programme, age_band)
    if _share_of(programme, municipality) is None:
        raise Refused(_("This municipality has no part of the cohort."), "municipality")
    referral = Referral(
        id=once,
        programme=programme,
        payer=municipality,
        code=_free_code(programme),
        age_band=age_band,
        referred_on=clock.today(),
        referred_by_id=actor.id,
    )
    db.session.add(referral)
    record(Action.REFERRAL_MAKE, referral, actor, on_behalf_of=programme, municipality=municipality.name)
    notices.tell_referred(referral)
    return referral


def _share_of(programme: Programme, municipality: Organisation) -> MunicipalityShare | None:
    found = select(MunicipalityShare).filter_by(programme_id=programme.id, organisation_id=municipality.id)
    return db.session.scalar(found)


def _free_code(programme: Programme) -> str:
    while True:
        code = new_code()
        taken = [
            exists().where(kind.programme_id == programme.id, kind.code == code) for kind in (Referral, Participant)
        ]
        if not any(db.session.scalar(select(one)) for one in taken):
            return code


@operation
def admit_referral(referral: Referral, *, actor: User, version: int | None = None) -> None:
    """The screening found that this person fits; the start follows, at the organisation of `actor` and no other."""
    referral.expect_version(version)
    REFERRAL_FLOW.advance(referral, Action.REFERRAL_ADMIT)
    referral.screened_on = clock.today()
    referral.taken_up_by = own_organisation(referral.programme, Part.PROVIDER, actor)
    record(Action.REFERRAL_ADMIT, referral, actor)


def expect_own_referral(referral: Referral, user: User) -> None:
    """Raise `NotYours` for whoever goes on with a referral that another provider took up."""
    if not referral.is_with(user):
        name = referral.taken_up_by.name if referral.taken_up_by else ""
        raise NotYours(_("%(name)s took this referral up: only they go on with it.", name=name))


@operation
def decline_referral(referral: Referral, reason: DeclineReason, *, actor: User, version: int | None = None) -> None:
    """Nobody starts from this referral. For want of a place it is not the municipality's doing: no place is missing.

    `Changed` when somebody acted after this person began to read (`version`). Not yours when another provider took it
    up.
    """
    referral.expect_version(version)
    expect_own_referral(referral, actor)
    REFERRAL_FLOW.advance(referral, Action.REFERRAL_DECLINE)
    referral.screened_on, referral.decline_reason = clock.today(), reason
    record(Action.REFERRAL_DECLINE, referral, actor)
    notices.tell_declined(referral)


@operation
def withdraw_referral(referral: Referral, *, actor: User, version: int | None = None) -> None:
    """The municipality takes the referral back; it no longer counts."""
    referral.expect_version(version)
    REFERRAL_FLOW.advance(referral, Action.REFERRAL_WITHDRAW)
    record(Action.REFERRAL_WITHDRAW, referral, actor)
    notices.tell_referral_withdrawn(referral)


@operation
def register_participant(
    programme: Programme,
    municipality: Organisation,
    age_band: AgeBand,
    started_on: date,
    *,
    referral: Referral | None = None,
    informed_on: date | None = None,
    lot_id: str = "",
    late_reason: str = "",
    tell: bool = True,
    actor: User,
    once: uuid.UUID,
    version: int | None = None,
) -> Participant:
    """A person starts; `municipality` is the payer from now on. The code is that of the `referral`, or a new one for
    somebody whom the provider found itself. `lot_id`: the lot, where the provider delivers in more than one;
    `late_reason`: why a start of more than 30 days ago is registered only now (`models.LATE`), refused without.

    `informed_on`: told what is kept, or consented, where consent is the ground. Not now while the intake is closed.
    Refused outside the ages of the cohort, outside the period, in the future, before the referral, without consent
    where it is needed, where the provider won no lot with `municipality`, or when the places of the municipality or
    the lot are taken.
    Not yours when another provider took the referral up; `version` is that of the referral.
    Without `tell` the caller tells the municipality, once for many.
    """
    if (existing := db.session.get(Participant, once)) is not None:
        return existing
    intake = rules.check_gates(programme)
    if referral is not None:
        referral.expect_version(version)
        expect_own_referral(referral, actor)
        REFERRAL_FLOW.advance(referral, Action.PARTICIPANT_REGISTER)
    rules.check_age(programme, age_band)
    rules.check_start(programme, started_on)
    rules.check_referred(referral, started_on)
    rules.check_informed(intake, informed_on, started_on)
    rules.check_room(_share_of(programme, municipality), _taken(programme, municipality))
    rules.check_late(started_on, late_reason)
    provider = own_organisation(programme, Part.PROVIDER, actor)
    participant = Participant(
        id=once,
        programme=programme,
        lot_id=lot_at_start(rules.check_agreement(programme), provider, municipality, lot_id),
        code=referral.code if referral is not None else _free_code(programme),
        referral=referral,
        provider=provider,
        payer=municipality,
        age_band=age_band,
        started_on=started_on,
        informed_on=informed_on,
        created_at=clock.now(),
    )
    participant.late_reason = late_reason if participant.days_to_register else None
    db.session.add(participant)
    db.session.flush()  # rights follow from the ids of bond and municipality
    record(Action.PARTICIPANT_REGISTER, participant, actor, municipality=municipality.name)
    if tell:
        notices.tell_registered(participant)
    return participant


def _taken(programme: Programme, municipality: Organisation) -> int:
    taken = select(func.count()).where(Participant.programme_id == programme.id, Participant.payer == municipality)
    return db.session.scalar(taken) or 0


def own_organisation(programme: Programme, part: Part, actor: User) -> Organisation:
    own = [o for o in programme.organisations(part) if o.id in actor.organisation_ids]
    if not own:
        raise NotYours(_("Your part in this bond does not allow this."))
    return own[0]


@operation
def pause_participant(
    participant: Participant, from_on: date, *, actor: User, once: uuid.UUID, version: int | None = None
) -> None:
    """The support stands still; no place becomes free."""
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_PAUSE)
    rules.check_pause(participant, from_on)
    participant.pauses.append(Pause(id=once, from_on=from_on))
    record(Action.PARTICIPANT_PAUSE, participant, actor)


@operation
def resume_participant(participant: Participant, until_on: date, *, actor: User, version: int | None = None) -> None:
    """The support goes on from `until_on`."""
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_RESUME)
    pause = next(one for one in participant.pauses if one.until_on is None)
    rules.check_resume(pause, until_on)
    pause.until_on = until_on
    record(Action.PARTICIPANT_RESUME, participant, actor)


@operation
def exit_participant(
    participant: Participant, exited_on: date, reason: ExitReason, *, actor: User, version: int | None = None
) -> None:
    """The person leaves on `exited_on`, and a pause runs until that day; effects that still follow may be claimed until
    the end of the tail."""
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_EXIT)
    rules.check_within(participant, exited_on, "exited_on")
    rules.check_exit(participant, exited_on)
    participant.exited_on, participant.exit_reason = exited_on, reason
    record(Action.PARTICIPANT_EXIT, participant, actor, reason=reason)
    notices.tell_exited(participant)


@operation
def move_participant(
    participant: Participant,
    municipality: Organisation,
    reason: str,
    *,
    actor: User,
    once: uuid.UUID,
    version: int | None = None,
) -> None:
    """Another municipality should have been frozen at intake: from now on it pays. A later move changes nothing.

    By the assessor, who belongs to neither. Not now once an effect of this person was signed off: it is owed already.
    Refused without a place in the other municipality.
    """
    participant.expect_version(version)
    PARTICIPANT_FLOW.advance(participant, Action.PARTICIPANT_MOVE)
    if municipality.id == participant.payer_id:
        raise Refused(_("This is the municipality that stands already."), "municipality")
    rules.check_room(_share_of(participant.programme, municipality), _taken(participant.programme, municipality))
    check_move(rules.check_agreement(participant.programme), participant, municipality)
    refuse_who(reason=reason)
    before = participant.payer
    change = MunicipalityChange(
        id=once, participant=participant, from_payer=before, to_payer=municipality, reason=reason, changed_by=actor
    )
    db.session.add(change)
    participant.payer = municipality
    record(Action.PARTICIPANT_MOVE, participant, actor, before=before.name, after=municipality.name)
    notices.tell_moved(participant, before)
