"""The effects behind the money: what was proven and paid for, in aggregates."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from app.extensions import db
from app.intake.suppression import Figure
from app.outcomes.disclosure import Key, disclosure
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.sum_models import SettlementSum


@dataclass(frozen=True, slots=True)
class Behind:
    """An effect of the price table, how often it was proven and paid for and how much, as one reader may see it."""

    name: str
    figure: Figure


def effects_behind(statement_ids: Sequence[uuid.UUID]) -> list[Behind]:
    """What was proven and paid in these statements, for a reader who may see their lines.

    An effect counts in the statement that took it; what a later one pays for it is in its amount alone.
    """
    taken = func.sum(case((SettlementSum.first_settlement_id.is_(None), SettlementSum.lines), else_=0))
    found = (
        select(Effect.name, taken, func.sum(SettlementSum.paid_minor))
        .join(SettlementSum, SettlementSum.effect_id == Effect.id)
        .join(Statement, Statement.settlement_id == SettlementSum.settlement_id)
        .where(Statement.payer_id == SettlementSum.payer_id, Statement.id.in_(statement_ids))
        .group_by(Effect.id, Effect.name, Effect.position)
        .order_by(Effect.position)
    )
    return [
        Behind(name, Figure(int(count), amount_minor=int(paid), of="rows"))
        for name, count, paid in db.session.execute(found)
    ]


def effects_for_investors(programme: Programme) -> list[Behind]:
    """What was paid for so far, in aggregates only: investors see nothing about single participants."""
    told = disclosure(programme.id).public
    ids = told.effects_of(Key(paid=True))
    found = db.session.execute(select(Effect.id, Effect.name).where(Effect.id.in_(ids)).order_by(Effect.position))
    return [Behind(name, told.figure(Key(effect, paid=True))) for effect, name in found]
