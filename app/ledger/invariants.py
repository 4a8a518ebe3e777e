"""What must be true of every book at any moment. Each function yields a line per fault."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.balances import DEBIT_SIDE, added_up, all_balances
from app.ledger.models import Account, AccountKind, BookSum, Transfer, TransferKind

NEVER_BELOW_ZERO = (
    AccountKind.BANK,
    AccountKind.INVESTOR_CAPITAL,
    AccountKind.RECEIVABLE,
    AccountKind.RUNNING_COSTS,
    AccountKind.VAT,
)


def books_balance() -> Iterator[str]:
    """What a bond has and has spent equals what it was given and has earned, to the cent."""
    for programme, found in all_balances().items():
        has = sum(minor for (kind, _), minor in found.items() if kind in DEBIT_SIDE)
        given = sum(minor for (kind, _), minor in found.items() if kind not in DEBIT_SIDE)
        if has != given:
            yield f"bond {programme}: debit {has} and credit {given} differ"


def nothing_below_zero() -> Iterator[str]:
    """A bank account, an investor's capital, a receivable and costs cannot be less than nothing."""
    for programme, found in all_balances().items():
        for (kind, organisation), minor in found.items():
            if kind in NEVER_BELOW_ZERO and minor < 0:
                yield f"bond {programme}: {kind} of {organisation or 'the bond'} stands at {minor}"


def kept_sums_are_right() -> Iterator[str]:
    """What the database keeps of each bond by kind of account is what its transfers add up to."""
    columns: tuple[Any, ...] = (BookSum.programme_id, BookSum.kind, BookSum.debit, BookSum.credit, BookSum.amount_minor)
    kept, moved = _by_key(select(*columns)), _by_key(added_up())
    for key in kept.keys() | moved.keys():
        if kept.get(key, 0) != moved.get(key, 0):
            bond, kind, debit, credit = key
            told = f"{kept.get(key, 0)} kept, {moved.get(key, 0)} added up"
            yield f"bond {bond}: {kind} from {credit} to {debit}: {told}"


def _by_key(found: Select[Any]) -> dict[tuple[Any, ...], int]:
    return {tuple(key): int(minor) for *key, minor in db.session.execute(found)}


def transfers_stay_in_one_bond() -> Iterator[str]:
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
    for transfer in db.session.scalars(wrong):
        yield f"transfer {transfer}: crosses bonds or currencies"


def every_transfer_has_its_cause() -> Iterator[str]:
    """The row that a transfer names as its cause exists."""
    for name in db.session.scalars(select(Transfer.cause_type).distinct()):
        table = db.metadata.tables.get(name)
        lost = select(Transfer.id).where(Transfer.cause_type == name)
        if table is not None:
            lost = lost.where(~exists().where(table.c.id == Transfer.cause_id))
        for transfer in db.session.scalars(lost):
            yield f"transfer {transfer}: its cause, a {name}, does not exist"


def what_was_pending_is_resolved_as_it_stood() -> Iterator[str]:
    """A resolution repeats its pending transfer, a reversal mirrors a posted one; each at most once."""
    first, second = aliased(Transfer), aliased(Transfer)
    pairs = select(first, second).join(second, second.pending_id == first.id)
    seen = set()
    for origin, answer in db.session.execute(pairs):
        if origin.id in seen:
            yield f"transfer {origin.id}: resolved more than once"
        seen.add(origin.id)
        reversal = answer.kind == TransferKind.REVERSAL
        accounts = (origin.credit_id, origin.debit_id) if reversal else (origin.debit_id, origin.credit_id)
        fitting = origin.kind != TransferKind.PENDING if reversal else origin.kind == TransferKind.PENDING
        same = (answer.debit_id, answer.credit_id, answer.amount_minor) == (*accounts, origin.amount_minor)
        if not (fitting and same):
            yield f"transfer {answer.id}: does not answer {origin.id} as it stood"
