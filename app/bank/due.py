"""What the worker does when its time has come: warn, once, of a day on which bank and books differ, of lines that stand
on the work list for long, and of a batch that the bank has not carried out."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.bank import notices
from app.bank.models import BankBalance, BankEntry, PaymentBatch
from app.bank.queries import carried_out
from app.bank.reconciling import DAYS_WITHOUT, Day, newest_days
from app.bank.states import EntryState, PaymentBatchState
from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db


def run_due() -> int:
    """How many warnings were given."""
    unsound = [day for day in newest_days() if not day.is_sound and day.balance.warned_at is None]
    for day in unsound:
        warn(day)
    since = clock.today() - timedelta(days=DAYS_WITHOUT)
    old, stuck = _old_lines(since), _stuck_batches(since)
    for lines in old:
        warn_of_lines(lines)
    for batch in stuck:
        warn_of_batch(batch)
    return len(unsound) + len(old) + len(stuck)


def _old_lines(since: date) -> list[list[uuid.UUID]]:
    """By bond, the lines that nobody matched since and of which nobody heard."""
    found = select(BankEntry.programme_id, BankEntry.id).filter_by(state=EntryState.OPEN, warned_at=None)
    lines: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for programme_id, id in db.session.execute(found.where(BankEntry.booked_on < since)):
        lines[programme_id].append(id)
    return list(lines.values())


def _stuck_batches(since: date) -> Sequence[uuid.UUID]:
    """Let go, and not all of it seen on a statement of the bank that is newer than its day."""
    reported = select(BankBalance.id).where(
        BankBalance.programme_id == PaymentBatch.programme_id, BankBalance.on >= PaymentBatch.execution_on
    )
    found = select(PaymentBatch).filter_by(state=PaymentBatchState.APPROVED, warned_at=None)
    batches = db.session.scalars(found.where(PaymentBatch.execution_on < since, reported.exists())).unique().all()
    gone = carried_out(batches)
    return [one.id for one in batches if gone[one.id][0] < gone[one.id][1]]


@housekeeping
def warn(day: Day) -> None:
    """The intermediary and the auditor of the bond hear of it; the other worker may have been first."""
    balance = db.session.get_one(BankBalance, day.balance.id)
    if balance.warned_at is None:
        balance.warned_at = clock.now()
        notices.tell_difference(day)


@housekeeping
def warn_of_lines(ids: Sequence[uuid.UUID]) -> None:
    found: Any = select(BankEntry).where(BankEntry.id.in_(ids), BankEntry.warned_at.is_(None))
    lines = list(db.session.scalars(found.order_by(BankEntry.booked_on)).unique())
    for line in lines:
        line.warned_at = clock.now()
    if lines:
        notices.tell_long_open(lines)


@housekeeping
def warn_of_batch(id: uuid.UUID) -> None:
    batch = db.session.get_one(PaymentBatch, id)
    if batch.warned_at is None:
        batch.warned_at = clock.now()
        notices.tell_not_carried_out(batch)
