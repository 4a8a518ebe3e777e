"""What must be true between the desk and the books. Each function yields a line per fault."""

import uuid
from collections.abc import Iterator

from sqlalchemy import func, select

from app.extensions import db
from app.ledger.balances import all_balances, total
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury.flows import what_is_due
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution, DistributionPart
from app.treasury.states import PaymentState


def bank_is_what_came_in_less_what_went_out() -> Iterator[str]:
    """The bank account of a bond equals the received parts and statements less the approved costs and distributions."""
    books = all_balances()
    for programme, came, went in _moved_by_the_desk():
        bank = total(books.get(programme, {}), AccountKind.BANK)
        if bank != came - went:
            yield f"bond {programme}: the bank stands at {bank}, the desk received {came} and paid {went}"


def _moved_by_the_desk() -> Iterator[tuple[uuid.UUID, int, int]]:
    parts = (
        select(CapitalCall.programme_id, func.sum(CapitalCallPart.amount_minor))
        .join(CapitalCall)
        .where(CapitalCallPart.received_on.is_not(None))
        .group_by(CapitalCall.programme_id)
    )
    paid = (
        select(Statement.programme_id, func.sum(StatementPayment.amount_minor))
        .join(StatementPayment, StatementPayment.statement_id == Statement.id)
        .group_by(Statement.programme_id)
    )
    costs = (
        select(CostPayment.programme_id, func.sum(CostPayment.amount_minor))
        .where(CostPayment.state == PaymentState.APPROVED)
        .group_by(CostPayment.programme_id)
    )
    given = (
        select(Distribution.programme_id, func.sum(DistributionPart.principal_minor + DistributionPart.return_minor))
        .join(Distribution)
        .where(Distribution.state == PaymentState.APPROVED)
        .group_by(Distribution.programme_id)
    )
    sums = [{programme: int(minor) for programme, minor in db.session.execute(q)} for q in (parts, paid, costs, given)]
    for programme in db.session.scalars(select(Programme.id)):
        capital, income, cost, back = (found.get(programme, 0) for found in sums)
        yield programme, capital + income, cost + back


def distributions_are_what_the_terms_give() -> Iterator[str]:
    """Every approved distribution, recomputed from the flows before it, gives the same to the cent."""
    made = select(Distribution).where(Distribution.state == PaymentState.APPROVED).order_by(Distribution.on)
    for one in db.session.scalars(made).unique():
        due = [d for d in what_is_due(one.programme, one.on, one.amount_minor) if d.amount_minor]
        expected = [(d.commitment.id, d.principal_minor, d.return_minor) for d in due]
        if expected != [(p.commitment_id, p.principal_minor, p.return_minor) for p in one.parts]:
            yield f"distribution {one.id}: differs from what the terms give"


def nothing_waits_for_a_decided_payment() -> Iterator[str]:
    """A cost or a part of a distribution that was decided has no pending transfer left."""
    waiting = select(Transfer.cause_id).where(Transfer.kind == TransferKind.PENDING)
    answered = select(Transfer.pending_id).where(Transfer.pending_id.is_not(None))
    open_causes = waiting.where(Transfer.id.not_in(answered))
    decided_costs = select(CostPayment.id).where(CostPayment.state != PaymentState.PREPARED)
    decided_parts = select(DistributionPart.id).join(Distribution).where(Distribution.state != PaymentState.PREPARED)
    for decided, table in ((decided_costs, CostPayment), (decided_parts, DistributionPart)):
        for id in db.session.scalars(decided.where(table.id.in_(open_causes))):
            yield f"{table.__tablename__} {id}: decided, but its money is still pending"
