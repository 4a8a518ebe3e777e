"""What a page says beside the lines that take money back."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, or_, select

from app.extensions import db
from app.outcomes.models import Claim, Measurement
from app.pricing.models import Effect
from app.settlement.claw_back import LATER_ALONE, rest_of
from app.settlement.dispute_models import Correction
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.states import LineKind
from app.settlement.sum_models import SettlementSum
from app.verification.appeal_models import Reopening


@dataclass(frozen=True, slots=True)
class Back:
    """`rest_minor`: what is still to be taken back after this settlement (minor units). `corrected`: statements that
    were lowered before and whose effects are taken back now: it may be for the same thing."""

    rest_minor: int
    corrected: list[Statement]


def back_of(settlement: Settlement, payer_id: uuid.UUID | None = None) -> Back | None:
    """Of a settlement, or of one municipality in it; None where nothing is taken back."""
    kept = select(SettlementSum.id).where(
        SettlementSum.settlement_id == settlement.id, SettlementSum.kind.in_(LATER_ALONE)
    )
    if db.session.scalar(kept.limit(1)) is None:  # as nearly always, and then no line is read
        return None
    found = select(SettlementLine).where(
        SettlementLine.settlement_id == settlement.id, SettlementLine.kind.in_(LATER_ALONE)
    )
    if payer_id is not None:
        found = found.where(SettlementLine.payer_id == payer_id)
    lines = list(db.session.scalars(found))
    if not lines:
        return None
    first = {line.first_settlement_id for line in lines}
    payers = {line.payer_id for line in lines}
    corrected = select(Statement).where(
        Statement.settlement_id.in_(first),
        Statement.payer_id.in_(payers),
        Statement.id.in_(select(Correction.statement_id)),
    )
    return Back(sum(rest_of(line.steps) for line in lines), list(db.session.scalars(corrected).unique()))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an effect of which something is taken back: what it pays now (`first` is none), or what becomes of
    what the settlement `first` paid; `reasons` why it was reopened. Minor units, below zero where it is taken back."""

    effect: str
    kind: LineKind
    first: Settlement | None
    lines: int
    paid_minor: int
    reasons: list[Any] = field(default_factory=list)


def sides_of(settlement: Settlement, payer_id: uuid.UUID | None = None) -> list[Side]:
    """Both sides of each effect that a settlement (or the statement of one municipality) nets; none where it nets
    nothing. For who reads its lines: a side may be one single effect."""
    later = SettlementSum.kind.in_(LATER_ALONE)
    first = case((later, SettlementSum.first_settlement_id))
    kind = case((later, SettlementSum.kind), else_=LineKind.FIRST.value)
    of_these = [SettlementSum.settlement_id == settlement.id]
    if payer_id is not None:
        of_these.append(SettlementSum.payer_id == payer_id)
    netted = select(SettlementSum.effect_id).where(*of_these, later)
    found = (
        select(Effect.id, Effect.name, kind, first, func.sum(SettlementSum.lines), func.sum(SettlementSum.paid_minor))
        .join(SettlementSum.effect)
        .where(*of_these, SettlementSum.effect_id.in_(netted))
        .group_by(Effect.id, Effect.name, Effect.position, kind, first)
        .order_by(Effect.position, first.is_not(None))
    )
    rows = db.session.execute(found).all()
    if not rows:
        return []
    why = _reasons(settlement, payer_id)
    ids = {row[3] for row in rows if row[3] is not None}
    settled = {one.id: one for one in db.session.scalars(select(Settlement).where(Settlement.id.in_(ids))).unique()}
    return [
        Side(
            name,
            LineKind(how),
            settled.get(first_id),
            int(lines),
            int(paid),
            why[id, first_id] if how == LineKind.CLAWED_BACK else [],
        )
        for id, name, how, first_id, lines, paid in rows
    ]


def _reasons(settlement: Settlement, payer_id: uuid.UUID | None) -> dict[tuple[uuid.UUID, uuid.UUID | None], list[Any]]:
    """By effect and first settlement why what it takes back was reopened, each reason once."""
    line = SettlementLine
    found = (
        select(func.coalesce(Claim.effect_id, Measurement.effect_id), line.first_settlement_id, Reopening.reason)
        .select_from(line)
        .join(Reopening, or_(Reopening.claim_id == line.claim_id, Reopening.measurement_id == line.measurement_id))
        .outerjoin(line.claim)
        .outerjoin(line.measurement)
        .where(line.settlement_id == settlement.id, line.kind == LineKind.CLAWED_BACK)
        .distinct()
    )
    if payer_id is not None:
        found = found.where(line.payer_id == payer_id)
    known: dict[tuple[uuid.UUID, uuid.UUID | None], list[Any]] = defaultdict(list)
    for effect_id, first_id, reason in db.session.execute(found):
        known[effect_id, first_id].append(reason)
    return known
