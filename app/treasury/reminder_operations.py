"""Whoever owes the bond money is reminded: before, on and after the due day; each of them once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.settlement.invoice_models import Invoice
from app.settlement.models import Statement
from app.settlement.states import InvoiceKind, StatementState
from app.treasury import ending_notices
from app.treasury.default import InvestorDefault
from app.treasury.models import DUE_ON, CapitalCall, CapitalCallPart
from app.treasury.reminder import PaymentReminder
from app.treasury.states import CapitalCallState, DefaultState

OF_CALLS = (-3, 0, 7)  # days after the due day
OF_STATEMENTS = (1, 14, 30)
Owed = CapitalCallPart | Statement


@dataclass(frozen=True, slots=True)
class Late:
    """`thing` is due on a day, and its reminder of `days` after it (below zero: before) was not sent yet."""

    thing: Owed
    due_on: date
    days: int


def due_reminders() -> list[Late]:
    """Of every bond. A worker that slept sends the latest one only, not all that it missed."""
    return [*_of_calls(), *_of_statements()]


def _of_calls(only: Owed | None = None) -> Iterator[Late]:
    lost = select(InvestorDefault.part_id).where(InvestorDefault.state == DefaultState.CONFIRMED)
    found = (
        select(CapitalCallPart)
        .join(CapitalCall)
        .where(CapitalCall.state == CapitalCallState.CALLED, CapitalCallPart.received_on.is_(None))
        .where(CapitalCallPart.id.not_in(lost), clock.today() + timedelta(days=-OF_CALLS[0]) >= DUE_ON)
    )
    if only is not None:
        found = found.where(CapitalCallPart.id == only.id)
    for part in db.session.scalars(found.order_by(CapitalCall.due_on, CapitalCallPart.reference)).unique():
        yield from _latest(part, part.due_on, OF_CALLS)


def _of_statements(only: Owed | None = None) -> Iterator[Late]:
    unpaid = (StatementState.APPROVED, StatementState.PARTLY_PAID)  # not while it is disputed
    found = (
        select(Statement, Invoice.due_on)
        .join(Invoice, (Invoice.statement_id == Statement.id) & (Invoice.kind == InvoiceKind.INVOICE))
        .join(Programme, Programme.id == Statement.programme_id)
        .where(Statement.state.in_(unpaid), Invoice.due_on < clock.today(), Programme.phase != Phase.CLOSED)
    )
    if only is not None:
        found = found.where(Statement.id == only.id)
    for statement, due_on in db.session.execute(found.order_by(Invoice.due_on, Statement.created_at)).unique():
        if due_on is not None:
            yield from _latest(statement, due_on, OF_STATEMENTS)


def _latest(thing: Owed, due_on: date, steps: Iterable[int]) -> Iterator[Late]:
    passed = [days for days in steps if due_on + timedelta(days=days) <= clock.today()]
    sent = db.session.scalar(select(func.max(PaymentReminder.days)).where(PaymentReminder.subject_id == thing.id))
    if passed and (sent is None or sent < passed[-1]):
        yield Late(thing, due_on, passed[-1])


@operation
def remind(late: Late) -> None:
    """Not now when another worker was first, or when the money came in meanwhile."""
    thing = late.thing
    again = _of_calls if isinstance(thing, CapitalCallPart) else _of_statements
    if late not in list(again(thing)):
        raise NotNow("reminded already")
    about: Any = thing.capital_call if isinstance(thing, CapitalCallPart) else thing
    programme_id = about.programme_id
    db.session.add(PaymentReminder(programme_id=programme_id, subject_id=thing.id, days=late.days))
    if isinstance(thing, CapitalCallPart):
        record(Action.CAPITAL_CALL_REMIND, about, None, organisation=thing.organisation.name, days=late.days)
        ending_notices.tell_call_due(thing, late.days)
    else:
        record(Action.PAYMENT_REMIND, thing, None, organisation=thing.payer.name, days=late.days)
        ending_notices.tell_statement_late(thing, late.due_on)
