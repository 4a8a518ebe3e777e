"""Which line of the bank is which receipt or payment of the portal: by reference and amount, to the cent.

A line that names one or more references for exactly what they add up to is booked; so are lines that together pay one.
Everything else stays on the work list with the reason, until a person matches it or sets it aside.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.access.actions import Action
from app.access.record import record
from app.bank.models import BankEntry, BankMatch, BatchPayment, PaymentBatch
from app.bank.states import ENTRY_FLOW, EntryState, PaymentBatchState
from app.core.errors import NotNow, Refused
from app.core.format import money
from app.core.money import Money
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.states import StatementState
from app.treasury import operations as treasury
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.states import CapitalCallState, PaymentState


@dataclass(frozen=True, slots=True)
class Expected:
    """What the bank should report one day. `amount_minor` above zero comes in; `received_on`: the desk booked it."""

    cause: Any
    reference: str
    amount_minor: int
    party: str
    received_on: date | None = None
    batch_reference: str = ""

    @property
    def id(self) -> uuid.UUID:
        found: uuid.UUID = self.cause.id
        return found


def expected(programme: Programme) -> list[Expected]:
    """Every receipt and payment that no line of the bank was matched with yet."""
    matched = set(
        db.session.scalars(select(BankMatch.cause_id).join(BankEntry).where(BankEntry.programme_id == programme.id))
    )
    return [one for one in (*_receipts(programme), *_payments(programme)) if one.id not in matched]


def _receipts(programme: Programme) -> list[Expected]:
    called = CapitalCall.state.in_((CapitalCallState.CALLED, CapitalCallState.FUNDED))
    parts = select(CapitalCallPart).join(CapitalCall).where(CapitalCall.programme_id == programme.id, called)
    owed = select(Statement).where(
        Statement.programme_id == programme.id,
        Statement.state.in_((StatementState.APPROVED, StatementState.PAID)),
        Statement.amount_minor > 0,
    )
    found = [
        Expected(one, one.reference, one.amount_minor, one.organisation.name, one.received_on)
        for one in db.session.scalars(parts.order_by(CapitalCallPart.reference)).unique()
    ]
    return found + [
        Expected(one, one.reference, one.amount_minor, one.payer.name, one.paid_on)
        for one in db.session.scalars(owed.order_by(Statement.reference)).unique()
    ]


def _payments(programme: Programme) -> list[Expected]:
    in_batches = (
        select(BatchPayment.cause_id, BatchPayment.reference, PaymentBatch.reference)
        .join(PaymentBatch)
        .where(PaymentBatch.programme_id == programme.id, PaymentBatch.state == PaymentBatchState.APPROVED)
    )
    references = {cause: (own, whole) for cause, own, whole in db.session.execute(in_batches)}
    costs = select(CostPayment).filter_by(programme_id=programme.id, state=PaymentState.APPROVED)
    parts = select(DistributionPart).join(Distribution).order_by(Distribution.number, DistributionPart.position)
    parts = parts.where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
    found: list[tuple[Any, int]] = [
        (one, one.amount_minor) for one in db.session.scalars(costs.order_by(CostPayment.decided_at)).unique()
    ]
    found += [(one, one.principal_minor + one.return_minor) for one in db.session.scalars(parts).unique()]
    return [
        Expected(one, own, -minor, one.organisation.name, batch_reference=whole)
        for one, minor in found
        for own, whole in [references.get(one.id, ("", ""))]
    ]


def match_open(programme: Programme, *, actor: User) -> int:
    """Try every line on the work list; how many were matched. Each stands or falls alone."""
    matched = 0
    for lines, causes in _pairs(_open(programme), expected(programme)):
        try:
            match_lines(lines, causes, actor=actor)
            matched += len(lines)
        except (Refused, NotNow) as refusal:
            _note_refusal(lines, str(refusal.message))
    return matched


def _open(programme: Programme) -> list[BankEntry]:
    found = select(BankEntry).filter_by(programme_id=programme.id, state=EntryState.OPEN)
    return list(db.session.scalars(found.order_by(BankEntry.booked_on, BankEntry.position)).unique())


Pair = tuple[list[BankEntry], list[Expected]]


def _pairs(lines: Sequence[BankEntry], open_ones: Sequence[Expected]) -> list[Pair]:
    """Lines and what they pay, where both add up to the same; nothing in two pairs."""
    found: list[Pair] = []
    alone: dict[uuid.UUID, list[BankEntry]] = defaultdict(list)
    used: set[uuid.UUID] = set()
    for line in lines:
        named = [one for one in named_by(line, open_ones) if one.id not in used]
        if named and sum(one.amount_minor for one in named) == line.amount_minor:
            found.append(([line], named))
            used |= {one.id for one in named}
        elif len(named) == 1:
            alone[named[0].id].append(line)
    by_id = {one.id: one for one in open_ones}
    for id, several in alone.items():
        if id not in used and sum(line.amount_minor for line in several) == by_id[id].amount_minor:
            found.append((several, [by_id[id]]))
    return found


def named_by(line: BankEntry, open_ones: Sequence[Expected]) -> list[Expected]:
    """What the line names by its own reference, or by that of its batch; only what flows the same way."""
    text = f" {_bare(line.end_to_end)} {_bare(line.text)} "
    same_way = [one for one in open_ones if (one.amount_minor > 0) == (line.amount_minor > 0)]
    hits = [one for one in same_way if one.reference and _bare(one.reference) in text]
    # A reference that is the beginning of another one that stands there was not named itself.
    longer = [_bare(one.reference) for one in hits]
    hits = [
        one for one in hits if not any(ref != _bare(one.reference) and _bare(one.reference) in ref for ref in longer)
    ]
    return hits or [one for one in same_way if one.batch_reference and _bare(one.batch_reference) in text]


def _bare(text: str) -> str:
    """Letters and digits alone: people and banks write dashes, dots and spaces as they like."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


