"""Statements follow one another: each opens with what the one before it closed with, or one is missing."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.bank.models import BankBalance, BankEntry, BankStatement
from app.bank.reported import Reported, Span
from app.bank.states import BankStatementState
from app.core import format
from app.core.money import Money
from app.extensions import db
from app.programmes.models import Programme

Move = tuple[date, int]


def why_not_following(programme: Programme, reported: Reported) -> str | None:
    """What is wrong between this file and the statements that are known, before and after it; None when it follows."""
    if _fits_a_gap(programme.id, reported):
        return None
    known = _balances(programme.id)
    moves = _moves(programme.id)
    told = dict(known)
    earlier: Span | None = None
    for span in reported.spans:
        if earlier is None or earlier.closing_minor is None or span.opening_minor != earlier.closing_minor:
            wrong = _before(programme, span, told, moves)
            if wrong is not None:
                return wrong
        if span.closing_minor is not None:
            told[span.to_on] = span.closing_minor
        earlier = span
    return _after(programme, reported, known, moves)


def why_without_balance(programme: Programme, reported: Reported) -> str | None:
    """Once a balance is known, each file must tell what is on the account after its last line: else the balance stays
    behind the lines, and every cent of them seems to be unexplained. None when it does."""
    last = max((line.booked_on for line in reported.lines), default=None)
    if last is None or any(day >= last for day, _minor in reported.balances) or not _balances(programme.id):
        return None
    return _(
        "Earlier statements told the balance of the account and this file does not tell it after its last line, of "
        "%(day)s. Fetch it at the bank with the column “balance” (“saldo”), or as camt.053.",
        day=format.day(last),
    )


def _fits_a_gap(programme_id: uuid.UUID, reported: Reported) -> bool:
    """Where a statement was voided in between, that or another one may come in its place: it opens with what the one
    before it closed with and closes with what the one after it opened with, of the same day too."""
    first, last = (reported.spans[0], reported.spans[-1]) if reported.spans else (None, None)
    if first is None or last is None or None in (first.opening_minor, last.closing_minor):
        return False
    return any(
        before[0] <= first.from_on
        and last.to_on <= after[0]
        and (before[1], after[1]) == (first.opening_minor, last.closing_minor)
        for before, after in _gaps(programme_id)
    )


Edge = tuple[date, int]  # the day, and what was on the account


def _gaps(programme_id: uuid.UUID) -> Iterator[tuple[Edge, Edge]]:
    """(closed with, next one opened with) of statements that follow one another by day and not by balance."""
    found = select(BankStatement).filter_by(programme_id=programme_id, known_already=0)
    found = found.where(BankStatement.state != BankStatementState.VOIDED)
    moved = select(BankEntry.statement_id, func.sum(BankEntry.amount_minor))
    moved = moved.where(BankEntry.programme_id == programme_id)
    sums = {id: int(minor) for id, minor in db.session.execute(moved.group_by(BankEntry.statement_id))}
    closed: list[Edge] = []
    opened: list[Edge] = []
    for one in db.session.scalars(found).unique():
        if one.balances:
            closing = int(one.balances[-1][1])
            closed.append((one.to_on, closing))
            opened.append((one.from_on, closing - sums.get(one.id, 0)))
    follows = {minor for _on, minor in opened}
    reached = {minor for _on, minor in closed}
    for before in closed:
        for after in opened:
            if before[0] <= after[0] and before[1] not in follows and after[1] not in reached:
                yield before, after


def _balances(programme_id: uuid.UUID) -> dict[date, int]:
    rows = select(BankBalance.on, BankBalance.amount_minor).filter_by(programme_id=programme_id)
    return {on: int(minor) for on, minor in db.session.execute(rows)}


def _moves(programme_id: uuid.UUID) -> list[Move]:
    rows = select(BankEntry.booked_on, BankEntry.amount_minor).filter_by(programme_id=programme_id)
    return [(on, int(minor)) for on, minor in db.session.execute(rows)]


def _before(programme: Programme, span: Span, told: dict[date, int], moves: Sequence[Move]) -> str | None:
    """A file of a day that is known in part goes on from the balance of that part, or tells the whole day again."""
    if span.opening_minor is None or told.get(span.from_on) == span.opening_minor:
        return None
    days = [on for on in told if on < span.from_on]
    if days:
        last = max(days)
        closing = told[last] + sum(minor for on, minor in moves if last < on < span.from_on)
    else:
        last, found = span.from_on, _opened_with(programme.id, span.from_on, told, moves)
        if found is None:
            return None
        closing = found
    if closing == span.opening_minor:
        return None
    if span.from_on in told:  # the newest of the same day
        last, closing = span.from_on, told[span.from_on]
    return _(
        "Opening balance %(opening)s does not follow the closing balance %(closing)s of %(day)s: "
        "a statement is missing.",
        opening=format.money(Money(span.opening_minor, programme.currency)),
        closing=format.money(Money(closing, programme.currency)),
        day=format.day(last),
    )


def _opened_with(programme_id: uuid.UUID, on: date, told: dict[date, int], moves: Sequence[Move]) -> int | None:
    """What was on the account before the day `on` when the oldest statement that is known speaks of that day too."""
    reaching = select(BankStatement.id).where(
        BankStatement.programme_id == programme_id,
        BankStatement.state != BankStatementState.VOIDED,
        BankStatement.from_on <= on,
        BankStatement.to_on >= on,
    )
    if not told or db.session.scalar(reaching.limit(1)) is None:
        return None
    first = min(told)
    return told[first] - sum(minor for day, minor in moves if on <= day <= first)


def _after(programme: Programme, reported: Reported, known: dict[date, int], moves: Sequence[Move]) -> str | None:
    """A file of days before those that are known must lead to what came after it."""
    last = max(reported.spans, key=lambda one: one.to_on, default=None)
    if last is None or last.closing_minor is None:
        return None
    later = [on for on in known if on > last.to_on]
    if not later:
        return None
    then = min(later)
    opened = known[then] - sum(minor for on, minor in moves if last.to_on < on <= then)
    if opened == last.closing_minor:
        return None
    return _(
        "Closing balance %(closing)s of %(day)s does not lead to the statement after it, which opens with "
        "%(opening)s: a statement is missing.",
        closing=format.money(Money(last.closing_minor, programme.currency)),
        opening=format.money(Money(opened, programme.currency)),
        day=format.day(last.to_on),
    )
