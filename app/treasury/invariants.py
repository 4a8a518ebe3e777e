"""What must be true between the desk and the books. Each function yields a line per fault."""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.balances import all_balances, balances, pending_minor, total
from app.ledger.checking import of_bond
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.states import StatementState
from app.treasury.charge import BankCharge
from app.treasury.closing import Closing
from app.treasury.credits import set_offs
from app.treasury.flows import own_minor, what_is_due
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import ChargeKind, ClosingState, OtherReceiptKind, PaymentState, RemittanceKind


def bank_is_what_came_in_less_what_went_out(bond: uuid.UUID | None = None) -> Iterator[str]:
    """The bank account of a bond equals what came in (capital, statements, guarantee, interest, payments that came
    back) less what went out (costs, distributions, VAT, what was left, costs of the bank, payments made again)."""
    books = all_balances(bond, AccountKind.BANK)
    for programme, came, went in _moved_by_the_desk(bond):
        bank = total(books.get(programme, {}), AccountKind.BANK)
        if bank != came - went:
            yield f"bond {programme}: the bank stands at {bank}, the desk received {came} and paid {went}"


def _moved_by_the_desk(bond: uuid.UUID | None) -> Iterator[tuple[uuid.UUID, int, int]]:
    """(bond, what came in, what went out), minor units."""
    back = ReturnedPayment.programme_id
    came = (
        _sum(CapitalCall.programme_id, CapitalCallPart.amount_minor)
        .join(CapitalCallPart)
        .where(CapitalCallPart.received_on.is_not(None)),
        _sum(Statement.programme_id, StatementPayment.amount_minor)
        .join(StatementPayment)
        .where(StatementPayment.id.not_in(set_offs())),
        _sum(OtherReceipt.programme_id, OtherReceipt.amount_minor).where(OtherReceipt.reversed_at.is_(None)),
        _sum(GuaranteeCall.programme_id, GuaranteeCall.amount_minor).where(GuaranteeCall.received_on.is_not(None)),
        _charged(ChargeKind.INTEREST),
        _sum(back, ReturnedPayment.amount_minor),
    )
    approved = PaymentState.APPROVED
    given = DistributionPart.principal_minor + DistributionPart.return_minor
    went = (
        _sum(CostPayment.programme_id, CostPayment.amount_minor).where(CostPayment.state == approved),
        _sum(Distribution.programme_id, given).join(DistributionPart).where(Distribution.state == approved),
        _sum(Remittance.programme_id, RemittancePart.amount_minor)
        .join(RemittancePart)
        .where(Remittance.state == approved),
        _charged(ChargeKind.COSTS),
        _sum(back, ReturnedPayment.amount_minor).where(ReturnedPayment.repaid_at.is_not(None)),
    )
    received, paid = _together(came), _together(went)
    for programme in db.session.scalars(of_bond(select(Programme.id), Programme.id, bond)):
        yield programme, received[programme], paid[programme]


def municipalities_are_owed_what_they_paid_too_much(bond: uuid.UUID | None = None) -> Iterator[str]:
    """What a bond owes to municipalities is what they overpaid and what closing statements owe back, less what was set
    off and what was paid back (and not returned by the bank); nothing else."""
    books = all_balances(bond, AccountKind.PAYER_CREDIT)
    off = _sum(Statement.programme_id, StatementPayment.amount_minor).join(StatementPayment)
    parts = _sum(Remittance.programme_id, RemittancePart.amount_minor).join(RemittancePart)
    parts = parts.where(Remittance.state == PaymentState.APPROVED, Remittance.kind == RemittanceKind.PAYER_BACK)
    overpaid = _sum(OtherReceipt.programme_id, OtherReceipt.amount_minor)
    below = _sum(Statement.programme_id, -Statement.amount_minor).where(Statement.amount_minor < 0)
    added = _together(
        (
            overpaid.where(OtherReceipt.kind == OtherReceiptKind.OVERPAID, OtherReceipt.reversed_at.is_(None)),
            below.where(Statement.state == StatementState.PAID),
        )
    )
    gone = _together((off.where(StatementPayment.id.in_(set_offs())), parts))
    unpaid = select(ReturnedPayment).where(ReturnedPayment.repaid_at.is_(None))
    for back in db.session.scalars(unpaid).unique():
        if isinstance(back.origin, Remittance) and back.origin.kind == RemittanceKind.PAYER_BACK:
            gone[back.programme_id] -= back.amount_minor
    for programme in db.session.scalars(of_bond(select(Programme.id), Programme.id, bond)):
        owed = total(books.get(programme, {}), AccountKind.PAYER_CREDIT)
        if owed != added[programme] - gone[programme]:
            yield f"bond {programme}: owes municipalities {owed}, not {added[programme] - gone[programme]}"


