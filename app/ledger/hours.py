"""The books up to any moment, read from what the database keeps by the hour: however many transfers there are, none is
added up. A moment is one at which a day of the parties begins, which is always a whole hour of UTC; only
`signed_before` reads the transfers of one hour of one account."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal_column, or_, select

from app.extensions import db
from app.ledger.balances import MOVED, moved
from app.ledger.models import AccountHour, AccountKind, BookHour, Transfer


@dataclass(frozen=True, slots=True)
class Turnover:
    """What moved on either side, minor units; a balance above zero stands on the debit side."""

    debit: int = 0
    credit: int = 0

    @property
    def balance(self) -> int:
        return self.debit - self.credit

    @property
    def on_debit(self) -> int:
        return max(self.balance, 0)

    @property
    def on_credit(self) -> int:
        return max(-self.balance, 0)

    def __add__(self, other: "Turnover") -> "Turnover":
        return Turnover(self.debit + other.debit, self.credit + other.credit)


def turnover_by_kind(programme_id: uuid.UUID, until: datetime) -> dict[AccountKind, Turnover]:
    """What moved in one bond before `until` on all accounts of each kind together."""
    sums = select(BookHour.debit, BookHour.credit, func.sum(BookHour.amount_minor)).where(
        BookHour.programme_id == programme_id, BookHour.hour < until, BookHour.kind.in_(MOVED)
    )
    found: dict[AccountKind, Turnover] = defaultdict(Turnover)
    for debit, credit, minor in db.session.execute(sums.group_by(BookHour.debit, BookHour.credit)):
        found[debit] += Turnover(debit=int(minor))
        found[credit] += Turnover(credit=int(minor))
    return dict(found)


def turnover_of(
    account_ids: Collection[uuid.UUID] | Select[Any], since: datetime | None, until: datetime
) -> dict[Any, Turnover]:
    """What moved on each of these accounts from `since` on (None: from the beginning) and before `until`."""
    sums = select(AccountHour.account_id, func.sum(AccountHour.debit_minor), func.sum(AccountHour.credit_minor))
    sums = sums.where(AccountHour.account_id.in_(account_ids), AccountHour.hour < until)
    if since is not None:
        sums = sums.where(AccountHour.hour >= since)
    found = db.session.execute(sums.group_by(AccountHour.account_id))
    return {id: Turnover(int(debit), int(credit)) for id, debit, credit in found}


def number_of_transfers(
    programme_id: uuid.UUID, since: datetime | None, until: datetime, of: AccountKind | None = None
) -> int:
    """How many transfers one bond has from `since` on and before `until`; those `of` a kind of account, or all."""
    return _number(BookHour, _of_book(programme_id, of), since, until)


def _of_book(programme_id: uuid.UUID, of: AccountKind | None) -> Any:
    mine = BookHour.programme_id == programme_id
    return mine if of is None else and_(mine, or_(BookHour.debit == of, BookHour.credit == of))


def number_of_entries(account_id: uuid.UUID, since: datetime | None, until: datetime) -> int:
    """The same for one account."""
    return _number(AccountHour, AccountHour.account_id == account_id, since, until)


def _number(kept: type[BookHour] | type[AccountHour], of: Any, since: datetime | None, until: datetime) -> int:
    sums = select(func.coalesce(func.sum(kept.number), 0)).where(of, kept.hour < until)
    return int(db.session.scalar(sums if since is None else sums.where(kept.hour >= since)) or 0)


def hour_of_transfer(
    place: int, programme_id: uuid.UUID, since: datetime | None, until: datetime, of: AccountKind | None, newest: bool
) -> tuple[datetime, int] | None:
    """Of the transfers that `number_of_transfers` counts, in the order of the books: the hour of the one that has
    `place` others before it, and how many of that hour stand before it. None where there are not so many."""
    return _hour_of_place(BookHour, _of_book(programme_id, of), since, until, place, newest)


def hour_of_entry(
    place: int, account_id: uuid.UUID, since: datetime | None, until: datetime, newest: bool
) -> tuple[datetime, int] | None:
    """The same for one account."""
    return _hour_of_place(AccountHour, AccountHour.account_id == account_id, since, until, place, newest)


def _hour_of_place(
    kept: type[BookHour] | type[AccountHour], of: Any, since: datetime | None, until: datetime, place: int, newest: bool
) -> tuple[datetime, int] | None:
    number = func.sum(kept.number)
    through = func.sum(number).over(order_by=kept.hour.desc() if newest else kept.hour)
    hours: Any = select(kept.hour, number.label("number"), through.label("through")).where(of, kept.hour < until)
    hours = (hours if since is None else hours.where(kept.hour >= since)).group_by(kept.hour).subquery()
    found = select(hours.c.hour, place - hours.c.through + hours.c.number).where(hours.c.through > place)
    row = db.session.execute(found.order_by(hours.c.through).limit(1)).first()
    return None if row is None else (row[0], int(row[1]))


def signed_before(account_id: uuid.UUID, at: datetime, id: uuid.UUID) -> int:
    """The balance of an account before the transfer `id` of the moment `at`, debit above zero (minor units)."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    not_before = and_(Transfer.created_at == at, Transfer.id >= id)
    whole = func.coalesce(func.sum(Transfer.amount_minor), 0)
    within = [  # each side apart, for each has an index in the order of the books
        select(whole)
        .where(side == account_id, moved(), Transfer.created_at.between(hour, at), ~not_before)
        .scalar_subquery()
        for side in (Transfer.debit_id, Transfer.credit_id)
    ]
    debit, credit = db.session.execute(select(*within)).one()
    before = turnover_of([account_id], None, hour).get(account_id, Turnover())
    return before.balance + int(debit) - int(credit)


def hour_of(moment: Any) -> Any:
    """The hour (UTC) of a moment, as a column of the database."""
    if db.engine.dialect.name == "postgresql":
        return func.date_trunc(literal_column("'hour'"), moment, literal_column("'UTC'"), type_=moment.type)
    return func.strftime(literal_column("'%Y-%m-%d %H:00:00.000000'"), moment, type_=moment.type)
