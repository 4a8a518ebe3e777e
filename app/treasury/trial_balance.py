"""The trial balance: every account of a bond on a day, what was debited and credited since it began, and the balance.
Both totals are equal, since each transfer stands on both sides once (Pacioli, Summa, 1494, distinctio 9, tractatus 11).

All from sums that are kept by the hour: however many transfers a bond has, none is added up.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.core import clock
from app.core.paging import Paged, paged
from app.extensions import db
from app.ledger.hours import Turnover, turnover_by_kind, turnover_of
from app.ledger.models import AccountKind
from app.people.models import Organisation
from app.programmes.models import Programme
from app.treasury.journal import Own
from app.treasury.models import BookAccount


@dataclass(frozen=True, slots=True)
class Line:
    """All accounts of a kind together; `account` where there is one alone, of the bond itself."""

    kind: AccountKind
    turnover: Turnover
    account_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """`lines` by kind of account, with their `total`; empty for who reads its own accounts only. `parties`: a page of
    (account, turnover) of the accounts that belong to a party."""

    on: date
    lines: Sequence[Line]
    parties: Paged

    @property
    def total(self) -> Turnover:
        return sum((one.turnover for one in self.lines), Turnover())

    @property
    def total_on_debit(self) -> int:
        return sum(one.turnover.on_debit for one in self.lines)

    @property
    def total_on_credit(self) -> int:
        return sum(one.turnover.on_credit for one in self.lines)


def trial_balance(programme: Programme, on: date, own: Own, kind: AccountKind | None = None) -> TrialBalance:
    """As the books stood at the end of `on` where the parties are; `kind` chooses among the accounts of parties."""
    page = paged(_party_accounts(programme, on, own, kind), entities=True)
    return TrialBalance(on, lines_of(programme, on) if own is None else [], _with_turnover(page, on))


def lines_of(programme: Programme, on: date) -> list[Line]:
    """By kind of account, in the order of the chart."""
    of_bond = select(BookAccount.kind, BookAccount.id).where(
        BookAccount.programme_id == programme.id, BookAccount.organisation_id.is_(None)
    )
    alone: dict[AccountKind, uuid.UUID] = dict(iter(db.session.execute(of_bond)))  # type: ignore[arg-type]
    found = turnover_by_kind(programme.id, clock.end_of(on))
    return [Line(kind, found[kind], alone.get(kind)) for kind in AccountKind if kind in found]


def accounts_of_parties(programme: Programme, on: date, own: Own) -> list[tuple[BookAccount, Turnover]]:
    """All of them, for a file."""
    found = _party_accounts(programme, on, own, None)
    turnover = turnover_of(found.with_only_columns(BookAccount.id).order_by(None), None, clock.end_of(on))
    return [(one, turnover.get(one.id, Turnover())) for one in db.session.scalars(found).unique()]


def _party_accounts(programme: Programme, on: date, own: Own, kind: AccountKind | None) -> Select[Any]:
    """Those that were opened by then, by kind and name."""
    found = select(BookAccount).join(Organisation, Organisation.id == BookAccount.organisation_id)
    found = found.where(BookAccount.programme_id == programme.id, BookAccount.created_at < clock.end_of(on))
    if own is not None:
        found = found.where(BookAccount.organisation_id.in_(own))
    if kind is not None:
        found = found.where(BookAccount.kind == kind)
    return found.order_by(BookAccount.kind, Organisation.name, BookAccount.id)


def _with_turnover(page: Paged, on: date) -> Paged:
    turnover = turnover_of([one.id for one in page.rows], None, clock.end_of(on))
    rows = [(one, turnover.get(one.id, Turnover())) for one in page.rows]
    return Paged(rows, page.number, page.pages, page.count, page.key)
