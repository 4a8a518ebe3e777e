"""What must be true between the books and the bank. Each function yields a line per fault."""

import uuid
from collections.abc import Iterator

from sqlalchemy import func, select

from app.bank.models import BankEntry, BankMatch, BatchPayment, PaymentBatch
from app.bank.reconciling import DAYS_WITHOUT, days, newest_days
from app.bank.states import EntryState, PaymentBatchState
from app.extensions import db
from app.ledger.checking import of_bond


def portal_equals_bank(bond: uuid.UUID | None = None) -> Iterator[str]:
    """On the newest day that the bank reported, every cent between bank and books is a line or a payment underway."""
    for day in newest_days() if bond is None else days(bond, newest=1):
        if not day.is_sound:
            on, bank = day.balance.on, day.balance.amount_minor
            between = f"arrived {day.arrived}, leaving {day.leaving}, gone {day.gone}, on no line {day.rest}"
            between += "".join(f"; line {line.reference} of {line.booked_on} is no payment" for line in day.left)
            yield f"bond {day.balance.programme_id}: on {on} the bank has {bank}, the books {day.books}; {between}"


def nothing_waits_too_long(bond: uuid.UUID | None = None) -> Iterator[str]:
    """What is on its way explains a difference for `DAYS_WITHOUT` days: a line that nobody matched, or a payment that
    never left, for longer is forgotten. The same rule as on the page of the balances; without a statement nobody
    knows what the bank did."""
    for day in newest_days() if bond is None else days(bond, newest=1):
        if day.late:
            yield f"bond {day.balance.programme_id}: {day.late} waits for longer than {DAYS_WITHOUT} days at the bank"


def every_matched_line_adds_up(bond: uuid.UUID | None = None) -> Iterator[str]:
    """A matched line is matched for exactly its amount, any other for nothing."""
    matched = func.coalesce(func.sum(BankMatch.amount_minor), 0)
    found = select(BankEntry.id, BankEntry.state, BankEntry.amount_minor, matched).outerjoin(BankMatch)
    found = of_bond(found, BankEntry.programme_id, bond)
    for id, state, amount, sum_minor in db.session.execute(found.group_by(BankEntry.id)):
        if int(sum_minor) != (abs(amount) if state == EntryState.MATCHED else 0):
            yield f"line {id} of the bank: {amount}, but matched for {sum_minor}"


def every_batch_adds_up(bond: uuid.UUID | None = None) -> Iterator[str]:
    """A batch is the sum of its payments, and holds them unless it was rejected."""
    total = func.coalesce(func.sum(BatchPayment.amount_minor), 0)
    counts = func.count(BatchPayment.held_id), func.count(BatchPayment.id)
    found = select(PaymentBatch.id, PaymentBatch.state, PaymentBatch.amount_minor, total, *counts)
    found = of_bond(found.outerjoin(BatchPayment), PaymentBatch.programme_id, bond)
    rows = db.session.execute(found.group_by(PaymentBatch.id))
    for id, state, amount, sum_minor, held, all_of_them in rows:
        expected = 0 if state == PaymentBatchState.REJECTED else all_of_them
        if int(sum_minor) != amount or held != expected:
            yield f"batch {id}: {amount}, its payments {sum_minor}, of which {held} of {all_of_them} held"
