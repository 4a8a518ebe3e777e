"""What the public pages count, in a few grouped statements."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.agreements.models import Agreement
from app.audit.models import AuditEntry, AuditFacts
from app.extensions import db
from app.outcomes.models import Claim, Participant
from app.outcomes.states import ClaimState
from app.people.models import User
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.programmes.states import ProgrammeState
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import SettlementState, StatementState

PROVEN = (ClaimState.SIGNED_OFF, ClaimState.SETTLED)
UNDER_WAY = (ClaimState.SUBMITTED, ClaimState.QUESTIONED, ClaimState.VERIFIED)


@dataclass(frozen=True, slots=True)
class EffectCount:
    """One effect of one bond: how many are proven, under way and rejected."""

    effect: Effect
    proven: int
    under_way: int
    rejected: int


def public_programmes() -> Select[Programme]:
    return select(Programme).where(Programme.state == ProgrammeState.APPROVED).order_by(Programme.created_at.desc())


def proven_per_programme(programme_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    found = select(Claim.programme_id, func.count()).where(
        Claim.programme_id.in_(programme_ids), Claim.state.in_(PROVEN)
    )
    return dict(db.session.execute(found.group_by(Claim.programme_id)).tuples().all())


def paid_per_programme(programme_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Minor units that municipalities have paid."""
    found = select(Statement.programme_id, func.sum(Statement.amount_minor)).where(
        Statement.programme_id.in_(programme_ids), Statement.state == StatementState.PAID
    )
    return {key: int(total) for key, total in db.session.execute(found.group_by(Statement.programme_id))}


def agreement_of(programme_id: uuid.UUID) -> Agreement | None:
    return db.session.scalar(select(Agreement).where(Agreement.programme_id == programme_id))


def effect_counts(programme: Programme, agreement: Agreement) -> list[EffectCount]:
    """Per effect of the agreement's price table, in its order."""
    counted = select(Claim.effect_id, Claim.state, func.count()).where(Claim.programme_id == programme.id)
    counts: dict[uuid.UUID, dict[ClaimState, int]] = {}
    for effect_id, state, count in db.session.execute(counted.group_by(Claim.effect_id, Claim.state)):
        counts.setdefault(effect_id, {})[state] = count
    effects = db.session.scalars(select(Effect).where(Effect.table_id == agreement.table_id).order_by(Effect.position))
    return [
        EffectCount(
            effect,
            proven=_sum(counts, effect, PROVEN),
            under_way=_sum(counts, effect, UNDER_WAY),
            rejected=_sum(counts, effect, (ClaimState.REJECTED,)),
        )
        for effect in effects
    ]


def _sum(counts: dict[uuid.UUID, dict[ClaimState, int]], effect: Effect, states: tuple[ClaimState, ...]) -> int:
    return sum(counts.get(effect.id, {}).get(state, 0) for state in states)


def paid_per_effect(programme: Programme) -> dict[uuid.UUID, int]:
    """Minor units per effect in settlements that every municipality has paid."""
    found = (
        select(Claim.effect_id, func.sum(SettlementLine.paid_minor))
        .join(SettlementLine, SettlementLine.claim_id == Claim.id)
        .join(Settlement)
        .where(Settlement.programme_id == programme.id, Settlement.state == SettlementState.PAID)
    )
    return {key: int(total) for key, total in db.session.execute(found.group_by(Claim.effect_id))}


def paid_per_municipality(programme: Programme) -> dict[uuid.UUID, int]:
    found = select(Statement.payer_id, func.sum(Statement.amount_minor)).where(
        Statement.programme_id == programme.id, Statement.state == StatementState.PAID
    )
    return {key: int(total) for key, total in db.session.execute(found.group_by(Statement.payer_id))}


def participant_count(programme: Programme) -> int:
    found = select(func.count()).select_from(Participant).where(Participant.programme_id == programme.id)
    return db.session.scalar(found) or 0


def trail_of(programme: Programme) -> Select[Any]:
    """The trail of one bond, newest first: entry, who, what it said."""
    return (
        select(
            AuditEntry.seq,
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.subject_type,
            AuditEntry.hash,
            User.name.label("actor"),
            AuditFacts.body,
        )
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(AuditFacts, AuditFacts.seq == AuditEntry.seq)
        .where(AuditEntry.programme_id == programme.id)
        .order_by(AuditEntry.seq.desc())
    )


def results_of(programme: Programme) -> Any:
    return None
