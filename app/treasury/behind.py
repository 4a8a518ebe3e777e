"""The effects behind the money: what was proven and paid for, in aggregates."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from app.extensions import db
from app.intake.suppression import Figure
from app.outcomes.disclosure import Key, disclosure
from app.pricing.models import Effect
from app.pricing.rounding import largest_remainder
from app.programmes.models import Programme
from app.settlement.dispute_models import Correction
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


@dataclass(frozen=True, slots=True)
class Shared:
    """An effect of the price table, or a correction after a dispute (`figure`: None), behind some money of statements:
    what those statements paid for it, and the share of that money that stands for it (minor units)."""

    name: str
    figure: Figure | None
    paid_minor: int
    share_minor: int


def effects_shared(amounts: Mapping[uuid.UUID, int]) -> list[Shared]:
    """What stands behind so much (minor units) of each of these statements, for a reader who may see their lines.

    All that makes up a statement, corrections and what is clawed back below zero, shares its money by amount, with the
    rounding of distributions: the shares come to `amounts`, to the cent.
    """
    taken = func.sum(case((SettlementSum.first_settlement_id.is_(None), SettlementSum.lines), else_=0))
    found = (
        select(Statement.id, Effect.id, Effect.name, taken, func.sum(SettlementSum.paid_minor))
        .join(SettlementSum, Statement.settlement_id == SettlementSum.settlement_id)
        .join(Effect, Effect.id == SettlementSum.effect_id)
        .where(Statement.payer_id == SettlementSum.payer_id, Statement.id.in_(amounts))
        .group_by(Statement.id, Effect.id, Effect.name, Effect.position)
        .order_by(Effect.position)
    )
    parts: dict[uuid.UUID, list[tuple[uuid.UUID, str, int | None, int]]] = {id: [] for id in amounts}
    for statement_id, id, name, count, paid in db.session.execute(found):
        parts[statement_id].append((id, name, int(count), int(paid)))
    lowered = select(Correction).where(Correction.statement_id.in_(amounts)).order_by(Correction.created_at)
    for one in db.session.scalars(lowered):
        name = _("Correction of %(reference)s after a dispute", reference=one.statement.reference)
        parts[one.statement_id].append((one.id, name, None, -one.amount_minor))
    rows: dict[uuid.UUID, Shared] = {}
    for statement_id, whole in parts.items():
        for (id, name, number, paid), share in zip(whole, _shares(amounts[statement_id], whole), strict=True):
            known = rows.get(id, Shared(name, None, 0, 0))
            number = None if number is None else number + (known.figure.count or 0 if known.figure else 0)
            figure = None if number is None else Figure(number, of="rows")
            rows[id] = Shared(name, figure, known.paid_minor + paid, known.share_minor + share)
    return sorted(rows.values(), key=lambda one: one.figure is None)


def _shares(minor: int, whole: Sequence[tuple[uuid.UUID, str, int | None, int]]) -> list[int]:
    return largest_remainder(minor, [paid for *_what, paid in whole]) if whole else []


def effects_for_investors(programme: Programme) -> list[Behind]:
    """What was paid for so far, in aggregates only: investors see nothing about single participants."""
    told = disclosure(programme.id).public
    ids = told.effects_of(Key(paid=True))
    found = db.session.execute(select(Effect.id, Effect.name).where(Effect.id.in_(ids)).order_by(Effect.position))
    return [Behind(name, told.figure(Key(effect, paid=True))) for effect, name in found]
