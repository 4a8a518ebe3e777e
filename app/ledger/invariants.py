"""What must be true of every book at any moment. Each function yields a line per fault, of one bond or of all."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.balances import DEBIT_SIDE, added_up, all_balances, moved
from app.ledger.checking import of_bond
from app.ledger.hours import hour_of
from app.ledger.models import Account, AccountHour, AccountKind, BookHour, BookSum, Transfer, TransferKind

Bond = uuid.UUID | None

NEVER_BELOW_ZERO = (
    AccountKind.BANK,
    AccountKind.INVESTOR_CAPITAL,
    AccountKind.RECEIVABLE,
    AccountKind.RUNNING_COSTS,
    AccountKind.PAYER_CREDIT,
)  # VAT may be: where a closing settlement took back what held VAT that was paid on, the tax authority owes it


def books_balance(bond: Bond = None) -> Iterator[str]:
    """What a bond has and has spent equals what it was given and has earned, to the cent."""
    for programme, found in all_balances(bond).items():
        has = sum(minor for (kind, _), minor in found.items() if kind in DEBIT_SIDE)
        given = sum(minor for (kind, _), minor in found.items() if kind not in DEBIT_SIDE)
        if has != given:
            yield f"bond {programme}: debit {has} and credit {given} differ"


def nothing_below_zero(bond: Bond = None) -> Iterator[str]:
    """A bank account, an investor's capital, a receivable, what is owed to a municipality and costs cannot be less than
    nothing."""
    for programme, found in all_balances(bond).items():
        for (kind, organisation), minor in found.items():
            if kind in NEVER_BELOW_ZERO and minor < 0:
                yield f"bond {programme}: {kind} of {organisation or 'the bond'} stands at {minor}"


def kept_sums_are_right(bond: Bond = None) -> Iterator[str]:
    """What the database keeps of each bond by kind of account is what its transfers add up to."""
    columns: tuple[Any, ...] = (BookSum.programme_id, BookSum.kind, BookSum.debit, BookSum.credit, BookSum.amount_minor)
    kept = _by_key(of_bond(select(*columns), BookSum.programme_id, bond))
    moved = _by_key(of_bond(added_up(), Transfer.programme_id, bond))
    for key in kept.keys() | moved.keys():
        if kept.get(key, 0) != moved.get(key, 0):
            of, kind, debit, credit = key
            told = f"{kept.get(key, 0)} kept, {moved.get(key, 0)} added up"
            yield f"bond {of}: {kind} from {credit} to {debit}: {told}"


def kept_hours_are_right(bond: Bond = None) -> Iterator[str]:
    """The same for what it keeps by the hour, of each bond and of each account."""
    columns: tuple[Any, ...] = (BookHour.programme_id, BookHour.hour, BookHour.kind, BookHour.debit, BookHour.credit)
    kept = _by_key(of_bond(select(*columns, BookHour.amount_minor), BookHour.programme_id, bond))
    added = _by_key(of_bond(added_up(hour_of(Transfer.created_at)), Transfer.programme_id, bond))
    for key in kept.keys() | added.keys():
        if kept.get(key, 0) != added.get(key, 0):
            of, hour, *_kinds = key
            yield f"bond {of}: of {hour} {kept.get(key, 0)} kept, {added.get(key, 0)} added up"
    yield from _accounts_by_the_hour(bond)


def _accounts_by_the_hour(bond: Bond) -> Iterator[str]:
    held: Any = select(AccountHour).join(Account, Account.id == AccountHour.account_id)
    kept = {
        (one.account_id, one.hour): (one.number, one.debit_minor, one.credit_minor)
        for one in db.session.scalars(of_bond(held, Account.programme_id, bond).execution_options(yield_per=1_000))
    }
    added: dict[Any, tuple[int, int, int]] = {}
    minor, hour = func.sum(case((moved(), Transfer.amount_minor), else_=0)), hour_of(Transfer.created_at)
    for is_debit, side in ((True, Transfer.debit_id), (False, Transfer.credit_id)):
        sums = of_bond(select(side, hour, func.count(), minor), Transfer.programme_id, bond).group_by(side, hour)
        for account, at, number, whole in db.session.execute(sums):
            known, debit, credit = added.get((account, at), (0, 0, 0))
            more = (int(whole), 0) if is_debit else (0, int(whole))
            added[account, at] = (known + number, debit + more[0], credit + more[1])
    nothing = (0, 0, 0)
    for key in kept.keys() | added.keys():
        if kept.get(key, nothing) != added.get(key, nothing):
            told = f"{kept.get(key, nothing)} kept, {added.get(key, nothing)} added up"
            yield f"account {key[0]}: of {key[1]} {told}"


def _by_key(found: Select[Any]) -> dict[tuple[Any, ...], int]:
    return {tuple(key): int(minor) for *key, minor in db.session.execute(found)}


def transfers_stay_in_one_bond(bond: Bond = None) -> Iterator[str]:
    """Both accounts belong to the bond of the transfer and are kept in one currency."""
    debit, credit = aliased(Account), aliased(Account)
    wrong = (
        select(Transfer.id)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(
            (debit.programme_id != Transfer.programme_id)
            | (credit.programme_id != Transfer.programme_id)
            | (debit.currency != credit.currency)
        )
    )
    for transfer in db.session.scalars(of_bond(wrong, Transfer.programme_id, bond)):
        yield f"transfer {transfer}: crosses bonds or currencies"


def every_transfer_has_its_cause(bond: Bond = None) -> Iterator[str]:
    """The row that a transfer names as its cause exists."""
    for name in db.session.scalars(of_bond(select(Transfer.cause_type).distinct(), Transfer.programme_id, bond)):
        table = db.metadata.tables.get(name)
        lost = of_bond(select(Transfer.id).where(Transfer.cause_type == name), Transfer.programme_id, bond)
        if table is not None:
            lost = lost.where(~exists().where(table.c.id == Transfer.cause_id))
        for transfer in db.session.scalars(lost):
            yield f"transfer {transfer}: its cause, a {name}, does not exist"


def what_was_pending_is_resolved_as_it_stood(bond: Bond = None) -> Iterator[str]:
    """A resolution repeats its pending transfer, a reversal mirrors a posted one; each at most once."""
    first, second = aliased(Transfer), aliased(Transfer)
    pairs = select(first, second).join(second, second.pending_id == first.id)
    seen = set()
    for origin, answer in db.session.execute(of_bond(pairs, first.programme_id, bond)):
        if origin.id in seen:
            yield f"transfer {origin.id}: resolved more than once"
        seen.add(origin.id)
        reversal = answer.kind == TransferKind.REVERSAL
        accounts = (origin.credit_id, origin.debit_id) if reversal else (origin.debit_id, origin.credit_id)
        fitting = origin.kind != TransferKind.PENDING if reversal else origin.kind == TransferKind.PENDING
        same = (answer.debit_id, answer.credit_id, answer.amount_minor) == (*accounts, origin.amount_minor)
        if not (fitting and same):
            yield f"transfer {answer.id}: does not answer {origin.id} as it stood"