def _charged(kind: ChargeKind) -> Any:
    standing = BankCharge.kind == kind, BankCharge.reversed_on.is_(None)
    return _sum(BankCharge.programme_id, BankCharge.amount_minor).where(*standing)


def _sum(programme_id: Any, amount: Any) -> Any:
    return select(programme_id, func.sum(amount)).group_by(programme_id)


def _together(queries: Iterable[Any]) -> Counter[uuid.UUID]:
    found: Counter[uuid.UUID] = Counter()
    for query in queries:
        for programme, minor in db.session.execute(query):
            found[programme] += int(minor)
    return found


def distributions_are_what_the_terms_give(bond: uuid.UUID | None = None) -> Iterator[str]:
    """Every approved distribution, recomputed from the flows before it, gives the same to the cent."""
    made = select(Distribution).where(Distribution.state == PaymentState.APPROVED).order_by(Distribution.on)
    for one in db.session.scalars(of_bond(made, Distribution.programme_id, bond)).unique():
        all_due = what_is_due(one.programme, one.on, own_minor(one), one.guarantee_minor, apart=one.apart)
        due = [d for d in all_due if d.amount_minor]
        expected = [(d.commitment.id, d.principal_minor, d.return_minor) for d in due]
        if expected != [(p.commitment_id, p.principal_minor, p.return_minor) for p in one.parts]:
            yield f"distribution {one.id}: differs from what the terms give"


def nothing_waits_for_a_decided_payment(bond: uuid.UUID | None = None) -> Iterator[str]:
    """A cost, or a part of a distribution or remittance, that was decided has no pending transfer left; a payment that
    came back has one until it is paid again, and none after that; one to who is no party of the portal never."""
    decided = {
        CostPayment: select(CostPayment.id).where(CostPayment.state != PaymentState.PREPARED),
        DistributionPart: _parts_decided(DistributionPart.id, Distribution),
        RemittancePart: _parts_decided(RemittancePart.id, Remittance),
        ReturnedPayment: select(ReturnedPayment.id).where(~and_(*ReturnedPayment.waiting())),
    }
    for table, ids in decided.items():
        for id in db.session.scalars(ids.where(table.id.in_(_causes_that_wait(table, bond)))):
            yield f"{table.__tablename__} {id}: decided, but its money is still pending"
    unpaid = select(ReturnedPayment.id).where(*ReturnedPayment.waiting())
    unpaid = of_bond(unpaid, ReturnedPayment.programme_id, bond)
    for id in db.session.scalars(unpaid.where(ReturnedPayment.id.not_in(_causes_that_wait(ReturnedPayment, bond)))):
        yield f"returned_payment {id}: to be paid again, but nothing is set aside for it"


def _causes_that_wait(table: Any, bond: uuid.UUID | None) -> Any:
    """Of these causes those with a pending transfer that nothing answers."""
    answer = aliased(Transfer)
    found = select(Transfer.cause_id).outerjoin(answer, answer.pending_id == Transfer.id)
    found = found.where(Transfer.cause_type == table.__tablename__, Transfer.kind == TransferKind.PENDING)
    return of_bond(found.where(answer.id.is_(None)), Transfer.programme_id, bond)


def _parts_decided(part_id: Any, whole: Any) -> Any:
    return select(part_id).join(whole).where(whole.state != PaymentState.PREPARED)


def a_closed_bond_is_at_zero(bond: uuid.UUID | None = None) -> Iterator[str]:
    """Every account of a closed bond is at zero, and nothing is set aside; only a closing brings a bond there."""
    closed = set(db.session.scalars(select(Closing.programme_id).where(Closing.state == ClosingState.APPROVED)))
    over = of_bond(select(Programme.id).where(Programme.phase == Phase.CLOSED), Programme.id, bond)
    for programme in db.session.scalars(over):
        left = {kind.value: minor for (kind, _), minor in balances(programme).items() if minor}
        if left or pending_minor(programme):
            yield f"bond {programme}: closed, but at {left}, pending {pending_minor(programme)}"
        if programme not in closed:
            yield f"bond {programme}: closed, but nobody approved its close"
