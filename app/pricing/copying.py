"""What one city learned serves the next: single effects of published tables, copied into a draft."""

import uuid
from collections.abc import Sequence

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


@operation
def copy_effects(table: PriceTable, effects: Sequence[Effect], *, actor: User, once: uuid.UUID) -> list[Effect]:
    """Add copies at the end of a draft. A code that is taken gets a number; a requirement that does not come along is
    dropped. `Refused` when one is not published or is in another currency.
    """
    FLOW.advance(table, Action.TABLE_EDIT)
    if not effects:
        raise Refused(_("Choose one effect at least."))
    new = [effect for effect in effects if db.session.get(Effect, uuid.uuid5(once, str(effect.id))) is None]
    taken = {effect.code for effect in table.effects}
    codes: dict[str, str] = {}  # of the copies, by the code they had
    last = max((effect.position for effect in table.effects), default=0)
    for position, effect in enumerate(new, start=last + 1):
        expect_copyable(effect.table, table.programme)
        copy = copy_of(effect, table.programme)
        copy.id, copy.position = uuid.uuid5(once, str(effect.id)), position
        copy.code = codes[effect.code] = _free(effect.code, taken)
        taken.add(copy.code)
        table.effects.append(copy)
    copies = table.effects[len(table.effects) - len(new) :]
    for copy in copies:
        copy.requires = [codes.get(code, code) for code in copy.requires if code in codes or code in taken]
        for fault in faults_in_group(copy, [other for other in table.effects if other is not copy]):
            raise Refused(f"{copy.name}: {fault.message}")
    if new:
        sources = [f"{effect.table_id} {effect.code}" for effect in new]
        record(Action.TABLE_EDIT, table, actor, copied=sorted(codes.values()), sources=sources)
    return list(new)


def _free(code: str, taken: set[str]) -> str:
    number, free = 1, code
    while free in taken:
        number += 1
        free = f"{code[:26]}-{number}"
    return free
