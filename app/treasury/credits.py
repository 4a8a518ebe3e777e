"""What the bond owes back to municipalities and investors, and what came of it, as the page of it reads."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.core import clock
from app.extensions import db
from app.ledger.balances import owed_to_payers
from app.ledger.models import Account, AccountKind, Transfer
from app.people.models import Organisation
from app.programmes.models import Programme
from app.settlement.models import Settlement, Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.reference import grouped
from app.settlement.states import StatementState
from app.treasury.other_receipt import OtherReceipt
from app.treasury.other_receipt_operations import payers_of
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.states import OtherReceiptKind, PaymentState, RemittanceKind


@dataclass(frozen=True, slots=True)
class Move:
    """What was added to it (above zero) or went off it, in minor units; `endpoint` and `id` of its own page."""

    on: date
    party: str
    what: Any
    amount_minor: int
    endpoint: str | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Credits:
    """`owed`: (party, minor units) that is not set aside yet; `other`: money that came in and is no credit."""

    owed: list[tuple[Organisation, int]]
    moves: list[Move]
    other: Sequence[OtherReceipt]
    settable: list[tuple[Statement, int]]


def set_offs() -> Select[Any]:
    """The ids of payments of a statement that were no money: what the bond owed was set off."""
    found = select(Transfer.id).join(Account, Account.id == Transfer.debit_id)
    return found.where(Account.kind == AccountKind.PAYER_CREDIT, Transfer.cause_type == Statement.__tablename__)


def credits_of(programme: Programme, of: frozenset[uuid.UUID] | None = None) -> Credits:
    """Of all who can have paid too much; `of`: of these alone."""
    mine = {one.id: one for one in payers_of(programme, OtherReceiptKind.OVERPAID, among=of)}
    left = owed_to_payers(programme.id)
    owed = [(one, left[id]) for id, one in mine.items() if left.get(id)]
    moves = [*_added(programme, mine, to_the_desk=of is None), *_gone(programme, mine)]
    receipts = select(OtherReceipt).filter_by(programme_id=programme.id).order_by(OtherReceipt.received_on)
    other = [one for one in db.session.scalars(receipts).unique() if of is None and one.organisation_id not in mine]
    return Credits(
        owed, sorted(moves, key=lambda one: one.on), other, _settable(programme, {one.id: minor for one, minor in owed})
    )


def _added(programme: Programme, payers: dict[uuid.UUID, Organisation], *, to_the_desk: bool) -> list[Move]:
    """What was booked wrongly stands there twice: as it came and as it was taken back."""
    overpaid = select(OtherReceipt).where(
        OtherReceipt.programme_id == programme.id, OtherReceipt.organisation_id.in_(payers)
    )
    below = select(Statement).where(
        Statement.programme_id == programme.id,
        Statement.payer_id.in_(payers),
        Statement.amount_minor < 0,
        Statement.state == StatementState.PAID,
    )
    found = []
    for receipt in db.session.scalars(overpaid).unique():
        booked = ("treasury.follow", uuid.uuid5(receipt.id, "booked"))
        page, key = ("bank.other_receipt", receipt.id) if to_the_desk else booked
        found.append(Move(receipt.received_on, receipt.party, receipt.title, receipt.amount_minor, page, key))
        if receipt.reversed_at is not None:
            on, what = clock.day_of(receipt.reversed_at), _("booked wrongly, taken back")
            found.append(Move(on, receipt.party, what, -receipt.amount_minor, page, key))
    for one in db.session.scalars(below).unique():
        on = one.paid_on or clock.day_of(one.created_at)
        found.append(Move(on, one.payer.name, one.title, -one.amount_minor, "settlement.statement", one.id))
    return found


def _gone(programme: Programme, payers: dict[uuid.UUID, Organisation]) -> list[Move]:
    off = (
        select(StatementPayment)
        .join(Statement)
        .where(
            Statement.programme_id == programme.id,
            Statement.payer_id.in_(payers),
            StatementPayment.id.in_(set_offs()),
        )
    )
    back = (
        select(RemittancePart)
        .join(Remittance)
        .where(
            Remittance.programme_id == programme.id,
            Remittance.kind == RemittanceKind.PAYER_BACK,
            Remittance.state != PaymentState.REJECTED,
            RemittancePart.organisation_id.in_(payers),
        )
    )
    found = [
        Move(
            one.received_on,
            one.statement.payer.name,
            _("set off against %(statement)s", statement=grouped(one.statement.reference)),
            -one.amount_minor,
            "treasury.follow",
            one.id,
        )
        for one in db.session.scalars(off).unique()
    ]
    for part in db.session.scalars(back).unique():
        whole = part.remittance
        on = clock.day_of(whole.decided_at or whole.created_at)
        what = f"{_('paid back')}: {whole.state.label}"
        found.append(Move(on, part.receiver, what, -part.amount_minor, "treasury.remittance", whole.id))
    return found


def _settable(programme: Programme, owed: dict[uuid.UUID, int]) -> list[tuple[Statement, int]]:
    """Statements against which something can be set off now."""
    found = (
        select(Statement)
        .join(Settlement)
        .where(Statement.programme_id == programme.id, Statement.payer_id.in_(owed), Statement.amount_minor > 0)
    )
    rows = db.session.scalars(found.order_by(Settlement.number)).unique()
    return [(one, minor) for one in rows if (minor := _off(one, owed)) > 0]


def _off(statement: Statement, owed: dict[uuid.UUID, int]) -> int:
    return min(owed[statement.payer_id], statement.outstanding_minor) if statement.is_payable else 0
