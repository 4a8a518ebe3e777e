"""Balances are sums of transfers, never columns; those by kind are kept by the database beside the transfers. Pending
money is set aside, not paid: it is in no balance."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.models import Account, AccountKind, BookSum, Transfer, TransferKind

MOVED = (TransferKind.POSTED, TransferKind.POST_PENDING, TransferKind.REVERSAL, TransferKind.CLOSING)
DEBIT_SIDE = (
    AccountKind.BANK,
    AccountKind.RECEIVABLE,
    AccountKind.RUNNING_COSTS,
    AccountKind.INVESTOR_RETURN,
    AccountKind.BANK_COSTS,
    AccountKind.EXCESS,
)


def moved() -> ColumnElement[bool]:
    """Transfers in which money really moved."""
    return Transfer.kind.in_(MOVED)


def _sides(of: ColumnElement[bool] | None, closed: bool = True) -> Select:
    """The accounts of these (all: None) with what moved on them, debited (+) and credited (-). Each side is added up
    before it meets the accounts: a bond may have a million transfers.

    Not `closed`: without the entries that bring every account to zero when the bond closes."""
    counted = moved() if closed else and_(moved(), Transfer.kind != TransferKind.CLOSING)
    sums = func.sum(Transfer.amount_minor)
    sides = []
    for side, signed in ((Transfer.debit_id, sums), (Transfer.credit_id, -sums)):
        mine = counted if of is None else and_(counted, side.in_(select(Account.id).where(of)))
        sides.append(select(side.label("account_id"), signed.label("signed")).where(mine).group_by(side))
    both = union_all(*sides).subquery()
    return (
        select(Account.programme_id, Account.kind, Account.organisation_id, func.sum(both.c.signed))
        .join(both, both.c.account_id == Account.id)
        .group_by(Account.programme_id, Account.kind, Account.organisation_id)
    )


Balances = Mapping[tuple[AccountKind, uuid.UUID | None], int]


def balances(programme_id: uuid.UUID, *kinds: AccountKind, closed: bool = True) -> Balances:
    """Every account of one bond, or those of `kinds`: (kind, organisation) -> minor units, positive on the side where
    the kind grows.

    Not `closed`: as the accounts stood before the close brought them to zero, for pages that tell what was."""
    rows = db.session.execute(_sides(_within(programme_id, kinds), closed))
    return {(kind, organisation): _grown(kind, signed) for _, kind, organisation, signed in rows}


def all_balances(bond: uuid.UUID | None = None, *kinds: AccountKind) -> dict[uuid.UUID, Balances]:
    """The same for every bond of the portal, or for `bond` alone."""
    found: dict[uuid.UUID, dict[tuple[AccountKind, uuid.UUID | None], int]] = defaultdict(dict)
    for programme_id, kind, organisation, signed in db.session.execute(_sides(_within(bond, kinds))):
        found[programme_id][kind, organisation] = _grown(kind, signed)
    return dict(found)


def _within(bond: uuid.UUID | None, kinds: Sequence[AccountKind]) -> ColumnElement[bool] | None:
    asked = [] if bond is None else [Account.programme_id == bond]
    if kinds:
        asked.append(Account.kind.in_(kinds))
    return and_(*asked) if asked else None


def _grown(kind: AccountKind, signed: int) -> int:
    return int(signed) if kind in DEBIT_SIDE else -int(signed)


def total(balances: Balances, kind: AccountKind) -> int:
    """The balance of all accounts of a kind together, minor units."""
    return sum(minor for (found, _), minor in balances.items() if found == kind)


@dataclass(frozen=True, slots=True)
class Sums:
    """The books of one bond by kind of account (minor units), as the database keeps them: a bond may have ten thousand
    investors, with two accounts each. `rows`: (transfer, debited, credited) -> minor units."""

    rows: Mapping[tuple[TransferKind, AccountKind, AccountKind], int]

    def total(self, kind: AccountKind, *, closed: bool = True) -> int:
        """The balance of all accounts of a kind together; `closed` as for `balances`."""
        counted = MOVED if closed else tuple(one for one in MOVED if one != TransferKind.CLOSING)
        signed = sum(
            minor * ((debit == kind) - (credit == kind))
            for (one, debit, credit), minor in self.rows.items()
            if one in counted
        )
        return _grown(kind, signed)

    def pending(self, of: AccountKind | None = None) -> int:
        """Set aside for payments that wait for a second person; `of`: those that are booked on this kind of account.
        What answers a pending transfer repeats it, so that the difference is what waits."""
        waits = {TransferKind.PENDING: 1, TransferKind.POST_PENDING: -1, TransferKind.VOID_PENDING: -1}
        return sum(
            minor * waits.get(one, 0)
            for (one, debit, credit), minor in self.rows.items()
            if credit == AccountKind.BANK and of in (None, debit)
        )

    def vat(self) -> int:
        """VAT that is still to be paid on, less what is set aside for it; below zero: the tax authority owes it."""
        owed = self.total(AccountKind.VAT)
        return owed - self.pending(AccountKind.VAT) if owed else 0

    def payer_credit(self) -> int:
        """What the bond owes to municipalities, less what is set aside for it."""
        owed = self.total(AccountKind.PAYER_CREDIT)
        return owed - self.pending(AccountKind.PAYER_CREDIT) if owed else 0


def sums_of(programme_id: uuid.UUID) -> Sums:
    kept = select(BookSum.kind, BookSum.debit, BookSum.credit, BookSum.amount_minor)
    found = db.session.execute(kept.where(BookSum.programme_id == programme_id))
    return Sums({(kind, to, out_of): minor for kind, to, out_of, minor in found})


def bank_minor(programme_id: uuid.UUID) -> int:
    """What is on the bank account of the bond; what is pending has not left it."""
    return sums_of(programme_id).total(AccountKind.BANK)


def pending_minor(programme_id: uuid.UUID, of: AccountKind | None = None) -> int:
    """Set aside for payments that wait for a second person; `of`: those that are booked on this kind of account."""
    return sums_of(programme_id).pending(of)


def owed_to_payers(programme_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """By municipality what the bond owes to it (minor units), less what is set aside to pay it back."""
    kind = AccountKind.PAYER_CREDIT
    owed = {of: minor for (_, of), minor in balances(programme_id, kind).items() if of is not None}
    resolution = aliased(Transfer)
    waits = (
        select(Account.organisation_id, func.sum(Transfer.amount_minor))
        .join(Account, Account.id == Transfer.debit_id)
        .outerjoin(resolution, resolution.pending_id == Transfer.id)
        .where(Account.programme_id == programme_id, Account.kind == kind, Transfer.kind == TransferKind.PENDING)
        .where(resolution.id.is_(None))
        .group_by(Account.organisation_id)
    )
    for of, minor in db.session.execute(waits) if owed else ():
        if of is not None:
            owed[of] = owed.get(of, 0) - int(minor)
    return {of: minor for of, minor in owed.items() if minor}


def waiting_for(cause_type: str, *cause_ids: uuid.UUID) -> list[Transfer]:
    """The pending transfers of these causes that nobody has posted or voided yet."""
    resolution = aliased(Transfer)
    found = (
        select(Transfer)
        .outerjoin(resolution, resolution.pending_id == Transfer.id)
        .where(
            Transfer.cause_type == cause_type,
            Transfer.cause_id.in_(cause_ids),
            Transfer.kind == TransferKind.PENDING,
            resolution.id.is_(None),
        )
    )
    return list(db.session.scalars(found.order_by(Transfer.created_at, Transfer.id)))
