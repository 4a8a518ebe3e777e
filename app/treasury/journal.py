"""The books to read: the journal of a bond and each of its ledger accounts, in the order in which money was booked.

The intermediary and the auditor read all of it. Another party reads its own accounts, and of these what moved: whom a
payment is for hears of it when a second person approved it. Who stands on the other side is not named.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.core import clock
from app.core.paging import Paged, paged
from app.extensions import db
from app.ledger.balances import MOVED, moved
from app.ledger.hours import (
    Turnover,
    hour_of_entry,
    hour_of_transfer,
    number_of_entries,
    number_of_transfers,
    signed_before,
    turnover_of,
)
from app.ledger.models import Account, AccountKind, Transfer, TransferKind
from app.people.models import Organisation
from app.programmes.models import Programme
from app.treasury.models import BookAccount

HOUR = timedelta(hours=1)
END = datetime(3000, 1, 1, tzinfo=UTC)
FEW = 500  # accounts that a search names one by one, so that the database finds their transfers by index
SPARSE = 5_000  # transfers that are put in order after they were found

CAUSES: dict[str, Any] = {
    "bank_charge": _l("costs or interest of the bank"),
    "capital_call_part": _l("capital call"),
    "closing": _l("the close of the bond"),
    "cost_payment": _l("running costs"),
    "distribution_part": _l("distribution to an investor"),
    "guarantee_call": _l("the guarantee"),
    "other_receipt": _l("money that nobody asked for"),
    "remittance_part": _l("VAT, what is owed back or what is left at the end"),
    "returned_payment": _l("a payment that came back"),
    "statement": _l("statement of a municipality"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the books is asked for; an empty one asks for everything, oldest first. `wrong`: a day that is none."""

    kind: AccountKind | None = None
    party: str = ""
    since: date | None = None
    until: date | None = None
    newest: bool = False
    wrong: str = ""

    @property
    def begins(self) -> datetime | None:
        return clock.local(self.since) if self.since else None

    @property
    def ends(self) -> datetime:
        return clock.end_of(self.until) if self.until else END

    @property
    def address(self) -> dict[str, Any]:
        """The same once more, for a link."""
        return {
            "account": self.kind.value if self.kind else None,
            "party": self.party or None,
            "since": self.since,
            "until": self.until,
            "order": "newest" if self.newest else None,
        }


def asked_for(given: Mapping[str, str]) -> Asked:
    """Read the address; an account that does not exist asks for nothing."""
    days, wrong = {}, ""
    for name in ("since", "until"):
        typed = given.get(name, "").strip()[:20]
        days[name] = day_of(typed)
        wrong = wrong or (typed if typed and days[name] is None else "")
    kind = next((one for one in AccountKind if one.value == given.get("account")), None)
    newest = given.get("order") == "newest"
    return Asked(kind, given.get("party", "").strip()[:100], days["since"], days["until"], newest, wrong)


def day_of(typed: str) -> date | None:
    """The day that somebody typed, of a year that a bond can have."""
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return None
    return found if 1900 <= found.year < END.year else None


@dataclass(frozen=True, slots=True)
class Entry:
    """A transfer as a line of the books. `later` is what became of it; `balance` of the ledger account after it (debit
    above zero, minor units). What moved nothing counts nowhere."""

    transfer: Transfer
    later: TransferKind | None
    balance: int = 0

    @property
    def counts(self) -> bool:
        return self.transfer.kind in MOVED

    @property
    def state(self) -> tuple[str, str]:
        kind, later = self.transfer.kind, self.later
        if kind == TransferKind.PENDING and later is not None:
            return (_("was pending, posted since") if later in MOVED else _("was pending, voided since")), "neutral"
        if later == TransferKind.REVERSAL:
            return _("posted, reversed since"), "warn"
        return str(kind.label), kind.tone

    @property
    def cause(self) -> Any:
        return CAUSES.get(self.transfer.cause_type, "–")


Own = frozenset[uuid.UUID] | None  # whose accounts a reader may read; None: all


def journal(programme: Programme, asked: Asked, own: Own) -> Paged:
    """One page of the journal, as `Entry`."""
    count = _kept_count(programme, asked, own)
    found = _transfers(programme, asked, own, count)

    def seek(before: int, _size: int) -> tuple[Select[Any], int]:
        if count is None or not before:
            return found, before
        hour = hour_of_transfer(before, programme.id, asked.begins, asked.ends, asked.kind, asked.newest)
        return (found, before) if hour is None else (_from(found, hour[0], asked.newest), hour[1])

    page = paged(found, count=count, seek=seek)
    return _with(page, entries([id for (id,) in page.rows]))


def transfers(programme: Programme, asked: Asked, own: Own) -> Select[Any]:
    """The ids of what the journal shows, in its order."""
    return _transfers(programme, asked, own, _kept_count(programme, asked, own))


def _kept_count(programme: Programme, asked: Asked, own: Own) -> int | None:
    """How many there are, where that is kept."""
    if own is not None or asked.party:
        return None
    return number_of_transfers(programme.id, asked.begins, asked.ends, asked.kind)


def _transfers(programme: Programme, asked: Asked, own: Own, count: int | None) -> Select[Any]:
    """Found by account where these or their transfers are few; else in the order of the bond, of which most fit."""
    found = _within(select(Transfer.id), asked)
    if own is not None:
        found = found.where(moved())
    in_order = asked.kind is None and not asked.party and own is None
    if not in_order:
        ids = _accounts(programme, asked, own)
        found = found.where(or_(Transfer.debit_id.in_(ids), Transfer.credit_id.in_(ids)))
        in_order = not isinstance(ids, list) or (count or 0) > SPARSE
    if in_order:
        found = found.where(Transfer.programme_id == programme.id)
    return found.order_by(*_order(asked, Transfer.created_at, Transfer.id))


