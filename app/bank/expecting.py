"""What the bank should report one day: every receipt and payment of the bond, whoever booked it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.bank.models import BankEntry, BankMatch, BatchPayment, PaymentBatch
from app.bank.states import PaymentBatchState, SlipState
from app.bank.taken_back import TakenBack
from app.extensions import db
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.queries import in_order
from app.settlement.states import OWED
from app.treasury.charge import BankCharge
from app.treasury.credits import set_offs
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import CapitalCallState, GuaranteeState, PaymentState


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

    @property
    def what(self) -> str:
        """What it is for, so that two of one party and amount can be told apart; empty where its reference says it."""
        cause = self.cause
        if isinstance(cause, CostPayment | OtherReceipt | BankCharge):
            return str(cause.description or cause.title)
        if isinstance(cause, DistributionPart):
            return cause.distribution.title
        if isinstance(cause, CapitalCallPart):
            return cause.capital_call.title
        return str(cause.title) if isinstance(cause, RemittancePart | ReturnedPayment | GuaranteeCall) else ""

    @property
    def is_payable_in_part(self) -> bool:
        """What a municipality, an investor or the guarantor still owes."""
        return isinstance(self.cause, Statement) or (
            isinstance(self.cause, CapitalCallPart | GuaranteeCall) and self.received_on is None
        )


def expected(programme: Programme) -> list[Expected]:
    """Every receipt and payment that no line of the bank was matched with yet."""
    rows = select(BankMatch.cause_id, BankEntry.amount_minor > 0).join(BankEntry)
    found = db.session.execute(rows.where(BankEntry.programme_id == programme.id))
    matched = {(cause_id, bool(came_in)) for cause_id, came_in in found}
    return [one for one in all_expected(programme) if (one.id, one.amount_minor > 0) not in matched]


def all_expected(programme: Programme) -> list[Expected]:
    """Also what was matched already. A payment that came back stands here twice: as it came in and as it goes out."""
    return [*_receipts(programme), *_beside(programme), *_payments(programme)]


def _receipts(programme: Programme) -> list[Expected]:
    called = CapitalCall.state.in_((CapitalCallState.CALLED, CapitalCallState.FUNDED))
    parts = select(CapitalCallPart).join(CapitalCall).where(CapitalCall.programme_id == programme.id, called)
    owed = select(Statement).where(Statement.programme_id == programme.id, Statement.state.in_(OWED))
    paid = select(StatementPayment).join(Statement).where(Statement.programme_id == programme.id)
    paid = paid.where(StatementPayment.id.not_in(set_offs()), StatementPayment.amount_minor > 0)
    taken_back = select(StatementPayment.takes_back_id).where(StatementPayment.takes_back_id.is_not(None))
    paid = paid.where(StatementPayment.id.not_in(taken_back))
    found = [
        Expected(one, one.reference, one.amount_minor, one.organisation.name, one.received_on)
        for one in db.session.scalars(parts.order_by(CapitalCallPart.reference, CapitalCallPart.created_at)).unique()
    ]
    found += [
        Expected(one, one.statement.reference, one.amount_minor, one.statement.payer.name, one.received_on)
        for one in db.session.scalars(paid.order_by(StatementPayment.received_on, StatementPayment.created_at)).unique()
    ]
    return found + [
        Expected(one, one.reference, one.outstanding_minor, one.payer.name)
        for one in db.session.scalars(in_order(owed)).unique()
        if one.outstanding_minor
    ]


def _beside(programme: Programme) -> Iterator[Expected]:
    """What the guarantor pays, what the bank takes or pays itself, what came back."""
    asked = select(GuaranteeCall).where(
        GuaranteeCall.programme_id == programme.id,
        GuaranteeCall.state.in_((GuaranteeState.CALLED, GuaranteeState.RECEIVED)),
    )
    for call in db.session.scalars(asked.order_by(GuaranteeCall.created_at)).unique():
        yield Expected(call, call.reference, call.amount_minor, call.guarantor, call.received_on)
    other = (
        select(OtherReceipt).filter_by(programme_id=programme.id, reversed_at=None).order_by(OtherReceipt.created_at)
    )
    for receipt in db.session.scalars(other).unique():
        yield Expected(receipt, "", receipt.amount_minor, receipt.party, receipt.received_on)
    charges = select(BankCharge).filter_by(programme_id=programme.id, reversed_on=None).order_by(BankCharge.created_at)
    for charge in db.session.scalars(charges).unique():
        yield Expected(charge, "", charge.signed_minor, charge.party, charge.on)
    back = select(ReturnedPayment).filter_by(programme_id=programme.id).order_by(ReturnedPayment.created_at)
    for one in db.session.scalars(back).unique():
        yield Expected(one, "", one.amount_minor, one.payee, one.on)
    for gone in taken_by_the_bank(programme.id):
        name = gone.entry.name if gone.entry is not None else ""
        for minor in (gone.amount_minor, -gone.amount_minor):
            yield Expected(gone, "", minor, _("%(name)s, taken back", name=name or _("Somebody")))


def taken_by_the_bank(programme_id: uuid.UUID) -> list[TakenBack]:
    """Lines that came in and that another line of the bank took back."""
    found = select(TakenBack).filter_by(programme_id=programme_id, state=SlipState.BOOKED)
    found = found.where(TakenBack.taken_by_id.is_not(None)).order_by(TakenBack.created_at)
    return list(db.session.scalars(found).unique())


def never_came(programme_id: uuid.UUID) -> list[TakenBack]:
    """Receipts that were booked by hand and that two people took back: no line ever showed them."""
    found = select(TakenBack).filter_by(programme_id=programme_id, state=SlipState.BOOKED, entry_id=None)
    return list(db.session.scalars(found).unique())


def _payments(programme: Programme) -> list[Expected]:
    in_batches = (
        select(BatchPayment.cause_id, BatchPayment.reference, PaymentBatch.reference)
        .join(PaymentBatch)
        .where(PaymentBatch.programme_id == programme.id, PaymentBatch.state == PaymentBatchState.APPROVED)
    )
    references = {cause: (own, whole) for cause, own, whole in db.session.execute(in_batches)}
    return [
        Expected(one, own or bears, -minor, party, batch_reference=whole)
        for one, minor, party, bears in _paid(programme)
        for own, whole in [references.get(one.id, ("", ""))]
    ]


def _paid(programme: Programme) -> Iterator[tuple[Any, int, str, str]]:
    """(row, minor units, receiver, reference that it bears by itself)."""
    costs = select(CostPayment).filter_by(programme_id=programme.id, state=PaymentState.APPROVED)
    for cost in db.session.scalars(costs.order_by(CostPayment.decided_at)).unique():
        yield cost, cost.amount_minor, cost.organisation.name, ""
    parts = select(DistributionPart).join(Distribution).order_by(Distribution.number, DistributionPart.position)
    parts = parts.where(Distribution.programme_id == programme.id, Distribution.state == PaymentState.APPROVED)
    for part in db.session.scalars(parts).unique():
        yield part, part.principal_minor + part.return_minor, part.organisation.name, ""
    others = select(RemittancePart).join(Remittance).order_by(Remittance.decided_at, RemittancePart.position)
    others = others.where(Remittance.programme_id == programme.id, Remittance.state == PaymentState.APPROVED)
    for other in db.session.scalars(others).unique():
        yield other, other.amount_minor, other.receiver, other.remittance.reference
    back = select(ReturnedPayment).where(ReturnedPayment.organisation_id.is_not(None))
    back = back.filter_by(programme_id=programme.id).order_by(ReturnedPayment.created_at)
    for one in db.session.scalars(back).unique():
        yield one, one.amount_minor, one.payee, ""
