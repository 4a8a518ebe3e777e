"""The list of a docket: which claims are locked, how risky each one is, and the fingerprints of the list."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Integer, Select, and_, case, cast, exists, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from app.extensions import db
from app.intake.baseline import baselines_of, days_late
from app.intake.models import Participant
from app.outcomes.clock_models import clock_runs_of
from app.outcomes.issuers import is_odd_issuer
from app.outcomes.models import Claim, claims_of
from app.outcomes.required import lacking
from app.outcomes.rules import earliest_of
from app.outcomes.states import ClaimState
from app.pricing.models import FROM_A_REGISTRY, Effect
from app.programmes.models import Programme
from app.verification import by_rule
from app.verification.models import Docket, DocketItem, Stratum
from app.verification.risk import (
    before_registered,
    falsified_people,
    is_together,
    no_baseline,
    no_document,
    odd_issuer,
    rejected_people,
    soon,
    together,
    too_early,
)
from app.verification.sampling import OUTSIDE, list_digest, sample_size, stratum_digest
from app.verification.states import UNSIGNED

# Points per sign of risk; a claim with HIGH or more stands first. Signs, not proof: the assessor judges.
FALSIFIED = 32  # more than all others together: it comes first
SAME_DOCUMENT, ODD_ISSUER, TOO_EARLY, BEFORE_REGISTERED = 4, 4, 4, 4
REJECTED_BEFORE, AFTER_EXIT, NO_REGISTRY = 2, 2, 1
THIN = 1  # each of what is often so and seldom wrong
HIGH, MEDIUM = 4, 2
MOST_TWINS = 5


def risk_of(programme_id: uuid.UUID) -> Any:
    """The points of a claim, in SQL over Claim joined with Participant: no amount plays a part."""
    other = aliased(Claim)  # looked up for each that waits: those that wait are few beside all claims of the bond
    same = exists().where(
        other.programme_id == programme_id,
        other.evidence_digest == Claim.evidence_digest,
        other.participant_id != Claim.participant_id,
    )
    signs = (
        (Claim.participant_id.in_(falsified_people(programme_id)), FALSIFIED),
        (and_(Claim.evidence_digest != "", same), SAME_DOCUMENT),
        (odd_issuer(), ODD_ISSUER),
        (too_early(programme_id), TOO_EARLY),
        (before_registered(), BEFORE_REGISTERED),
        (Claim.participant_id.in_(rejected_people(programme_id)), REJECTED_BEFORE),
        (and_(Participant.exited_on.is_not(None), Participant.exited_on < Claim.achieved_on), AFTER_EXIT),
        (Claim.evidence_type.not_in(FROM_A_REGISTRY), NO_REGISTRY),
        (no_baseline(), THIN),
        (no_document(programme_id), THIN),
        (together(programme_id), THIN),
        (soon(programme_id), THIN),
    )
    return sum((case((sign, points), else_=0) for sign, points in signs), literal(0))


def open_dockets() -> Select[Any]:
    """Ids of the dockets that are not signed off."""
    return select(Docket.id).where(Docket.state.in_(UNSIGNED))


def fill(docket: Docket) -> int:
    """Put every claim that waits for the assessor and stands in no open docket on the list, in one statement; how many
    they are. One that lacks an effect that it requires comes in a later docket."""
    risk = cast(risk_of(docket.programme_id), Integer)
    turn = func.row_number().over(order_by=(risk.desc(), Claim.submitted_at, Claim.id))
    waiting = (
        select(
            literal(docket.id, DocketItem.docket_id.type),
            Claim.id,
            Claim.effect_id,
            risk,
            turn,
            literal(False),
            literal(False),
        )
        .join(Participant, Participant.id == Claim.participant_id)
        .where(Claim.programme_id == docket.programme_id, Claim.state == ClaimState.SUBMITTED)
        .where(~lacking(docket.programme_id))
        .where(Claim.id.not_in(select(DocketItem.claim_id).where(DocketItem.docket_id.in_(open_dockets()))))
    )
    names = ["docket_id", "claim_id", "effect_id", "risk", "place", "is_drawn", "to_judge"]
    db.session.execute(insert(DocketItem).from_select(names, waiting))
    return db.session.scalar(select(func.count()).where(DocketItem.docket_id == docket.id)) or 0


def measure(docket: Docket) -> None:
    """Lay down size, sample and fingerprint of each effect, and the fingerprint of the whole list."""
    counted = select(Effect, func.count()).join(DocketItem, DocketItem.effect_id == Effect.id)
    counted = counted.where(DocketItem.docket_id == docket.id).group_by(Effect.id).order_by(Effect.position)
    for position, (effect, size) in enumerate(db.session.execute(counted).unique().all()):
        drawn, outside = _drawn_of(docket, effect.id, size)
        digest = stratum_digest(entries(docket.id, effect.id))
        stratum = Stratum(effect=effect, position=position, size=size, drawn=drawn, by_rule=outside, digest=digest)
        docket.strata.append(stratum)
    docket.list_digest = list_digest((one.effect.code, one.digest) for one in docket.strata)


def _drawn_of(docket: Docket, effect_id: uuid.UUID, size: int) -> tuple[int, int]:
    """How many are drawn, and how many are read outside the draw. Where all are read there is neither."""
    outside = by_rule.risky_in(docket, effect_id) if docket.reads_by_rule else 0
    drawn = sample_size(size - outside, docket.least, docket.share_bp) if docket.sampling else size
    if drawn + outside >= size:
        return size, 0
    if outside:
        by_rule.mark(docket, effect_id)
    return drawn, outside


def entries(docket_id: uuid.UUID, effect_id: uuid.UUID) -> Iterator[tuple[str, str]]:
    """(id, fingerprint of what is claimed) of each claim of one effect, sorted by id. `OUTSIDE` stands behind the
    fingerprint of a claim that is read by rule: which ones they are is locked with the list."""
    found = (
        select(Claim.id, Participant.code, Participant.payer_id, Claim.effect_id, Claim.achieved_on, Claim.quantity)
        .add_columns(Claim.evidence_digest, DocketItem.by_rule)
        .join(Participant, Participant.id == Claim.participant_id)
        .join(DocketItem, DocketItem.claim_id == Claim.id)
        .where(DocketItem.docket_id == docket_id, DocketItem.effect_id == effect_id)
        .order_by(Claim.id)
        .execution_options(yield_per=2_000)
    )
    for id, code, payer, effect, achieved_on, quantity, evidence, outside in db.session.execute(found):
        claimed = [code, payer.hex, effect.hex, achieved_on.isoformat(), quantity, evidence]
        content = hashlib.sha256(json.dumps(claimed, separators=(",", ":")).encode()).hexdigest()
        yield id.hex, f"{content}{OUTSIDE}" if outside else content


def ids_of(docket_id: uuid.UUID, effect_id: uuid.UUID) -> list[str]:
    """What is drawn from: the claims of an effect but for those that are read by rule."""
    found = select(DocketItem.claim_id).where(DocketItem.docket_id == docket_id, DocketItem.effect_id == effect_id)
    return [id.hex for id in db.session.scalars(found.where(~DocketItem.by_rule))]


def drawn_of(docket_id: uuid.UUID, effect_id: uuid.UUID) -> set[str]:
    found = select(DocketItem.claim_id).where(DocketItem.docket_id == docket_id, DocketItem.effect_id == effect_id)
    return {id.hex for id in db.session.scalars(found.where(DocketItem.is_drawn))}


def twins_of(claim: Claim, user: Any) -> Sequence[Claim]:
    """Other claims of the bond with the same document, the oldest first, at most five, that `user` may read."""
    if not claim.evidence_digest:
        return []
    # Found first by the document, which few share: in the order of the list SQLite reads every claim of the bond.
    alike = select(Claim.id).where(
        Claim.programme_id == claim.programme_id, Claim.evidence_digest == claim.evidence_digest
    )
    same = Claim.visible_to(user).where(Claim.id.in_(alike), Claim.id != claim.id, Claim.state != ClaimState.WITHDRAWN)
    return db.session.scalars(same.order_by(Claim.created_at, Claim.id).limit(MOST_TWINS)).unique().all()


def is_falsified(claim: Claim) -> bool:
    """Was another effect of this person reopened because its evidence was falsified?"""
    found = falsified_people(claim.programme_id).where(Claim.participant_id == claim.participant_id)
    return db.session.scalar(found.limit(1)) is not None


def put_first(participant: Participant) -> None:
    """An effect of this person turned out to be falsified: what of it stands in an open docket is judged, and first."""
    by_rule.read_later(participant)
    theirs = select(Claim.id).where(Claim.participant_id == participant.id)
    size = select(func.count()).select_from(DocketItem).where(DocketItem.docket_id.in_(open_dockets()))
    moved = DocketItem.docket_id.in_(open_dockets()), DocketItem.claim_id.in_(theirs), DocketItem.risk < FALSIFIED
    values = {"risk": DocketItem.risk + FALSIFIED, "place": DocketItem.place - (db.session.scalar(size) or 0)}
    db.session.execute(update(DocketItem).where(*moved).values(values).execution_options(synchronize_session=False))


def signs_of(claim: Claim, programme: Programme) -> list[str]:
    """The signs of risk of one claim, as keys of `words.SIGNS`."""
    twin = select(Claim.id).where(
        Claim.programme_id == programme.id,
        Claim.evidence_digest == claim.evidence_digest,
        Claim.participant_id != claim.participant_id,
    )
    rejected = rejected_people(programme.id).where(
        Claim.participant_id == claim.participant_id, Claim.id != claim.id
    )
    left, stood = claim.participant.exited_on, baselines_of(claim.participant)
    noted, others = clock_runs_of(claim.participant), claims_of(claim.participant)
    found = {
        "falsified": is_falsified(claim),
        "too_early": earliest_of(claim, noted, others) is not None,
        "same_document": bool(claim.evidence_digest) and db.session.scalar(twin.limit(1)) is not None,
        "before_registered": _holds(before_registered(), claim),
        "rejected_before": db.session.scalar(rejected.limit(1)) is not None,
        "after_exit": left is not None and left < claim.achieved_on,
        "odd_issuer": is_odd_issuer(claim.evidence_type, claim.evidence_issuer),
        "no_registry": claim.evidence_type not in FROM_A_REGISTRY,
        "no_baseline": not stood,
        "no_document": _holds(no_document(programme.id), claim),
        "together": is_together(claim),
        "soon": _holds(soon(programme.id), claim),
        "baseline_late": bool(stood) and days_late(claim.participant, stood) > 0,
        "baseline_after": any(one.recorded_at > claim.created_at for one in stood),
    }
    return [sign for sign, holds in found.items() if holds]


def _holds(sign: Any, claim: Claim) -> bool:
    """A sign in SQL, asked of one claim."""
    found = select(Claim.id).join(Participant, Participant.id == Claim.participant_id)
    return db.session.scalar(found.where(Claim.id == claim.id, sign)) is not None