def _within(found: Select[Any], asked: Asked) -> Select[Any]:
    if asked.begins is not None:
        found = found.where(Transfer.created_at >= asked.begins)
    return found.where(Transfer.created_at < asked.ends)


def _from(found: Select[Any], hour: datetime, newest: bool) -> Select[Any]:
    """From this hour on, in the order that was asked for."""
    return found.where(Transfer.created_at < hour + HOUR if newest else Transfer.created_at >= hour)


def _order(asked: Asked, *columns: Any) -> list[Any]:
    return [column.desc() if asked.newest else column for column in columns]


def _accounts(programme: Programme, asked: Asked, own: Own) -> Any:
    found = select(Account.id).where(Account.programme_id == programme.id)
    if own is not None:
        found = found.where(Account.organisation_id.in_(own))
    if asked.kind is not None:
        found = found.where(Account.kind == asked.kind)
    if asked.party:
        named = select(Organisation.id).where(Organisation.name.icontains(asked.party, autoescape=True))
        found = found.where(Account.organisation_id.in_(named))
    few = list(db.session.scalars(found.limit(FEW + 1)))
    return few if len(few) <= FEW else found


def entries(ids: Sequence[uuid.UUID]) -> list[Entry]:
    """These transfers as lines, in the order given, with what became of each."""
    loaded = select(Transfer).where(Transfer.id.in_(ids))
    loaded = loaded.options(joinedload(Transfer.debit), joinedload(Transfer.credit))
    known = {one.id: one for one in db.session.scalars(loaded)}
    answers = select(Transfer.pending_id, Transfer.kind).where(Transfer.pending_id.in_(ids))
    later: dict[uuid.UUID, TransferKind] = dict(iter(db.session.execute(answers)))  # type: ignore[arg-type]
    return [Entry(known[id], later.get(id)) for id in ids]


def _with(page: Paged, rows: Sequence[Entry]) -> Paged:
    return Paged(rows, page.number, page.pages, page.count, page.key)


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """One account over the days that were chosen: what it opened with (debit above zero, minor units), a page of its
    entries, what moved on either side, and what it closed with."""

    opening: int
    page: Paged
    turnover: Turnover

    @property
    def closing(self) -> int:
        return self.opening + self.turnover.balance


def ledger_account(account: BookAccount, asked: Asked, own: Own) -> LedgerAccount:
    """Each entry with the balance after it; balances are kept, and no more than the entries of the page are read."""
    count = number_of_entries(account.id, asked.begins, asked.ends) if own is None else None

    def seek(before: int, size: int) -> tuple[Select[Any], int]:
        hour = None
        if count is not None and before:
            hour = hour_of_entry(before, account.id, asked.begins, asked.ends, asked.newest)
        skip = before if hour is None else hour[1]
        return _entries_of(account, asked, own, hour[0] if hour else None, skip + size), skip

    page = paged(_entries_of(account, asked, own), count=count, seek=seek)
    rows = _running(account, entries([id for id, _at in page.rows]), asked.newest)
    before = turnover_of([account.id], None, asked.begins) if asked.begins is not None else {}
    moved_then = turnover_of([account.id], asked.begins, asked.ends)
    none = Turnover()
    return LedgerAccount(before.get(account.id, none).balance, _with(page, rows), moved_then.get(account.id, none))


def _entries_of(
    account: BookAccount, asked: Asked, own: Own, hour: datetime | None = None, most: int | None = None
) -> Select[Any]:
    """Both sides apart, for each has an index in the order of the books: from `hour` on, the first `most` of each."""
    columns: list[Any] = [Transfer.id.label("id"), Transfer.created_at.label("at")]
    sides: list[Any] = []
    for side in (Transfer.debit_id, Transfer.credit_id):
        one = _within(select(*columns).where(side == account.id), asked)
        one = one if own is None else one.where(moved())
        one = one if hour is None else _from(one, hour, asked.newest)
        if most is not None:
            one = select(one.order_by(*_order(asked, Transfer.created_at, Transfer.id)).limit(most).subquery())
        sides.append(one)
    both = union_all(*sides).subquery()
    return select(both.c.id, both.c.at).order_by(*_order(asked, both.c.at, both.c.id))


def _running(account: BookAccount, rows: Sequence[Entry], newest: bool) -> list[Entry]:
    booked = list(reversed(rows)) if newest else list(rows)
    if not booked:
        return []
    balance = signed_before(account.id, booked[0].transfer.created_at, booked[0].transfer.id)
    found = []
    for one in booked:
        sign = 1 if one.transfer.debit_id == account.id else -1
        balance += sign * one.transfer.amount_minor * one.counts
        found.append(Entry(one.transfer, one.later, balance))
    return list(reversed(found)) if newest else found


def named_to(own: Own, account: Account) -> str:
    """The party of an account, as far as this reader may know it."""
    if account.organisation is None or (own is not None and account.organisation_id not in own):
        return ""
    return account.organisation.name


def kinds_of(programme: Programme, own: Own) -> Collection[AccountKind]:
    """The kinds of account that this reader can choose from, in the order of the chart."""
    found = select(Account.kind).where(Account.programme_id == programme.id).distinct()
    there = set(db.session.scalars(found if own is None else found.where(Account.organisation_id.in_(own))))
    return [kind for kind in AccountKind if kind in there]
