"""The only code that writes in the books. It runs inside an operation and never changes a transfer.

Called by the operations of later packages, which have checked who may do it; here only the rules of book-keeping hold.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, lazyload

from app.core.bulk import add_rows
from app.core.operation import in_operation
from app.extensions import db
from app.ledger.balances import DEBIT_SIDE, Balances, balances
from app.ledger.models import Account, AccountKind, Transfer, TransferKind

RESOLUTIONS = (TransferKind.POST_PENDING, TransferKind.VOID_PENDING)


class BookFault(RuntimeError):
    """An entry that no book may hold; a fault of the portal, never of the person at the page."""


def account(
    programme_id: uuid.UUID, kind: AccountKind, organisation_id: uuid.UUID | None = None, currency: str = "EUR"
) -> Account:
    """The account of this kind of one bond (and one party), opened when it is first needed."""
    found = db.session.scalar(
        select(Account).filter_by(programme_id=programme_id, kind=kind, organisation_id=organisation_id)
    )
    if found is None:
        found = Account(programme_id=programme_id, kind=kind, organisation_id=organisation_id, currency=currency)
        db.session.add(found)
        db.session.flush()
    if found.currency != currency:
        raise BookFault(f"the {kind} account of {programme_id} is kept in {found.currency}, not in {currency}")
    return found


Place = tuple[AccountKind, uuid.UUID | None]  # of an account within its bond: the kind, and the party where it has one


def accounts(programme_id: uuid.UUID, places: Iterable[Place], currency: str = "EUR") -> dict[Place, Account]:
    """The same for many places at once, in two statements however many they are."""
    wanted = dict.fromkeys(places)
    kinds = {kind for kind, _ in wanted}
    stand = select(Account).where(Account.programme_id == programme_id, Account.kind.in_(kinds))
    found: dict[Place, Account] = {}
    for one in db.session.scalars(stand.options(lazyload(Account.organisation))):
        if (one.kind, one.organisation_id) in wanted:
            found[one.kind, one.organisation_id] = one
    if any(one.currency != currency for one in found.values()):
        raise BookFault(f"an account of {programme_id} is not kept in {currency}")
    opened = {
        (kind, of): Account(programme_id=programme_id, kind=kind, organisation_id=of, currency=currency)
        for kind, of in wanted
        if (kind, of) not in found
    }
    db.session.add_all(opened.values())
    db.session.flush()
    return found | opened


def post(debit: Account, credit: Account, amount_minor: int, cause: Any, **facts: Any) -> Transfer:
    """Book `amount_minor` at once, caused by the row `cause`.

    `facts`: `entered_by` (the person), `once` (the id of the transfer: the same id and facts again are the same
    transfer, another amount under it is a `BookFault`), `reference` (the payment reference).
    """
    return _enter(TransferKind.POSTED, debit, credit, amount_minor, cause, **facts)


def prepare(debit: Account, credit: Account, amount_minor: int, cause: Any, **facts: Any) -> Transfer:
    """Set money aside for a payment that a second person must approve; until then it counts as pending, not as paid."""
    return _enter(TransferKind.PENDING, debit, credit, amount_minor, cause, **facts)


def prepare_all(entries: Iterable[tuple[Account, Account, int, Any, uuid.UUID]], *, entered_by: Any) -> None:
    """The same for many entries of new causes at once: (debit, credit, amount in minor units, cause, once)."""
    _enter_all(
        _entry(TransferKind.PENDING, debit, credit, amount_minor, cause, once, entered_by)
        for debit, credit, amount_minor, cause, once in entries
    )


def post_all_pending(pending: Iterable[Transfer], *, entered_by: Any) -> None:
    """The second person approved all of these."""
    _enter_all(_answer(TransferKind.POST_PENDING, one, entered_by, None) for one in pending)


def void_all_pending(pending: Iterable[Transfer], *, entered_by: Any) -> None:
    """The second person rejected all of these."""
    _enter_all(_answer(TransferKind.VOID_PENDING, one, entered_by, None) for one in pending)


def post_pending(pending: Transfer, *, entered_by: Any, once: uuid.UUID | None = None) -> Transfer:
    """The second person approved: the money moves. A pending transfer is posted or voided once."""
    return _resolve(TransferKind.POST_PENDING, pending, entered_by, once)


def void_pending(pending: Transfer, *, entered_by: Any, once: uuid.UUID | None = None) -> Transfer:
    """The second person rejected: what was set aside is free again."""
    return _resolve(TransferKind.VOID_PENDING, pending, entered_by, once)


def reverse(transfer: Transfer, cause: Any, *, entered_by: Any, once: uuid.UUID | None = None) -> Transfer:
    """Undo a posted transfer by its mirror image, once; the mistake and its correction both stay readable."""
    if transfer.kind not in (TransferKind.POSTED, TransferKind.POST_PENDING):
        raise BookFault(f"a {transfer.kind} transfer moved no money that could be reversed")
    return _enter(
        TransferKind.REVERSAL,
        transfer.credit,
        transfer.debit,
        transfer.amount_minor,
        cause,
        entered_by=entered_by,
        once=once or _resolution_of(transfer),
        reference=transfer.reference,
        pending=transfer,
    )


def once_more(cause: Any, name: str) -> uuid.UUID:
    """The id under which `cause` is booked as `name`: one for the first time, another once that was reversed."""
    undone = select(func.count()).where(Transfer.cause_type == cause.__tablename__, Transfer.cause_id == cause.id)
    times = db.session.scalar(undone.where(Transfer.kind == TransferKind.REVERSAL))
    return uuid.uuid5(cause.id, f"{name} {times}" if times else name)


def close_accounts(programme_id: uuid.UUID, cause: Any, *, entered_by: Any) -> list[Transfer]:
    """Bring every account of the bond to zero against its result; a fault when that result is not zero by itself.

    The bank account, what municipalities owe and are owed, and VAT are no result: they must be at zero already.
    """
    books = _books(programme_id)
    left = [kind for (kind, _), minor in books.items() if minor and kind in MUST_BE_ZERO]
    if left:
        raise BookFault(f"bond {programme_id} is not at zero: {', '.join(sorted(left))}")
    entries = []
    for (kind, organisation_id), minor in sorted(books.items(), key=lambda one: (one[0][0], str(one[0][1]))):
        if not minor:
            continue
        currency = _currency(programme_id)
        own = account(programme_id, kind, organisation_id, currency)
        result = account(programme_id, AccountKind.RESULT, None, currency)
        debit, credit = (result, own) if (kind in DEBIT_SIDE) == (minor > 0) else (own, result)
        once = uuid.uuid5(cause.id, str(own.id))
        entries.append(_enter(TransferKind.CLOSING, debit, credit, abs(minor), cause, entered_by=entered_by, once=once))
    if any(_books(programme_id).values()):
        raise BookFault(f"bond {programme_id} does not close to zero")
    return entries


MUST_BE_ZERO = (
    AccountKind.BANK,
    AccountKind.RECEIVABLE,
    AccountKind.PAYER_CREDIT,
    AccountKind.VAT,
    AccountKind.RESULT,
)


def _books(programme_id: uuid.UUID) -> Balances:
    db.session.flush()
    return balances(programme_id)


def _currency(programme_id: uuid.UUID) -> str:
    return db.session.scalars(select(Account.currency).filter_by(programme_id=programme_id)).first() or "EUR"


def owed_by_municipality(statement: Any, *, entered_by: Any) -> list[Transfer]:
    """A municipality approved its statement: RECEIVABLE of the payer debit, OUTCOME_INCOME credit, VAT apart.

    `statement` is a `settlement.Statement`; one of zero books nothing. Called twice it is one entry.
    """
    return _owe(statement, statement.amount_minor, statement.vat_minor, statement.id, entered_by)


def owed_to_municipality(statement: Any, *, entered_by: Any) -> list[Transfer]:
    """A statement below zero counts: what its municipality had paid too much is owed back to it, VAT apart.

    PAYER_CREDIT of the payer credit; OUTCOME_INCOME and VAT debit. Called twice it is one entry.
    """
    currency = statement.settlement.programme.currency
    parts = (
        (AccountKind.OUTCOME_INCOME, statement.payer_id, statement.vat_minor - statement.amount_minor, "owed back"),
        (AccountKind.VAT, None, -statement.vat_minor, "owed back vat"),
    )
    return [
        post(
            account(statement.programme_id, kind, of, currency),
            account(statement.programme_id, AccountKind.PAYER_CREDIT, statement.payer_id, currency),
            part_minor,
            statement,
            entered_by=entered_by,
            once=uuid.uuid5(statement.id, name),
            reference=statement.reference,
        )
        for kind, of, part_minor, name in parts
        if part_minor
    ]


def owed_after_correction(statement: Any, correction: Any, *, entered_by: Any) -> list[Transfer]:
    """A correcting statement counts: what was booked as owed is reversed, and what remains is booked anew."""
    owed_no_more(statement, entered_by=entered_by)
    return _owe(statement, statement.owed_minor, statement.owed_vat_minor, correction.id, entered_by)


def owed_no_more(statement: Any, *, entered_by: Any) -> None:
    """What was booked as owed by a statement is reversed, where it was not yet."""
    undone = aliased(Transfer)
    standing = (
        select(Transfer)
        .outerjoin(undone, undone.pending_id == Transfer.id)
        .join(Account, Account.id == Transfer.debit_id)
        .where(Transfer.cause_type == statement.__tablename__, Transfer.cause_id == statement.id, undone.id.is_(None))
        .where(Transfer.kind == TransferKind.POSTED, Account.kind == AccountKind.RECEIVABLE)
    )
    for owed in db.session.scalars(standing).all():
        reverse(owed, statement, entered_by=entered_by)


def _owe(statement: Any, amount_minor: int, vat_minor: int, once: uuid.UUID, entered_by: Any) -> list[Transfer]:
    currency = statement.settlement.programme.currency
    parts = (
        (AccountKind.OUTCOME_INCOME, statement.payer_id, amount_minor - vat_minor, "owed"),
        (AccountKind.VAT, None, vat_minor, "owed vat"),
    )
    return [
        post(
            account(statement.programme_id, AccountKind.RECEIVABLE, statement.payer_id, currency),
            account(statement.programme_id, kind, of, currency),
            part_minor,
            statement,
            entered_by=entered_by,
            once=uuid.uuid5(once, name),
            reference=statement.reference,
        )
        for kind, of, part_minor, name in parts
        if part_minor
    ]


def _resolve(kind: TransferKind, pending: Transfer, entered_by: Any, once: uuid.UUID | None) -> Transfer:
    return _once(_answer(kind, pending, entered_by, once), pending)


def _answer(kind: TransferKind, pending: Transfer, entered_by: Any, once: uuid.UUID | None) -> Transfer:
    """The resolution repeats what is pending, so its accounts need not be read again."""
    _expect_operation()
    if pending.kind != TransferKind.PENDING:
        raise BookFault(f"a {pending.kind} transfer is not waiting for anything")
    copied = ("programme_id", "debit_id", "credit_id", "amount_minor", "cause_type", "cause_id", "reference")
    return Transfer(
        id=once or _resolution_of(pending),
        kind=kind,
        pending_id=pending.id,
        entered_by_id=entered_by.id,
        **{name: getattr(pending, name) for name in copied},
    )


def _resolution_of(transfer: Transfer) -> uuid.UUID:
    """One id per transfer that can be resolved or reversed once, so that a second try meets the first."""
    return uuid.uuid5(transfer.id, "resolved")


def _enter(
    kind: TransferKind,
    debit: Account,
    credit: Account,
    amount_minor: int,
    cause: Any,
    *,
    entered_by: Any,
    once: uuid.UUID | None = None,
    reference: str = "",
    pending: Transfer | None = None,
) -> Transfer:
    _expect_operation()
    db.session.flush()  # the cause has its id
    return _once(_entry(kind, debit, credit, amount_minor, cause, once, entered_by, reference, pending), pending)


def _expect_operation() -> None:
    if not in_operation():
        raise BookFault("money moves only inside an operation")


def _entry(
    kind: TransferKind,
    debit: Account,
    credit: Account,
    amount_minor: int,
    cause: Any,
    once: uuid.UUID | None,
    entered_by: Any,
    reference: str = "",
    pending: Transfer | None = None,
) -> Transfer:
    _expect_operation()
    if debit.programme_id != credit.programme_id:
        raise BookFault("a transfer stays within one bond")
    if debit.currency != credit.currency:
        raise BookFault(f"a transfer stays within one currency, not {debit.currency} and {credit.currency}")
    if debit.id == credit.id or amount_minor <= 0:
        raise BookFault("a transfer moves a positive amount between two accounts")
    return Transfer(
        id=once or uuid.uuid4(),
        programme_id=debit.programme_id,
        debit_id=debit.id,
        credit_id=credit.id,
        amount_minor=amount_minor,
        kind=kind,
        pending_id=pending.id if pending else None,
        cause_type=cause.__tablename__,
        cause_id=cause.id,
        reference=reference,
        entered_by_id=entered_by.id,
    )


def _enter_all(entries: Iterable[Transfer]) -> None:
    """All of them in one go, since the sums that are kept of the books change once for all. What stands already is a
    fault here: the database holds each id, and each answer, once."""
    db.session.flush()
    names = [column.key for column in Transfer.__table__.columns if column.key != "created_at"]
    rows = [{name: getattr(entry, name) for name in names} for entry in entries]
    for _added in add_rows(Transfer, rows):
        pass


SAME = ("programme_id", "debit_id", "credit_id", "amount_minor", "kind", "pending_id", "cause_type", "cause_id")


def _once(entry: Transfer, pending: Transfer | None) -> Transfer:
    """Add `entry`, or find that it stands already; nothing is booked twice, and nothing differently."""
    known = db.session.get(Transfer, entry.id)
    if known is None and pending is not None:
        known = db.session.scalar(select(Transfer).where(Transfer.pending_id == pending.id))
    if known is None:
        db.session.add(entry)
        db.session.flush()
        return entry
    if any(getattr(known, name) != getattr(entry, name) for name in SAME):
        raise BookFault(f"{known.id} is booked already, and differently")
    return known
