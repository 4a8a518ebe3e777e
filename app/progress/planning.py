"""Lines of the cash plan, as the intermediary writes them. They move no money and promise nothing to anybody."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.programmes.states import FLOW, delivering
from app.progress.models import CashLine
from app.progress.states import CashKind


@dataclass(frozen=True, slots=True)
class LineFacts:
    """`amount_minor` in the month in which `on` lies."""

    kind: CashKind
    on: date
    amount_minor: int
    description: str


@operation
def plan_line(programme: Programme, facts: LineFacts, *, actor: User, once: uuid.UUID) -> CashLine:
    """Add a line. Refused for a month that is over, or in which the bond is long past its tail."""
    existing = db.session.get(CashLine, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    FLOW.advance(programme, Action.CASH_LINE_PLAN)
    month = facts.on.replace(day=1)
    if month < clock.today().replace(day=1):
        raise Refused(_("This month is over."), "on")
    if month.year > programme.tail_until.year + 2:
        raise Refused(_("This lies too far behind the end of the bond."), "on")
    refuse_national_id(description=facts.description)
    line = CashLine(
        id=once,
        programme=programme,
        kind=facts.kind,
        month=month,
        amount_minor=facts.amount_minor,
        description=facts.description,
    )
    db.session.add(line)
    told: dict[str, Any] = {"kind": facts.kind, "month": month, "amount": facts.amount_minor}
    record(Action.CASH_LINE_PLAN, line, actor, on_behalf_of=programme, **told)
    return line


@operation
def remove_line(line: CashLine, *, actor: User) -> None:
    """Take it out. `NotNow` once the bond is closed: the plan stays as it was."""
    reason = delivering(line.programme)
    if reason is not None:
        raise NotNow(reason)
    told: dict[str, Any] = {"kind": line.kind, "month": line.month, "amount": line.amount_minor}
    record(Action.CASH_LINE_REMOVE, line, actor, **told)
    db.session.delete(line)