@operation
def match_lines(lines: Sequence[BankEntry], causes: Sequence[Expected], note: str = "", *, actor: User) -> None:
    """These lines of the bank are these receipts or payments; what the desk had not received yet is booked on the day
    of the last line. Refused unless both add up to the same amount, to the cent."""
    if not lines or not causes or len(lines) > 1 < len(causes):
        raise Refused(_("Choose what this line of the bank is."), "causes")
    if sum(line.amount_minor for line in lines) != sum(one.amount_minor for one in causes):
        raise Refused(_("The amounts differ. What was chosen must add up to the line of the bank."), "causes")
    taken = select(func.count()).select_from(BankMatch).where(BankMatch.cause_id.in_([one.id for one in causes]))
    if db.session.scalar(taken):
        raise NotNow(_("Another line of the bank was matched with this meanwhile."))
    for one in causes:
        _receive(one, max(line.booked_on for line in lines), actor)
    for line in lines:
        ENTRY_FLOW.advance(line, Action.BANK_ENTRY_MATCH)
        line.note, line.refused_because = note, ""
        for one in causes:
            part = abs(line.amount_minor) if len(lines) > 1 else abs(one.amount_minor)
            db.session.add(
                BankMatch(entry=line, cause_type=one.cause.__tablename__, cause_id=one.id, amount_minor=part)
            )
        references = ", ".join(one.reference for one in causes if one.reference)
        record(Action.BANK_ENTRY_MATCH, line, actor, amount=line.amount_minor, references=references, note=note)


def _receive(one: Expected, on: date, actor: User) -> None:
    if one.amount_minor < 0 or one.received_on is not None:
        return  # it was booked when it was approved, or by hand
    if isinstance(one.cause, CapitalCallPart):
        treasury.receive_capital(one.cause, on, actor=actor)
    else:
        treasury.receive_payment(one.cause, on, one.amount_minor, actor=actor)


@housekeeping
def _note_refusal(lines: Sequence[BankEntry], message: str) -> None:
    for line in lines:
        line.refused_because = message


@operation
def set_aside(line: BankEntry, reason: str, *, actor: User, version: int | None = None) -> None:
    """The line is no receipt or payment of the bond (bank costs, interest, money sent back). It is not booked and goes
    on counting in the difference between bank and books, with this reason."""
    line.expect_version(version)
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_SET_ASIDE)
    line.note = reason
    record(Action.BANK_ENTRY_SET_ASIDE, line, actor, amount=line.amount_minor, reason=reason)


def why_open(line: BankEntry, open_ones: Sequence[Expected], all_of_them: Sequence[Expected]) -> str:
    """Why nobody matched this line by itself, for whoever works through the list."""
    if line.refused_because:
        return line.refused_because
    named = named_by(line, open_ones)
    if named:
        should = money(Money(abs(sum(one.amount_minor for one in named)), line.programme.currency))
        return _("Names %(reference)s, which is for %(amount)s.", reference=named[0].reference, amount=should)
    if named_by(line, all_of_them):
        return _("Names something that another line of the bank paid already.")
    return _("Names nothing that is known here.")


def all_expected(programme: Programme) -> list[Expected]:
    """Also what was matched already."""
    return [*_receipts(programme), *_payments(programme)]
