"""Costs and interest of the bank without a line of the bank: prepared with a document, booked by a second person."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank import slip_notices as notices
from app.bank.models import BankStatement
from app.bank.slip import ChargeSlip
from app.bank.states import SLIP_FLOW, BankStatementState
from app.core import clock
from app.core.document import Document
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.treasury.charge_operations import book_charge
from app.treasury.states import ChargeKind


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What the bank took or paid; `document`: its own letter or overview that says so."""

    kind: ChargeKind
    amount_minor: int
    on: date
    description: str
    document: Document


@operation
def prepare_charge(programme: Programme, facts: SlipFacts, *, actor: User, once: uuid.UUID) -> ChargeSlip:
    """Nothing is booked before a second person of the intermediary approves. Refused for a day that is still to come
    and for a document that was used already; not now for a bond that has statements of the bank."""
    existing = db.session.get(ChargeSlip, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    expect_no_statements(programme)
    if facts.amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    if facts.on > clock.today():
        raise Refused(_("This day is still to come."), "on")
    alike = select(ChargeSlip.id).filter_by(
        programme_id=programme.id, sha256=facts.document.sha256, kind=facts.kind, on=facts.on
    )
    if db.session.scalar(alike.where(ChargeSlip.amount_minor == facts.amount_minor, ChargeSlip.rejected_because == "")):
        raise Refused(_("This was prepared already, with the same document."), "file")
    made = ChargeSlip(
        id=once,
        programme=programme,
        kind=facts.kind,
        amount_minor=facts.amount_minor,
        on=facts.on,
        description=facts.description,
        filename=facts.document.filename,
        media_type=facts.document.media_type,
        sha256=facts.document.sha256,
        content=facts.document.content,
    )
    db.session.add(made)
    told: Any = {"kind": facts.kind, "amount": facts.amount_minor, "on": facts.on, "sha256": facts.document.sha256}
    record(Action.CHARGE_PREPARE, made, actor, on_behalf_of=programme, **told)
    notices.tell_prepared(made, actor)
    return made


def expect_no_statements(programme: Programme) -> None:
    """Where the bank's own lines are read, they say what it took; nothing is booked beside them."""
    if has_statements(programme):
        raise NotNow(_("This bond has statements of the bank: book its costs from their line on the work list."))


def has_statements(programme: Programme) -> bool:
    found = select(BankStatement.id).filter_by(programme_id=programme.id)
    return db.session.scalar(found.where(BankStatement.state != BankStatementState.VOIDED).limit(1)) is not None


@operation
def approve_charge(slip: ChargeSlip, *, actor: User, version: int | None = None) -> None:
    """A second person, who read the document and has given the password again: it is booked on its day.

    Refused for costs above what was on the account; not now when a statement of the bank came in meanwhile.
    """
    slip.expect_version(version)
    SLIP_FLOW.advance(slip, Action.CHARGE_APPROVE)
    expect_no_statements(slip.programme)
    told = (slip.kind, slip.amount_minor, slip.on, slip.description)
    slip.charge = book_charge(slip.programme, *told, actor=actor, once=uuid.uuid5(slip.id, "charge"))
    slip.decided_at = clock.now()
    record(Action.CHARGE_APPROVE, slip, actor, amount=slip.amount_minor, sha256=slip.sha256)
    notices.tell_decided(slip, Action.CHARGE_APPROVE)


@operation
def reject_charge(slip: ChargeSlip, reason: str, *, actor: User, version: int | None = None) -> None:
    """Nothing is booked; whoever prepared it may do so too."""
    slip.expect_version(version)
    SLIP_FLOW.advance(slip, Action.CHARGE_REJECT)
    slip.decided_at, slip.rejected_because = clock.now(), reason
    record(Action.CHARGE_REJECT, slip, actor, amount=slip.amount_minor, reason=reason)
    notices.tell_decided(slip, Action.CHARGE_REJECT)


def slips_of(programme: Programme, newest: int = 50) -> Sequence[ChargeSlip]:
    found = select(ChargeSlip).filter_by(programme_id=programme.id).order_by(ChargeSlip.created_at.desc())
    return db.session.scalars(found.limit(newest)).unique().all()
