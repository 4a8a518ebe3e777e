"""Everything on the bank account of a bond, as movements that can be traced."""

import uuid
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Select, case, false, or_, select

from app.extensions import db
from app.ledger.balances import moved
from app.ledger.models import Account, AccountKind, Transfer
from app.treasury.trace import Movement, Purse, links

# Capital is meant for running costs and the bank, what municipalities pay for distributions.
OF_CAPITAL = (AccountKind.INVESTOR_CAPITAL, AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)
FROM_CAPITAL = (AccountKind.RUNNING_COSTS, AccountKind.BANK_COSTS)


Share = tuple[uuid.UUID, AccountKind, int]  # of a transfer: which, the account on its other side, minor units


def around(programme_id: uuid.UUID, through: Collection[uuid.UUID]) -> tuple[list[Share], list[Share]]:
    """What the money of these transfers came in with, and what it went out with, in the order of the books."""
    movements = list(bank_movements(programme_id))
    kinds = {movement.id: kind for movement, kind in movements}
    sources, uses = [], []
    for link in links(movement for movement, _kind in movements):
        if link.use in through:
            sources.append((link.source, kinds[link.source], link.amount_minor))
        if link.source in through:
            uses.append((link.use, kinds[link.use], link.amount_minor))
    return sources, uses


def bank_movements(programme_id: uuid.UUID) -> Iterator[tuple[Movement, AccountKind]]:
    """In the order of the books, each with the account on its other side; at one moment what came in is before what
    went out."""
    for row in _moved(programme_id):
        yield _movement(*row), row[3]


def _movement(id: uuid.UUID, amount_minor: int, incoming: bool, kind: AccountKind, _marked: bool) -> Movement:
    capital = kind in (OF_CAPITAL if incoming else FROM_CAPITAL)
    return Movement(id, amount_minor, incoming, Purse.CAPITAL if capital else Purse.OUTCOMES)


def paid_from(programme_id: uuid.UUID, causes: Select[Any]) -> list[Share]:
    """Of each receipt, what went out with the transfers of these causes."""
    rows = list(_moved(programme_id, Transfer.cause_id.in_(causes)))
    own = {id for id, *_rest, is_own in rows if is_own}
    kinds = {id: kind for id, _amount, _incoming, kind, _is_own in rows}
    sums: dict[uuid.UUID, int] = {}
    for link in links(_movement(*row) for row in rows):
        if link.use in own:
            sums[link.source] = sums.get(link.source, 0) + link.amount_minor
    return [(source, kinds[source], amount) for source, amount in sums.items()]


def _moved(programme_id: uuid.UUID, marked: Any = None) -> Iterator[tuple[uuid.UUID, int, bool, AccountKind, bool]]:
    """(transfer, minor units, did it come in, the account on the other side, is it `marked`). The account is looked up
    first: the database then knows how many transfers it has, which may be tens of thousands."""
    bank = db.session.scalar(select(Account.id).filter_by(programme_id=programme_id, kind=AccountKind.BANK))
    incoming = Transfer.debit_id == bank
    found = (
        select(Transfer.id, Transfer.amount_minor, incoming, Account.kind, false() if marked is None else marked)
        .join(Account, Account.id == case((incoming, Transfer.credit_id), else_=Transfer.debit_id))
        .where(Transfer.programme_id == programme_id, moved(), or_(incoming, Transfer.credit_id == bank))
        .order_by(Transfer.created_at, case((incoming, 0), else_=1), Transfer.id)
    )
    for row in db.session.execute(found) if bank is not None else ():
        yield tuple(row)
