"""What one city learned serves the next: single effects of published tables, copied into a draft."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.pricing.models import Effect, PriceTable
from app.pricing.operations import copy_of, expect_copyable
from app.pricing.rules import faults_in_group
from app.pricing.states import FLOW


@dataclass(frozen=True, slots=True)
class Copied:
    """What was added; of those `along`, because another requires them; and `there`: the draft had their code."""

    added: list[Effect]
    along: list[Effect]
    there: list[Effect]


@operation
def copy_effects(table: PriceTable, effects: Sequence[Effect], *, actor: User, once: uuid.UUID) -> Copied:
    """Add copies at the end of a draft, with what they require; a code that the draft has already is not added again.

    `Refused` when one is not published, is in another currency or does not fit its group, or when two of different
    tables have the same code.
    """
    FLOW.advance(table, Action.TABLE_EDIT)
    if not effects:
        raise Refused(_("Choose one effect at least."))
    for effect in effects:
        expect_copyable(effect.table, table.programme)
    taken = {effect.code for effect in table.effects}
    stored = [effect for effect in effects if db.session.get(Effect, uuid.uuid5(once, str(effect.id))) is not None]
    wanted = _with_required([effect for effect in effects if effect.code not in taken])
    new = [effect for effect in wanted if effect.code not in taken]
    _expect_own_codes(new)
    last = max((effect.position for effect in table.effects), default=0)
    copies = []
    for position, effect in enumerate(new, start=last + 1):
        copy = copy_of(effect, table.programme)
        copy.id, copy.position = uuid.uuid5(once, str(effect.id)), position
        table.effects.append(copy)
        copies.append(copy)
    for copy in copies:
        for fault in faults_in_group(copy, [other for other in table.effects if other is not copy]):
            raise Refused(f"{copy.name}: {fault.message}")
    if new:
        sources = [f"{effect.table_id} {effect.code}" for effect in new]
        record(Action.TABLE_EDIT, table, actor, copied=sorted(copy.code for copy in copies), sources=sources)
    there = [effect for effect in effects if effect not in new and effect not in stored]
    return Copied(new + stored, [effect for effect in new if effect not in effects], there)


def _with_required(effects: Sequence[Effect]) -> list[Effect]:
    """In the order of their tables: without what it requires an effect would be paid on lighter terms."""
    wanted, ahead = set(effects), list(effects)
    while ahead:
        effect = ahead.pop()
        needed = {other for other in effect.table.effects if other.code in effect.requires} - wanted
        wanted |= needed
        ahead.extend(needed)
    return sorted(wanted, key=lambda effect: (str(effect.table_id), effect.position))


def _expect_own_codes(effects: Sequence[Effect]) -> None:
    names: dict[str, str] = {}
    for effect in effects:
        if effect.code in names:
            words = {"one": names[effect.code], "other": effect.name, "code": effect.code}
            raise Refused(_("%(one)s and %(other)s have the same code, “%(code)s”. Copy one of them.", **words))
        names[effect.code] = effect.name
