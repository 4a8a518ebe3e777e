"""What the public pages count, in a few grouped statements."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.agreements.models import Agreement
from app.audit.models import AuditEntry, AuditFacts
from app.calls.models import Call
from app.consortia.models import Consortium
from app.core import clock
from app.extensions import db
from app.outcomes.models import Claim, Participant
from app.outcomes.queries import proven_in_public
from app.outcomes.states import ClaimState
from app.outcomes.suppression import SMALLEST, Figure, Grid, figures
from app.people.models import User
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme
from app.programmes.states import ProgrammeState
from app.proposals.models import Proposal
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import StatementState

PROVEN = (ClaimState.SIGNED_OFF, ClaimState.SETTLED)


@dataclass(frozen=True, slots=True)
class EffectResult:
    """One effect as the public may read it: figures below five are hidden, with the amounts that would tell them."""

    effect: Effect
    target: int
    proven: Figure
    paid_minor: int | None


@dataclass(frozen=True, slots=True)
class Results:
    """Promised, happened, paid, may still be paid: one bond on one page. Amounts in minor units."""

    agreement: Agreement | None
    participants: Figure
    effects: list[EffectResult]
    proven: Figure
    paid_minor: int | None
    paid_by: dict[uuid.UUID, int | None]
    ceiling_minor: int


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


def results_of(programme: Programme) -> Results:
    """Everything the results page tells, suppressed for readers who may see no row about a person."""
    agreement = agreement_of(programme.id)
    grid = paid_grid(programme, agreement)
    effects: list[EffectResult] = []
    proven_in_all = Figure(0)
    if agreement is not None:
        proven, proven_in_all = proven_in_public(programme, agreement.table)
        paid = paid_per_effect(programme, agreement.table)
        volumes = agreement.terms.get("volumes", {})
        effects = [
            EffectResult(
                effect,
                target=int(volumes.get(effect.code, 0)),
                proven=proven[effect.id],
                paid_minor=_told(paid[effect.id], proven[effect.id]),
            )
            for effect in agreement.table.effects
        ]
    return Results(
        agreement=agreement,
        participants=figures({0: participant_count(programme)})[1],
        effects=effects,
        proven=proven_in_all,
        paid_minor=None if grid.figure().small else grid.figure().amount_minor or 0,
        paid_by={
            share.organisation_id: grid.figure(None, share.organisation_id).amount_minor for share in programme.shares
        },
        ceiling_minor=sum(share.ceiling_minor for share in programme.shares),
    )


def _told(paid: tuple[int, int], proven: Figure) -> int | None:
    """The amount paid for (how many, how much); not where it, or what is left to pay, would tell a small number."""
    count, paid_minor = paid
    if proven.count is None or 0 < count < SMALLEST or 0 < proven.count - count < SMALLEST:
        return None
    return paid_minor


def paid_per_effect(programme: Programme, table: PriceTable) -> dict[uuid.UUID, tuple[int, int]]:
    """How many were paid for, and how much (minor units), by effect."""
    paid = {effect.id: (0, 0) for effect in table.effects}
    for (effect_id, _payer), (count, paid_minor) in paid_cells(programme).items():
        before = paid[effect_id]
        paid[effect_id] = (before[0] + count, before[1] + paid_minor)
    return paid


def paid_cells(programme: Programme) -> dict[tuple[uuid.UUID, uuid.UUID], tuple[int, int]]:
    """(effects, minor units) by effect and municipality, of statements that were paid."""
    found = (
        select(Claim.effect_id, SettlementLine.payer_id, func.count(), func.sum(SettlementLine.paid_minor))
        .join(SettlementLine, SettlementLine.claim_id == Claim.id)
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .join(Statement, (Statement.settlement_id == Settlement.id) & (Statement.payer_id == SettlementLine.payer_id))
        .where(Settlement.programme_id == programme.id, Statement.state == StatementState.PAID)
        .group_by(Claim.effect_id, SettlementLine.payer_id)
    )
    return {(effect, payer): (count, int(paid)) for effect, payer, count, paid in db.session.execute(found)}


def paid_grid(programme: Programme, agreement: Agreement | None) -> Grid:
    """What municipalities have paid, per effect and municipality, as the public may see it."""
    rows = select(Effect.id).where(Effect.table_id == (agreement.table_id if agreement else None))
    return Grid(
        list(db.session.scalars(rows.order_by(Effect.position))),
        [share.organisation_id for share in programme.shares],
        paid_cells(programme),
    )


def participant_count(programme: Programme) -> int:
    found = select(func.count()).select_from(Participant).where(Participant.programme_id == programme.id)
    return db.session.scalar(found) or 0


def trail_of(programme: Programme) -> Select[Any]:
    """The trail of one bond, newest first: entry, who, what it said.

    Who bids stays out of it until the deadline (art. 2.108 Aw).
    """
    open_calls = select(Call.id).where(Call.programme_id == programme.id, Call.deadline > clock.now())
    bidders = select(Consortium.id).where(Consortium.call_id.in_(open_calls))
    plans = select(Proposal.id).where(Proposal.call_id.in_(open_calls))
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
        .where(AuditEntry.subject_id.not_in(bidders), AuditEntry.subject_id.not_in(plans))
        .order_by(AuditEntry.seq.desc())
    )
