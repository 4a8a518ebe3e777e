"""The assessor's signature over what was decided. A batch of any size takes the same number of statements."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, func, select, update

from app.access.actions import Action
from app.access.record import record
from app.agreements.verification_models import agreed_rules
from app.core.contact import refuse_who
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.core.operation import operation
from app.core.progress import Tell, silent, told
from app.extensions import db
from app.intake.models import Participant
from app.intake.operations import own_organisation
from app.intake.recusals import left_to_others
from app.outcomes.batch_counts import count_signed
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.required import on_next_list
from app.outcomes.states import DECIDED, ClaimState
from app.people.models import Organisation, User
from app.pricing.models import Effect
from app.programmes.models import Part, Programme
from app.programmes.told_codes import refuse_code
from app.verification import notices
from app.verification.models import Docket
from app.verification.open_words import refuse_told
from app.verification.sealing import seal_batch
from app.verification.standing import expect_declared_to_sign
from app.verification.states import FLOW, DocketState

UNSEEN = "accepted as claimed"


@operation
def sign_off(
    programme: Programme,
    statement: str,
    *,
    method: str = "",
    actor: User,
    digest: str | None = None,
    once: uuid.UUID | None = None,
    tell: Tell = silent,
) -> Batch:
    """The assessor signs for all decided claims and measurements that no batch holds yet, in its own words
    (`statement`) and in words for every party (`method`); the statement is sealed in the same act. `NotNow` while a
    docket is being judged, and where the agreement asks for a second signature (`counter_signing`). Not yours where
    you left a case on it to colleagues; `FirstThis` before you declared for the docket.

    `digest` is that of the list the person was reading: `Changed` when something was decided meanwhile. Refused when
    there is nothing to sign. The page asks for the password again before it calls this. `tell` hears how many claims
    are read.
    """
    existing = db.session.get(Batch, once) if once else None
    if existing is not None:
        return existing
    if is_counter_signed(programme):
        raise NotNow(_("The agreement asks for a counter-signature: one person signs first, another one after that."))
    expect_words(statement, method)
    expect_signer(programme, actor)
    expect_declared_to_sign(programme, actor)
    found = list_to_sign(programme, digest, tell)
    organisation = own_organisation(programme, Part.ASSESSOR, actor)
    batch = lay_batch(
        programme,
        found,
        statement=statement,
        method=method,
        id=once or uuid.uuid4(),
        by=actor,
        organisation=organisation,
    )
    record(Action.BATCH_SIGN_OFF, batch, actor, number=batch.number, digest=found)
    notices.tell_signed_off(batch)
    return batch


def expect_words(statement: str, method: str) -> None:
    """Refused where either tells who a participant is, or `method`, which every party reads, a number or a name."""
    refuse_who(statement=statement, method=method)
    refuse_code(statement=statement, method=method)
    refuse_told(method=method)


def is_counter_signed(programme: Programme) -> bool:
    """Does the agreement in force ask for two signatures under a statement?"""
    rules = agreed_rules(programme.id)
    return rules is not None and rules.counter_signed


def expect_signer(programme: Programme, user: Any) -> None:
    """Not yours where a case that this person left to colleagues stands on the list."""
    told = why_not_signer(programme, user)
    if told is not None:
        raise NotYours(told)


def why_not_signer(programme: Programme, user: Any) -> str | None:
    """A declared conflict of interest holds for the signature too (ISO/IEC 17029, impartiality): who may not read a
    case cannot state that it was verified. Nothing is left out of the list for it: another person signs."""
    left = select(Claim.id).where(*unsigned(programme), Claim.participant_id.in_(left_to_others(user)))
    if db.session.scalar(left.limit(1)) is None:
        return None
    return _("A case that you left to your colleagues stands on this list: another person of the assessor signs.")


def signers_of(programme: Programme) -> list[User]:
    """Who of the assessor may sign for what waits."""
    people = programme.people(Part.ASSESSOR)
    return [one for one in sorted(people, key=lambda one: one.name) if why_not_signer(programme, one) is None]


def list_to_sign(programme: Programme, digest: str | None, tell: Tell = silent) -> str:
    """The fingerprint of what the next batch holds. `Changed` when it is not `digest`; refused when it is empty."""
    under_way = docket_under_way(programme)
    if under_way is not None:
        raise NotNow(_("%(batch)s is being judged: conclude it first.", batch=under_way.title))
    measurements = decided_measurements(programme)
    if not any(count_decided(programme).values()) and not measurements:
        raise Refused(_("There is nothing to sign: no claim was decided since the last sign-off."))
    found = digest_of(told(decided_claims(programme), tell), measurements)
    if digest is not None and digest != found:
        raise Changed
    return found


def lay_batch(
    programme: Programme,
    digest: str,
    *,
    statement: str,
    method: str,
    id: uuid.UUID,
    by: User,
    organisation: Organisation,
    second: User | None = None,
) -> Batch:
    """The batch of everything decided, under its seal; `second` counter-signed."""
    decided, measurements = count_decided(programme), decided_measurements(programme)
    measured = sum(one.state == ClaimState.VERIFIED for one in measurements)
    number = select(func.coalesce(func.max(Batch.number), 0) + 1).where(Batch.programme_id == programme.id)
    batch = Batch(
        id=id,
        programme=programme,
        number=db.session.scalar(number),
        organisation=organisation,
        signed_by=by,
        statement=statement,
        method=method,
        verified_count=decided[ClaimState.VERIFIED] + measured,
        rejected_count=decided[ClaimState.REJECTED] + len(measurements) - measured,
        digest=digest,
    )
    db.session.add(batch)
    db.session.flush()
    put_in(batch, unsigned(programme), measurements)
    _close_dockets(programme, batch)
    seal_batch(batch, second)
    return batch


def docket_under_way(programme: Programme) -> Docket | None:
    judged = Docket.state.in_([DocketState.LOCKED, DocketState.CHECKING])
    return db.session.scalars(select(Docket).where(Docket.programme_id == programme.id, judged)).unique().first()


def unsigned(programme: Programme) -> list[Any]:
    """What holds of the claims that the next batch takes."""
    return on_next_list(programme.id)


def count_decided(programme: Programme) -> dict[ClaimState, int]:
    found = select(Claim.state, func.count()).where(*unsigned(programme)).group_by(Claim.state)
    return dict.fromkeys(DECIDED, 0) | dict(iter(db.session.execute(found)))  # type: ignore[arg-type]


def count_unseen(programme: Programme) -> int:
    """How many of the verified ones were not drawn, and accepted as claimed."""
    found = select(func.count()).where(*unsigned(programme), Claim.state == ClaimState.VERIFIED, Claim.accepted_unseen)
    return db.session.scalar(found) or 0


def decided_claims(programme: Programme) -> Iterator[Any]:
    """Verified and rejected claims that stand in no batch yet, as lines of the list that is signed, in its order."""
    return lines_of(*unsigned(programme))


def lines_of(*holds: Any) -> Iterator[Any]:
    """A line per claim, read in portions."""
    found = (
        select(Claim.id, Participant.code, Participant.payer_id, Effect.code.label("effect"), Claim.achieved_on)
        .add_columns(Claim.quantity, Claim.evidence_digest, Claim.decision_reason, Claim.accepted_unseen)
        .join(Participant, Participant.id == Claim.participant_id)
        .join(Effect, Effect.id == Claim.effect_id)
        .where(*holds)
        .order_by(Claim.achieved_on, Claim.id)
        .execution_options(yield_per=2_000)
    )
    return iter(db.session.execute(found))


def decided_measurements(programme: Programme) -> list[Measurement]:
    """The same of measurements, which are few: none of them is sampled."""
    found = select(Measurement).where(
        Measurement.programme_id == programme.id, Measurement.batch_id.is_(None), Measurement.state.in_(DECIDED)
    )
    return list(db.session.scalars(found.order_by(Measurement.achieved_on, Measurement.id)))


def digest_of(claims: Iterable[Any], measurements: Iterable[Measurement] = ()) -> str:
    """SHA-256 over the canonical list: JSON, keys sorted, one object per claim and then per measurement, each by date
    and id. `claims`: lines of `lines_of`, in that order."""
    whole = hashlib.sha256(b"[")
    for number, row in enumerate(_rows(claims, measurements)):
        text = json.dumps(row, sort_keys=True, separators=(",", ":"))
        whole.update(("," + text if number else text).encode())
    whole.update(b"]")
    return whole.hexdigest()


def _rows(claims: Iterable[Any], measurements: Iterable[Measurement]) -> Iterator[dict[str, Any]]:
    for claim in claims:
        verdict = claim.decision_reason.value if claim.decision_reason else "verified"
        yield {
            "claim": claim.id.hex,
            "participant": claim.code,
            "municipality": claim.payer_id.hex,
            "effect": claim.effect,
            "achieved_on": claim.achieved_on.isoformat(),
            "quantity": claim.quantity,
            "evidence": claim.evidence_digest,
            "verdict": UNSEEN if claim.accepted_unseen and not claim.decision_reason else verdict,
        }
    for one in sorted(measurements, key=lambda one: (one.achieved_on, one.id.hex)):
        yield {
            "measurement": one.id.hex,
            "municipality": one.payer_id.hex,
            "effect": one.effect.code,
            "achieved_on": one.achieved_on.isoformat(),
            "measured": [one.value, one.cohort, one.treatment, one.control, one.avoided_minor, one.quantity],
            "evidence": one.evidence_digest,
            "verdict": one.decision_reason.value if one.decision_reason else "verified",
        }


def put_in(batch: Batch, holds: list[Any], measurements: Iterable[Measurement]) -> None:
    """The claims for which these hold, and the measurements, stand in `batch` from now on; what is proven counts."""
    db.session.flush()
    state = case((Claim.state == ClaimState.VERIFIED, ClaimState.SIGNED_OFF), else_=Claim.state)
    signed = update(Claim).where(*holds).values(batch_id=batch.id, state=state, version=Claim.version + 1)
    db.session.execute(signed, execution_options={"synchronize_session": False})
    for one in measurements:
        one.batch_id = batch.id
        if one.state == ClaimState.VERIFIED:
            one.FLOW.advance(one, Action.BATCH_SIGN_OFF)
    db.session.flush()
    count_signed(batch)
    db.session.expire_all()


def _close_dockets(programme: Programme, batch: Batch) -> None:
    """Last, since the state of a docket says which claims are signed for."""
    ready = select(Docket).where(Docket.programme_id == programme.id, Docket.state == DocketState.READY)
    for docket in db.session.scalars(ready).unique():
        FLOW.advance(docket, Action.BATCH_SIGN_OFF)
        docket.batch_id = batch.id
