"""What was paid, set off or taken back of what the bond owed to municipalities, as far as investors bear it.

What a municipality paid too much was never the investors' money, nor is VAT. What a statement below zero owes back was
among the receipts: it is a cost of the day on which it leaves, first in, first out per municipality. Minor units.
"""

import uuid
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.extensions import db
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import StatementState
from app.treasury.credits import set_offs
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.states import OtherReceiptKind, PaymentState, RemittanceKind


@dataclass(slots=True)
class Owed:
    """`net_minor` of `amount_minor` is the investors'; `gone_minor` was paid or set off already."""

    amount_minor: int
    net_minor: int
    gone_minor: int = 0

    def take(self, wanted: int) -> tuple[int, int]:
        """(so much of `wanted`, of it the investors'); all parts together hold all of it."""
        before, taken = self.gone_minor, min(wanted, self.amount_minor - self.gone_minor)
        self.gone_minor += taken
        parts = [self.net_minor * gone // self.amount_minor for gone in (before, self.gone_minor)]
        return taken, parts[1] - parts[0]


def costs_owed_back(programme: Programme) -> list[tuple[date, int]]:
    """(day, minor units) of what left for it."""
    uses = sorted(_uses(programme), key=lambda one: one[0])
    if not uses:
        return []
    queues: dict[uuid.UUID, deque[Owed]] = defaultdict(deque)
    for _moment, payer_id, owed in sorted(_additions(programme), key=lambda one: one[0]):
        queues[payer_id].append(owed)
    return [(on, _spend(queues[payer_id], amount)) for _moment, on, payer_id, amount in uses]


def _spend(queue: Iterable[Owed], amount_minor: int) -> int:
    net = 0
    for owed in queue:
        taken, part = owed.take(amount_minor)
        amount_minor, net = amount_minor - taken, net + part
    return net


def _additions(programme: Programme) -> Iterator[tuple[datetime, uuid.UUID, Owed]]:
    overpaid: Any = select(OtherReceipt.created_at, OtherReceipt.organisation_id, OtherReceipt.amount_minor).filter_by(
        programme_id=programme.id, kind=OtherReceiptKind.OVERPAID
    )
    for moment, payer_id, minor in db.session.execute(overpaid):
        yield moment, payer_id, Owed(minor, 0)
    below = select(Statement.approved_at, Statement.payer_id, Statement.amount_minor, Statement.vat_minor).where(
        Statement.programme_id == programme.id, Statement.amount_minor < 0, Statement.state == StatementState.PAID
    )
    for approved_at, payer_id, minor, vat in db.session.execute(below):
        if approved_at is not None:
            yield approved_at, payer_id, Owed(-minor, vat - minor)


def _uses(programme: Programme) -> Iterator[tuple[datetime, date, uuid.UUID, int]]:
    off = select(
        StatementPayment.created_at, StatementPayment.received_on, Statement.payer_id, StatementPayment.amount_minor
    )
    off = off.join(Statement).where(Statement.programme_id == programme.id, StatementPayment.id.in_(set_offs()))
    yield from (tuple(row) for row in db.session.execute(off))  # type: ignore[misc]
    back: Any = select(Remittance.decided_at, RemittancePart.organisation_id, RemittancePart.amount_minor)
    back = back.join(RemittancePart).where(
        Remittance.programme_id == programme.id,
        Remittance.kind == RemittanceKind.PAYER_BACK,
        Remittance.state == PaymentState.APPROVED,
    )
    wrong: Any = select(OtherReceipt.reversed_at, OtherReceipt.organisation_id, OtherReceipt.amount_minor).where(
        OtherReceipt.programme_id == programme.id,
        OtherReceipt.kind == OtherReceiptKind.OVERPAID,
        OtherReceipt.reversed_at.is_not(None),
    )
    for moment, payer_id, minor in [*db.session.execute(back), *db.session.execute(wrong)]:
        yield moment, clock.day_of(moment), payer_id, minor
