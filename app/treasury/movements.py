"""Everything on the bank account of a bond, as movements that can be traced."""

import uuid
from collections.abc import Iterable

from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.balances import moved
from app.ledger.models import Account, AccountKind, Transfer
from app.treasury.trace import Link, Movement, Purse, links

# Capital is meant for running costs and the bank, what municipalities pay for distributions.
OF_CAPITAL = (AccountKind.INVESTOR_CAPITAL, AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)
FROM_CAPITAL = (AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)


def bank_links(programme_id: uuid.UUID) -> list[Link]:
    """Which receipt paid for which payment."""
    return links(movement for movement, _kind in bank_movements(programme_id))


def bank_movements(programme_id: uuid.UUID) -> Iterable[tuple[Movement, AccountKind]]:
    """In the order of the books, each with the account on its other side; at one moment what came in is before what
    went out."""
    debit, credit = aliased(Account), aliased(Account)
    outgoing = case((debit.kind == AccountKind.BANK, 0), else_=1)
    found = (
        select(Transfer.id, Transfer.amount_minor, debit.kind, credit.kind)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(Transfer.programme_id == programme_id, moved())
        .where((debit.kind == AccountKind.BANK) | (credit.kind == AccountKind.BANK))
        .order_by(Transfer.created_at, outgoing, Transfer.id)
    )
    for id, amount_minor, debit_kind, credit_kind in db.session.execute(found):
        incoming = debit_kind == AccountKind.BANK
        other = credit_kind if incoming else debit_kind
        purse = Purse.CAPITAL if other in (OF_CAPITAL if incoming else FROM_CAPITAL) else Purse.OUTCOMES
        yield Movement(id, amount_minor, incoming, purse), other
