"""Lines of the cash plan, as the intermediary writes them. They move no money and promise nothing to anybody."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.agreements.terms import allotted
from app.capital.models import standing_round
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.format import day, money
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.programmes.states import FLOW, delivering
from app.programmes.told_codes import refuse_code
from app.progress.cash_plan import called_by, undrawn_minor
from app.progress.models import CashLine
from app.progress.states import PLANNED_BY_HAND, CashKind

WINDS_UP = timedelta(days=365)  # 90 days to settle, at most 60 to pay, and what is corrected or paid out after that


@dataclass(frozen=True, slots=True)
class LineFacts:
    """`amount_minor` in the month in which `on` lies."""

    kind: CashKind
    on: date
    amount_minor: int
    description: str


@operation
def plan_line(programme: Programme, facts: LineFacts, *, actor: User, once: uuid.UUID) -> CashLine:
    """Add a line. Refused for a month in which it cannot be, and for more than can be (`first_and_last`, `most_of`)."""
    existing = db.session.get(CashLine, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    FLOW.advance(programme, Action.CASH_LINE_PLAN)
    month = facts.on.replace(day=1)
    _check_month(programme, facts.kind, month)
    _check_amount(programme, facts)
    refuse_national_id(description=facts.description)
    refuse_code(description=facts.description)
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


def _check_month(programme: Programme, kind: CashKind, month: date) -> None:
    if kind not in PLANNED_BY_HAND:
        raise Refused(_("Payments for effects follow from the price table; they are not planned by hand."), "kind")
    if month < clock.today().replace(day=1):
        raise Refused(_("This month is over."), "on")
    first, last = first_and_last(programme, kind)
    if month < first.replace(day=1):
        raise Refused(_("Nothing is distributed before the bond begins, on %(day)s.", day=day(first)), "on")
    if month > last:
        words = {"kind": kind.label, "day": day(last)}
        raise Refused(_("%(kind)s: the last day on which this can be is %(day)s.", **words), "on")


def first_and_last(programme: Programme, kind: CashKind) -> tuple[date, date]:
    """The days between which money of a kind can move by plan.

    Capital is called for the work, so not after the last day on which effects accrue. Costs and distributions end with
    the last settlement and its payment: what may still follow, follows within `WINDS_UP`.
    """
    first = programme.starts_on if kind == CashKind.DISTRIBUTIONS else date.min
    return first, programme.tail_until if kind == CashKind.CAPITAL else programme.tail_until + WINDS_UP


def after_the_end(line: CashLine) -> bool:
    """For a month after the last day on which effects accrue, where nothing is worked for any more; money given back
    to investors comes then, and only a line that can no longer be is strange."""
    programme = line.programme
    if line.kind == CashKind.COSTS:
        return line.month > programme.tail_until
    return line.month > first_and_last(programme, line.kind)[1]


def _check_amount(programme: Programme, facts: LineFacts) -> None:
    if facts.amount_minor <= 0:
        raise Refused(_("The amount must be above zero: what goes out is taken off."), "amount")
    most = most_of(programme, facts.kind)
    if facts.amount_minor > most:
        left = money(most, programme.currency)
        if facts.kind == CashKind.CAPITAL:
            message = _("At most %(left)s: what can still be called, less what other lines plan to call.", left=left)
        else:
            message = _("At most %(left)s: all the money that this bond can ever hold.", left=left)
        raise Refused(message, "amount")


def most_of(programme: Programme, kind: CashKind) -> int:
    """Minor units: of capital what is neither called nor planned to be; else the capital and the ceilings together."""
    if kind == CashKind.CAPITAL:
        lines = db.session.scalars(select(CashLine).filter_by(programme_id=programme.id))
        return max(0, undrawn_minor(programme) - called_by(lines))
    round = db.session.scalar(standing_round(programme.id))
    capital = sum(one.allotted_minor or 0 for one in allotted(round)) if round is not None else 0
    return capital + sum(share.ceiling_minor for share in programme.shares)


@operation
def remove_line(line: CashLine, *, actor: User) -> None:
    """Take it out. `NotNow` once the bond is closed: the plan stays as it was."""
    reason = delivering(line.programme)
    if reason is not None:
        raise NotNow(reason)
    told: dict[str, Any] = {"kind": line.kind, "month": line.month, "amount": line.amount_minor}
    record(Action.CASH_LINE_REMOVE, line, actor, **told)
    db.session.delete(line)
