"""All effects of a draft in one act: what the line editor saves."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import Effect, PriceTable
from app.pricing.operations import EffectFacts
from app.pricing.rules import faults_in, faults_in_group
from app.pricing.states import FLOW


@dataclass(frozen=True, slots=True)
class Line:
    """What was typed for one effect: `changes` by field; `version` the copy of the row that the person was reading."""

    effect_id: uuid.UUID
    version: int | None
    changes: dict[str, Any]


def facts_of(effect: Effect) -> EffectFacts:
    """What the row says now."""
    return EffectFacts(**said_in(effect))


def said_in(row: Effect | EffectFacts) -> dict[str, Any]:
    """The same by name."""
    return {f.name: getattr(row, f.name) for f in fields(EffectFacts)}


def with_changes(effect: Effect, line: Line) -> EffectFacts:
    """What the row would say once the line is saved."""
    return replace(facts_of(effect), **line.changes)


@operation
def edit_lines(table: PriceTable, lines: Sequence[Line], *, actor: User) -> list[str]:
    """Change the rows that differ from what is stored, all or none; gives their codes.

    Rows that require another follow when its code changes. `Changed` when somebody else saved one of them meanwhile.
    """
    FLOW.advance(table, Action.TABLE_EDIT)
    rows = {effect.id: effect for effect in table.effects}
    stored = {key: facts_of(effect) for key, effect in rows.items()}
    typed = {line.effect_id: with_changes(rows[line.effect_id], line) for line in lines if line.effect_id in rows}
    changed = {key: facts for key, facts in typed.items() if facts != stored[key]}
    for line in lines:
        if line.effect_id in changed:
            rows[line.effect_id].expect_version(line.version)
    renamed = {stored[key].code: facts.code for key, facts in changed.items()}
    after = {key: _following(changed.get(key, facts), renamed) for key, facts in stored.items()}
    _free_codes([rows[key] for key, facts in changed.items() if facts.code != stored[key].code])
    for key, facts in after.items():
        if facts != stored[key]:
            _save(rows[key], facts, [other for k, other in after.items() if k != key])
    figures = {f.code: {"price_minor": f.price_minor, "deadweight_bp": f.deadweight_bp} for f in changed.values()}
    if changed:
        record(Action.TABLE_EDIT, table, actor, lines=figures)
    return [facts.code for facts in changed.values()]


def _free_codes(effects: Sequence[Effect]) -> None:
    """Two rows may change codes with each other, which the database sees one row at a time."""
    if len(effects) > 1:
        for effect in effects:
            effect.code = str(uuid.uuid4())
        db.session.flush()


def _following(facts: EffectFacts, renamed: dict[str, str]) -> EffectFacts:
    return replace(facts, requires=[renamed.get(code, code) for code in facts.requires])


def _save(effect: Effect, facts: EffectFacts, others: Sequence[EffectFacts]) -> None:
    for fault in (*faults_in(facts, [other.code for other in others]), *faults_in_group(facts, others)):
        raise Refused(f"{facts.name}: {fault.message}")
    for f in fields(EffectFacts):
        if getattr(effect, f.name) != getattr(facts, f.name):
            setattr(effect, f.name, getattr(facts, f.name))
