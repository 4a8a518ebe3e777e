"""Let a gate pass with a reason; have a definition tested by two readers."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.definability import definition_of
from app.pricing.gate_queries import definitions_in, judge_gates
from app.pricing.gates import GRADE, JUDGES
from app.pricing.grade import grade_of
from app.pricing.models import Effect, GateOverride, Grade, PriceTable
from app.pricing.states import FLOW
from app.readers.models import ReaderTest
from app.readers.operations import draft_test

SHORTEST_REASON = 20  # characters: a sentence, not a word


@operation
def override_gate(
    table: PriceTable, gate: str, effect_code: str, reason: str, *, actor: User, once: uuid.UUID
) -> GateOverride:
    """Let `gate` pass for one effect, or for the whole table (""), public for ever under the official's name.

    It covers the effects and definitions that are there now: one that is added or defined anew afterwards is not let
    pass by it.

    Only of a draft, so that whoever approves the table has it before them. `Refused` for a gate that does not exist or
    does not fail, for a reason of less than a sentence, and for grade C, which may never be priced (domain, section 4).
    """
    existing = db.session.get(GateOverride, once)
    if existing is not None:
        return existing
    FLOW.advance(table, Action.TABLE_OVERRIDE)
    effects = {effect.code: effect for effect in table.effects}
    if gate == GRADE:
        raise Refused(_("Grade C can never be overridden into a price."), "gate")
    if gate not in JUDGES:
        raise Refused(_("Choose a gate of this table."), "gate")
    if effect_code and effect_code not in effects:
        raise Refused(_("Choose an effect of this table."), "effect_code")
    concerned = [effects[effect_code]] if effect_code else list(effects.values())
    if any(grade_of(effect) == Grade.C for effect in concerned):
        raise Refused(_("A row of grade C can never be overridden into a price. Take it out first."), "effect_code")
    _expect_shut(table, gate, effect_code)
    if len(reason.strip()) < SHORTEST_REASON or " " not in reason.strip():
        raise Refused(_("Give the reason in at least a sentence: it stays public for ever."), "reason")
    override = GateOverride(
        id=once, table_id=table.id, gate=gate, effect_code=effect_code, reason=reason.strip(), official=actor
    )
    db.session.add(override)
    facts: dict[str, Any] = {"gate": gate, "effect": effect_code, "reason": reason.strip()}
    record(Action.TABLE_OVERRIDE, table, actor, override=str(once), on=definitions_in(table), **facts)
    return override


def _expect_shut(table: PriceTable, code: str, effect_code: str) -> None:
    """What passes needs no override: it would stand for ever against a gate that was never shut."""
    gate = next(gate for gate in judge_gates(table) if gate.code == code)
    if not gate.open_faults:
        raise Refused(_("This gate does not fail: there is nothing to override."), "gate")
    failing = {fault.effect.code for fault in gate.open_faults if fault.effect}
    if effect_code and effect_code not in failing:
        raise Refused(_("This effect does not fail this gate."), "effect_code")


@operation
def draft_reader_test(effect: Effect, texts: Sequence[str], *, actor: User, once: uuid.UUID) -> ReaderTest:
    """Lay files beside the definition as it is now, for two readers (gate D2)."""
    existing = db.session.get(ReaderTest, once)
    if existing is not None:
        return existing
    FLOW.advance(effect, Action.READER_TEST_DRAFT)
    return draft_test(effect.table.programme, effect.code, definition_of(effect), texts, actor=actor, once=once)
