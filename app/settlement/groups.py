"""Lines of a settlement that are alike, together: kept when they are made, and read by whoever may see no row about a
person but must know what is paid and why."""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, String, cast, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.core.errors import Refused
from app.extensions import db
from app.outcomes.models import Claim, Measurement
from app.people.models import Organisation
from app.pricing.models import Effect
from app.settlement.group_models import SettlementGroup
from app.settlement.made import exact_text
from app.settlement.models import SettlementLine, Statement

NAMES = ("settlement_id", "effect_id", "payer_id", "first_settlement_id", "kind", "price_minor")
GROUPED = (*NAMES, "lines", "gross_minor", "paid_minor", "steps")


@dataclass(slots=True)
class Together:
    """Lines added up; `steps` are (before, after) by rule, exact."""

    lines: int = 0
    gross_minor: int = 0
    paid_minor: int = 0
    steps: list[list[Fraction]] = field(default_factory=list)


def keep_groups(settlement_id: uuid.UUID) -> None:
    """Lay down which lines of a settlement are alike; inside the operation that made them, once."""
    db.session.add_all(SettlementGroup(**one) for one in grouped(settlement_id))
    db.session.flush()


def grouped(settlement_id: uuid.UUID) -> list[dict[str, Any]]:
    """What these rows hold, from the lines themselves; equal lines are counted by the database."""
    line, effect = SettlementLine, func.coalesce(Claim.effect_id, Measurement.effect_id)
    quantity = func.coalesce(Claim.quantity, Measurement.quantity)
    steps = cast(line.steps, String)
    keys: tuple[Any, ...] = (line.settlement_id, effect, line.payer_id, line.first_settlement_id, line.kind)
    worth = (quantity, line.gross_minor, line.paid_minor, steps)
    found = select(*keys, *worth, func.count()).select_from(line)
    found = found.outerjoin(line.claim).outerjoin(line.measurement).where(line.settlement_id == settlement_id)
    return added(db.session.execute(found.group_by(*keys, *worth)))


def added(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Of rows (settlement, effect, payer, first settlement, kind, quantity, gross, paid, steps, number of lines)."""
    groups: dict[tuple[Any, ...], Together] = {}  # by those names, and the rules
    for *keys, quantity, gross, paid, text, number in rows:
        steps: Sequence[Mapping[str, str]] = json.loads(text)
        rules = tuple(step["rule"] for step in steps)
        alike = (*keys, _price(gross, quantity), rules)
        one = groups.setdefault(alike, Together(steps=[[Fraction(), Fraction()] for _ in rules]))
        one.lines += number
        one.gross_minor += number * gross
        one.paid_minor += number * paid
        for sums, step in zip(one.steps, steps, strict=True):
            sums[0] += number * Fraction(step["before_minor"])
            sums[1] += number * Fraction(step["after_minor"])
    return [dict(zip(NAMES, alike, strict=False)) | _values(alike[-1], one) for alike, one in groups.items()]


def _price(gross_minor: int, quantity: int | None) -> int | None:
    """Of one unit; of what was measured and has no number of units, of all of it."""
    units = quantity or 1
    return None if gross_minor % units else gross_minor // units


def _values(rules: Sequence[str], found: Together) -> dict[str, Any]:
    """Steps are kept as those of a line are."""
    steps = [
        {"rule": rule, "before_minor": exact_text(before), "after_minor": exact_text(after)}
        for rule, (before, after) in zip(rules, found.steps, strict=True)
    ]
    return {"lines": found.lines, "gross_minor": found.gross_minor, "paid_minor": found.paid_minor, "steps": steps}


def groups_of(settlement_id: uuid.UUID, payer_ids: Collection[uuid.UUID] | None = None) -> list[SettlementGroup]:
    """Of a settlement, or of these municipalities in it; in the order of the table."""
    found = _in_order().where(SettlementGroup.settlement_id == settlement_id)
    if payer_ids is not None:
        found = found.where(SettlementGroup.payer_id.in_(payer_ids))
    return list(db.session.scalars(found).unique())


def groups_named(statement: Statement, ids: Collection[str]) -> list[SettlementGroup]:
    """Those of a statement's groups of lines that somebody named; none that is not of it."""
    if not ids:
        return []
    return [one for one in groups_of(statement.settlement_id, [statement.payer_id]) if str(one.id) in ids]


def ids_named(statement: Statement, about: Collection[str]) -> list[str]:
    """Of the groups of lines that a municipality or an answer names; `Refused` where one is not of the statement."""
    found = [str(one.id) for one in groups_named(statement, about)]
    if len(found) != len(set(about)):
        raise Refused(_("Choose from the list."), "about")
    return found


def groups_behind(statement_ids: Collection[uuid.UUID], most: int) -> list[SettlementGroup]:
    """Of these statements, the first `most` of them."""
    same = (Statement.settlement_id == SettlementGroup.settlement_id) & (Statement.payer_id == SettlementGroup.payer_id)
    found = _in_order().join(Statement, same).where(Statement.id.in_(statement_ids))
    return list(db.session.scalars(found.limit(most)).unique())


def _in_order() -> Select[SettlementGroup]:
    found = select(SettlementGroup).join(SettlementGroup.effect).join(SettlementGroup.payer)
    named = contains_eager(SettlementGroup.effect), contains_eager(SettlementGroup.payer)
    found = found.options(*named, joinedload(SettlementGroup.first_settlement))
    order = (Organisation.name, SettlementGroup.lines.desc(), SettlementGroup.id)
    return found.order_by(Effect.position, *order)
