"""What a page says beside the lines that take money back."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.settlement.claw_back import LATER_ALONE, rest_of
from app.settlement.dispute_models import Correction
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.sum_models import SettlementSum


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
