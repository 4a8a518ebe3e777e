"""What must be true of every book at any moment. Each function yields a line per fault, of one bond or of all."""

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal_column, or_, select, union_all
from sqlalchemy.orm import aliased

from app.extensions import db
from app.ledger.balances import DEBIT_SIDE, all_balances, moved
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
    for programme, found in all_balances(bond, *NEVER_BELOW_ZERO).items():
        for (kind, organisation), minor in found.items():
            if minor < 0:
                yield f"bond {programme}: {kind} of {organisation or 'the bond'} stands at {minor}"


def kept_sums_are_right(bond: Bond = None) -> Iterator[str]:
    """What the database keeps of each bond by kind of account is what its transfers add up to."""
    added = _by_kinds(bond, (), func.sum(Transfer.amount_minor))
    kept = of_bond(_kept(BookSum), BookSum.programme_id, bond)
    for (of, kind, debit, credit), told in _differences(BookSum, kept, added):
        yield f"bond {of}: {kind} from {credit} to {debit}: {told}"


def kept_hours_are_right(bond: Bond = None) -> Iterator[str]:
    """The same for what it keeps by the hour, of each bond and of each account."""
    hour = hour_of(Transfer.created_at)
    added = _by_kinds(bond, (hour,), func.count(), func.sum(Transfer.amount_minor))
    kept = of_bond(_kept(BookHour), BookHour.programme_id, bond)
    for (of, at, *_kinds), told in _differences(BookHour, kept, added):
        yield f"bond {of}: of {at} {told}"
    held = _kept(AccountHour).join(Account, Account.id == AccountHour.account_id)
    counted = func.sum(case((moved(), Transfer.amount_minor), else_=0))
    sides = ((Transfer.debit_id, counted, _NOTHING), (Transfer.credit_id, _NOTHING, counted))
    rows = [
        of_bond(select(id, hour, func.count(), *both), Transfer.programme_id, bond).group_by(id, hour)
        for id, *both in sides
    ]
    for (account, at), told in _differences(AccountHour, of_bond(held, Account.programme_id, bond), *rows):
        yield f"account {account}: of {at} {told}"


_NOTHING: Any = literal_column("0")


def _by_kinds(bond: Bond, further: tuple[Any, ...], *sums: Any) -> Select[Any]:
    """`sums` of the transfers by bond, `further` keys, transfer, debited and credited."""
    debit, credit = aliased(Account), aliased(Account)
    keys = (Transfer.programme_id, *further, Transfer.kind, debit.kind, credit.kind)
    found: Any = select(*keys, *sums).join(debit, debit.id == Transfer.debit_id)
    found = found.join(credit, credit.id == Transfer.credit_id).group_by(*keys)
    return of_bond(found, Transfer.programme_id, bond)  # type: ignore[no-any-return]


def _kept(model: Any) -> Select[Any]:
    """Its keys and its sums, which stand behind nothing in the place of what is added up."""
    keys, sums = _columns(model)
    nothing = [_NOTHING.label(f"added_{one.name}") for one in sums]
    return select(*keys, *nothing, *(one.label(f"kept_{one.name}") for one in sums))


def _columns(model: Any) -> tuple[list[Any], list[Any]]:
    columns = model.__table__.columns
    return [one for one in columns if one.primary_key], [one for one in columns if not one.primary_key]


def _differences(model: Any, kept: Select[Any], *rows: Select[Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    """(key, in words) where the sums that are `kept` are not those of `rows`: one aggregate of the database over both,
    which gives the faults alone, however many rows there are."""
    keys, sums = _columns(model)
    nothing = [_NOTHING.label(f"kept_{one.name}") for one in sums]
    both = union_all(kept, *(one.add_columns(*nothing) for one in rows)).subquery()
    held = [func.sum(both.c[f"kept_{one.name}"]) for one in sums]
    added = [func.sum(both.c[f"added_{one.name}"]) for one in sums]
    named = [both.c[one.name] for one in keys]
    wrong = or_(*(one != other for one, other in zip(held, added, strict=True)))
    for found in db.session.execute(select(*named, *held, *added).group_by(*named).having(wrong)):
        figures = [int(one) for one in found[len(keys) :]]
        told = [figures[: len(sums)], figures[len(sums) :]]
        first, second = (", ".join(str(one) for one in part) for part in told)
        yield tuple(found[: len(keys)]), f"{first} kept, {second} added up"


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
    repeats = and_(second.debit_id == first.debit_id, second.credit_id == first.credit_id)
    mirrors = and_(second.debit_id == first.credit_id, second.credit_id == first.debit_id)
    answers = and_(second.kind != TransferKind.REVERSAL, first.kind == TransferKind.PENDING, repeats)
    undoes = and_(second.kind == TransferKind.REVERSAL, first.kind != TransferKind.PENDING, mirrors)
    fits = and_(or_(answers, undoes), second.amount_minor == first.amount_minor)
    wrong = select(first.id, second.id).join(second, second.pending_id == first.id).where(~fits)
    for origin, answer in db.session.execute(of_bond(wrong, first.programme_id, bond)):
        yield f"transfer {answer}: does not answer {origin} as it stood"
    twice = select(Transfer.pending_id).where(Transfer.pending_id.is_not(None)).group_by(Transfer.pending_id)
    for origin in db.session.scalars(of_bond(twice.having(func.count() > 1), Transfer.programme_id, bond)):
        yield f"transfer {origin}: resolved more than once"
