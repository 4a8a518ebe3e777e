"""The only code that changes claims and batches. What is typed about a person never reaches the trail."""

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Changed, NotNow, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.intake.models import Participant
from app.intake.operations import own_organisation
from app.intake.rules import agreement_of
from app.outcomes import notices, rules
from app.outcomes.models import Batch, Claim, Measurement, claims_of
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.people.models import User
from app.programmes.models import Part, Programme


@operation
def register_claim(participant: Participant, facts: ClaimFacts, *, actor: User, once: uuid.UUID) -> Claim:
    """Claim one effect of the agreement's table for one participant.

    Refused, with the rule named, when the table does not allow it, or when a national number stands in a text.
    """
    existing = db.session.get(Claim, once)
    if existing is not None:
        return existing
    agreement = agreement_of(participant.programme)
    if agreement is None:
        raise NotNow(_("Effects can be claimed when the agreement is in force."))
    if facts.effect.table_id != agreement.table_id:
        raise Refused(_("Choose an effect of the table in the agreement."), "effect")
    rules.check_claim(participant, {f.name: getattr(facts, f.name) for f in fields(facts)}, claims_of(participant))
    refuse_national_id(evidence_issuer=facts.evidence_issuer, note=facts.note)
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
    refuse_national_id(statement=statement)
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
