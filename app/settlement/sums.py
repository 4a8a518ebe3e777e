"""What the lines of a settlement come to: kept when they are made, so that no page adds up a million of them."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db
from app.outcomes.models import Claim, Measurement
from app.settlement.models import SettlementLine
from app.settlement.sum_models import SettlementSum

KEYS = ("settlement_id", "effect_id", "payer_id", "first_settlement_id", "kind")


def keep_sums(settlement_id: uuid.UUID) -> None:
    """Lay down what the lines of a settlement come to; inside the operation that made them, once."""
    counted = added_up().where(SettlementLine.settlement_id == settlement_id)
    for *keys, lines, paid_minor in db.session.execute(counted).all():
        found: dict[str, Any] = dict(zip(KEYS, keys, strict=True))
        db.session.add(SettlementSum(**found, lines=int(lines), paid_minor=int(paid_minor)))
    db.session.flush()


def added_up() -> Select[Any]:
    """The same from the lines themselves, of every settlement: the keys, how many lines, and what they pay."""
    effect = func.coalesce(Claim.effect_id, Measurement.effect_id)
    line = SettlementLine
    keys: tuple[Any, ...] = (line.settlement_id, effect, line.payer_id, line.first_settlement_id, line.kind)
    found = select(*keys, func.count(), func.sum(line.paid_minor)).select_from(line)
    return found.outerjoin(line.claim).outerjoin(line.measurement).group_by(*keys)


def line_count(settlement_id: uuid.UUID, payer_ids: Iterable[uuid.UUID] | None = None) -> int:
    """How many lines a settlement has, of all municipalities or of these."""
    found = select(func.coalesce(func.sum(SettlementSum.lines), 0)).where(SettlementSum.settlement_id == settlement_id)
    if payer_ids is not None:
        found = found.where(SettlementSum.payer_id.in_(payer_ids))
    return int(db.session.scalar(found) or 0)
