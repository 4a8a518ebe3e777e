"""The only code that changes participants, claims and batches. What is typed about a person never reaches the trail."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload

from app.access.actions import Action
from app.access.record import record
from app.agreements.models import Agreement, agreement_in_force
from app.agreements.providing import consortia_of, lots_of_provider
from app.audit.models import AuditEntry
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.format import day
from app.core.national_id import holds_national_id
from app.core.operation import operation
from app.extensions import db
from app.outcomes import notices, rules
from app.outcomes.models import (
    AgeBand,
    Batch,
    Claim,
    ExitReason,
    Measurement,
    Participant,
)
from app.outcomes.pseudonym import new_code
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import PARTICIPANT_FLOW, ClaimState
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
    lot_id: str = "",
) -> Participant:
    """A person starts: the portal makes the code, `municipality` is the payer from now on. `lot_id`: the lot, where the
    provider delivers in more than one.

    Not now without an agreement in force and a DPIA. Refused outside the ages of the cohort, outside the period, in the
    future, where the provider won no lot with `municipality`, or when the places of the municipality or the lot are
    taken.
    """
    existing = db.session.get(Participant, once)
    if existing is not None:
        return existing
    agreement = _agreement(programme)
    rules.check_gates(programme, agreement is not None)
    rules.check_age(programme, age_band)
    rules.check_start(programme, started_on)
    share = db.session.scalar(
        select(MunicipalityShare).filter_by(programme_id=programme.id, organisation_id=municipality.id)
    )
    taken = select(func.count()).where(Participant.programme_id == programme.id, Participant.payer == municipality)
    rules.check_room(share, db.session.scalar(taken) or 0)
    provider = own_organisation(programme, Part.PROVIDER, actor)
    lot = _lot_of(agreement, provider, municipality, lot_id) if agreement is not None else None
    participant = Participant(
        id=once,
        programme=programme,
        code=_free_code(programme),
        provider=provider,
        payer=municipality,
        lot_id=lot,
        age_band=age_band,
        started_on=started_on,
    )
    db.session.add(participant)
    db.session.flush()  # rights follow from the ids of bond and municipality
    record(Action.PARTICIPANT_REGISTER, participant, actor, municipality=municipality.name)
    notices.tell_registered(participant)
    return participant


def _lot_of(agreement: Agreement, provider: Organisation, municipality: Organisation, wanted: str) -> uuid.UUID | None:
    """Under which lot somebody of `municipality` is helped by `provider`; none where the agreement is undivided."""
    if all(one["lot"] is None for one in consortia_of(agreement.terms)):
        return None
    lot = rules.lot_for(lots_of_provider(agreement.terms, [provider.id]), municipality, wanted)
    found = uuid.UUID(lot["id"])
    taken = select(func.count()).where(Participant.programme_id == agreement.programme_id, Participant.lot_id == found)
    rules.check_lot_room(lot, db.session.scalar(taken) or 0)
    return found


def _agreement(programme: Programme) -> Agreement | None:
    return db.session.scalar(agreement_in_force(programme.id))


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


@operation
def register_claim(participant: Participant, facts: ClaimFacts, *, actor: User, once: uuid.UUID) -> Claim:
    """Claim one effect of the agreement's table for one participant.

    Refused, with the rule named, when the table does not allow it, or when a national number stands in a text.
    """
    existing = db.session.get(Claim, once)
    if existing is not None:
        return existing
    agreement = _agreement(participant.programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    if facts.effect.table_id != agreement.table_id:
        raise Refused(_("Choose an effect of the table in the agreement."), "effect")
    rules.check_claim(participant, {f.name: getattr(facts, f.name) for f in fields(facts)}, participant.claims)
    no_national_id(evidence_issuer=facts.evidence_issuer, note=facts.note)
    claim = Claim(
        id=once,
        programme=participant.programme,
        participant=participant,
        effect=facts.effect,
        achieved_on=facts.achieved_on,
        quantity=facts.quantity,
        evidence_type=facts.evidence_type,
        evidence_issuer=facts.evidence_issuer,
        evidence_on=facts.evidence_on,
        evidence_digest=facts.evidence_digest,
        note=facts.note,
        registered_by_id=actor.id,
    )
    db.session.add(claim)
    db.session.flush()
    record(Action.CLAIM_REGISTER, claim, actor, effect=facts.effect.code, evidence=facts.evidence_digest)
    return claim


def no_national_id(**texts: str) -> None:
    for field, text in texts.items():
        if holds_national_id(text):
            raise Refused(_("A national number may not stand here."), field)


@operation
def sign_off(
    programme: Programme, statement: str, *, actor: User, digest: str | None = None, once: uuid.UUID | None = None
) -> Batch:
    """The assessor signs for all decided claims and measurements that no batch holds yet, in its own words
    (`statement`).

    `digest` is that of the list the person was reading: `Changed` when something was decided meanwhile. Refused when
    there is nothing to sign. The page asks for the password again before it calls this.
    """
    existing = db.session.get(Batch, once) if once else None
    if existing is not None:
        return existing
    claims, measurements = decided_claims(programme), decided_measurements(programme)
    if not claims and not measurements:
        raise Refused(_("There is nothing to sign: no claim was decided since the last sign-off."))
    found = digest_of(claims, measurements)
    if digest is not None and digest != found:
        raise Changed
    no_national_id(statement=statement)
    decided: list[Claim | Measurement] = [*claims, *measurements]
    verified = [one for one in decided if one.state == ClaimState.VERIFIED]
    number = select(func.coalesce(func.max(Batch.number), 0) + 1).where(Batch.programme_id == programme.id)
    batch = Batch(
        id=once or uuid.uuid4(),
        programme=programme,
        number=db.session.scalar(number),
        organisation=own_organisation(programme, Part.ASSESSOR, actor),
        signed_by=actor,
        statement=statement,
        verified_count=len(verified),
        rejected_count=len(decided) - len(verified),
        digest=found,
    )
    db.session.add(batch)
    db.session.flush()
    for one in decided:
        one.batch_id = batch.id
    for one in verified:
        one.FLOW.advance(one, Action.BATCH_SIGN_OFF)
    record(Action.BATCH_SIGN_OFF, batch, actor, number=batch.number, digest=found)
    notices.tell_signed_off(batch)
    return batch


def decided_claims(programme: Programme) -> list[Claim]:
    """Verified and rejected claims that stand in no batch yet, in the order in which they are signed."""
    found = select(Claim).where(
        Claim.programme_id == programme.id,
        Claim.batch_id.is_(None),
        Claim.state.in_([ClaimState.VERIFIED, ClaimState.REJECTED]),
    )
    found = found.options(joinedload(Claim.participant).joinedload(Participant.payer))
    return list(db.session.scalars(found.order_by(Claim.achieved_on, Claim.id)))


def decided_measurements(programme: Programme) -> list[Measurement]:
    """The same of measurements."""
    found = select(Measurement).where(
        Measurement.programme_id == programme.id,
        Measurement.batch_id.is_(None),
        Measurement.state.in_([ClaimState.VERIFIED, ClaimState.REJECTED]),
    )
    return list(db.session.scalars(found.order_by(Measurement.achieved_on, Measurement.id)))


def digest_of(claims: Iterable[Claim], measurements: Iterable[Measurement] = ()) -> str:
    """SHA-256 over the canonical list: JSON, keys sorted, one object per claim and then per measurement, each by date
    and id."""
    rows: list[dict[str, Any]] = [
        {
            "claim": claim.id.hex,
            "participant": claim.participant.code,
            "municipality": claim.participant.payer_id.hex,
            "effect": claim.effect.code,
            "achieved_on": claim.achieved_on.isoformat(),
            "quantity": claim.quantity,
            "evidence": claim.evidence_digest,
            "verdict": claim.decision_reason.value if claim.decision_reason else "verified",
        }
        for claim in sorted(claims, key=lambda claim: (claim.achieved_on, claim.id.hex))
    ]
    rows += [
        {
            "measurement": one.id.hex,
            "municipality": one.payer_id.hex,
            "effect": one.effect.code,
            "achieved_on": one.achieved_on.isoformat(),
            "measured": [one.value, one.cohort, one.treatment, one.control, one.avoided_minor, one.quantity],
            "evidence": one.evidence_digest,
            "verdict": one.decision_reason.value if one.decision_reason else "verified",
        }
        for one in sorted(measurements, key=lambda one: (one.achieved_on, one.id.hex))
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def note_reading(participant: Participant, *, actor: User) -> None:
    """Views of rows about a person are logged (domain, section 9): once per reader, participant and day."""
    if not _read_today(participant, actor):
        _record_reading(participant, participant, actor=actor)


def note_list_reading(programme: Programme, shown: int, *, actor: User) -> None:
    """The same for a list of `shown` people: one entry on the bond per reader and day."""
    if shown and not _read_today(programme, actor):
        first = db.session.scalars(Participant.visible_to(actor).where(Participant.programme == programme).limit(1))
        _record_reading(programme, first.one(), actor=actor)


def _read_today(subject: Any, actor: User) -> bool:
    found = exists().where(
        AuditEntry.subject_id == subject.id,
        AuditEntry.action == str(Action.PARTICIPANT_READ),
        AuditEntry.actor_id == actor.id,
        AuditEntry.at >= clock.local(clock.today()),
    )
    return bool(db.session.scalar(select(found)))


@operation
def _record_reading(subject: Any, person: Participant, *, actor: User) -> None:
    record(Action.PARTICIPANT_READ, subject, actor, on_behalf_of=person)
