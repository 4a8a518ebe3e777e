"""The balance of the bank beside that of the books, day by day; what lies between them is named."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import false, func, select

from app.bank.expecting import Expected, expected, never_came, taken_by_the_bank
from app.bank.models import BankBalance, BankEntry
from app.bank.sent_back import sent_back
from app.bank.states import EntryState
from app.core import clock
from app.extensions import db
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury.charge import BankCharge
from app.treasury.credits import set_offs
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, Distribution
from app.treasury.other_receipt import OtherReceipt
from app.treasury.remittance import Remittance
from app.treasury.returned import ReturnedPayment
from app.treasury.states import ChargeKind, PaymentState

DAYS_WITHOUT = 5  # a weekend and two holidays; longer without a statement, and nobody looked


@dataclass(frozen=True, slots=True)
class Day:
    """One day, in minor units. `arrived`: on the bank, not booked here by then (below zero: booked here, never
    arrived). `leaving`: booked here as paid, not yet gone from the bank (below zero: gone without a payment). `gone`:
    lines that went out and that nobody matched: money that left without a cause, which no payment underway explains."""

    balance: BankBalance
    books: int
    arrived: int
    leaving: int
    gone: int = 0
    left: tuple[BankEntry, ...] = ()  # the lines of `gone`
    late_lines: int = 0  # what waits longer than `DAYS_WITHOUT` by now, no more on its way but forgotten: on the list
    late_payments: int = 0  # and what never left

    @property
    def late(self) -> int:
        return self.late_lines + self.late_payments

    @property
    def difference(self) -> int:
        return self.balance.amount_minor - self.books

    @property
    def coming(self) -> int:
        """Of the difference what is explained: lines that came in and wait to be booked."""
        return max(self.arrived, 0)

    @property
    def going(self) -> int:
        """And what was approved and is underway."""
        return max(self.leaving, 0)

    @property
    def unexplained(self) -> int:
        """The difference but for what is on its way: the one answer of every page. It is the sum of `unshown`, `early`,
        `rest` and, below zero, `gone`."""
        return self.difference - self.coming - self.going

    @property
    def unshown(self) -> int:
        """At most zero: booked here as received, on no line of the bank."""
        return min(self.arrived, 0)

    @property
    def early(self) -> int:
        """At most zero: gone from the bank before it was approved here."""
        return min(self.leaving, 0)

    @property
    def rest(self) -> int:
        """What the lines of the bank do not account for: a statement is missing, or one too many was made up."""
        return self.difference - self.arrived - self.leaving + self.gone

    @property
    def is_sound(self) -> bool:
        return not (self.rest or self.unshown or self.early or self.gone)


Move = tuple[date, int]


def days(programme_id: uuid.UUID, newest: int = 60) -> list[Day]:
    """The days of which the bank gave a balance, newest first."""
    found = select(BankBalance).filter_by(programme_id=programme_id).order_by(BankBalance.on.desc()).limit(newest)
    balances = db.session.scalars(found).unique().all()
    if not balances:
        return []
    received, paid, lines = receipts(programme_id), payments(programme_id), _lines(programme_id)
    back = [out for _came, out in sent_back(programme_id)]  # from then on neither it nor what it sent back is there
    none = [(out.booked_on, out.amount_minor) for out in back]
    came = [(on, minor) for on, minor in lines if minor > 0] + none
    went = [(on, -minor) for on, minor in lines if minor < 0] + none
    on_list = _moves(
        select(BankEntry.booked_on, BankEntry.amount_minor).filter_by(programme_id=programme_id, state=EntryState.OPEN)
    )
    unmatched = select(BankEntry).filter_by(programme_id=programme_id).where(BankEntry.amount_minor < 0)
    unmatched = unmatched.where(BankEntry.state != EntryState.MATCHED, BankEntry.id.not_in([out.id for out in back]))
    gone = db.session.scalars(unmatched.order_by(BankEntry.booked_on, BankEntry.position)).unique().all()
    return [_day(one, received, paid, came, went, gone, on_list) for one in balances]


def _day(
    balance: BankBalance,
    receipts: Sequence[Move],
    payments: Sequence[Move],
    came: Sequence[Move],
    went: Sequence[Move],
    gone: Sequence[BankEntry],
    on_list: Sequence[Move],
) -> Day:
    received, paid = _until(balance.on, receipts), _until(balance.on, payments)
    left = tuple(line for line in gone if line.booked_on <= balance.on)
    unbooked = -sum(line.amount_minor for line in left)
    long_ago = min(balance.on, clock.today() - timedelta(days=DAYS_WITHOUT))
    not_gone = max(0, _until(long_ago, payments) - _until(balance.on, went))
    return Day(
        balance=balance,
        books=received - paid,
        arrived=_until(balance.on, came) - received,
        leaving=paid - _until(balance.on, went) + unbooked,
        gone=unbooked,
        left=left,
        late_lines=sum(abs(minor) for on, minor in on_list if on <= long_ago),
        late_payments=not_gone,
    )


def _until(on: date, moves: Iterable[Move]) -> int:
    return sum(minor for day, minor in moves if day <= on)


def never_shown(day: Day) -> list[Expected]:
    """The receipts that were booked by then and of which no line of the bank is known, where they make it differ."""
    if not day.unshown:
        return []
    booked = [one for one in expected(day.balance.programme) if one.received_on is not None and one.amount_minor > 0]
    return [one for one in booked if one.received_on is not None and one.received_on <= day.balance.on]


def _lines(programme_id: uuid.UUID) -> list[Move]:
    found = select(BankEntry.booked_on, BankEntry.amount_minor).where(BankEntry.programme_id == programme_id)
    return _moves(found)


def receipts(programme_id: uuid.UUID) -> list[Move]:
    """What the desk booked as received, by the day on which it was on the account."""
    parts = select(CapitalCallPart.received_on, CapitalCallPart.amount_minor).join(CapitalCall)
    parts = parts.where(CapitalCall.programme_id == programme_id, CapitalCallPart.received_on.is_not(None))
    paid = select(StatementPayment.received_on, StatementPayment.amount_minor).join(Statement)
    paid = paid.where(Statement.programme_id == programme_id, StatementPayment.id.not_in(set_offs()))
    gone = taken_by_the_bank(programme_id)
    undone = [uuid.UUID(id) for one in (*gone, *never_came(programme_id)) for _table, id, _minor, _on in one.undone]
    is_undone = StatementPayment.id.in_(undone) | func.coalesce(StatementPayment.takes_back_id.in_(undone), false())
    paid = paid.where(~is_undone)
    other = select(OtherReceipt.received_on, OtherReceipt.amount_minor).filter_by(programme_id=programme_id)
    other = other.where(OtherReceipt.reversed_at.is_(None))
    guarantee = select(GuaranteeCall.received_on, GuaranteeCall.amount_minor)
    guarantee = guarantee.where(GuaranteeCall.programme_id == programme_id, GuaranteeCall.received_on.is_not(None))
    back = select(ReturnedPayment.on, ReturnedPayment.amount_minor).filter_by(programme_id=programme_id)
    interest = _charges(programme_id, ChargeKind.INTEREST)
    moves = [move for found in (parts, paid, other, guarantee, back, interest) for move in _moves(found)]
    return moves + [(one.entry.booked_on, one.amount_minor) for one in gone if one.entry is not None]


def _charges(programme_id: uuid.UUID, kind: ChargeKind) -> Any:
    """What was reversed never was: its line of the bank stands for something else."""
    found = select(BankCharge.on, BankCharge.amount_minor).filter_by(programme_id=programme_id, kind=kind)
    return found.where(BankCharge.reversed_on.is_(None))


def payments(programme_id: uuid.UUID) -> list[Move]:
    """What the desk booked as paid, by the day on which a second person approved it, or the bank took it."""
    found = _moves(_charges(programme_id, ChargeKind.COSTS))
    decided: list[Any] = [
        select(model.decided_at, model.amount_minor).filter_by(programme_id=programme_id, state=PaymentState.APPROVED)
        for model in (CostPayment, Distribution, Remittance)
    ]
    again = select(ReturnedPayment.repaid_at, ReturnedPayment.amount_minor).filter_by(programme_id=programme_id)
    for rows in (*decided, again.where(ReturnedPayment.repaid_at.is_not(None))):
        found += [(clock.day_of(at), int(minor)) for at, minor in db.session.execute(rows)]
    taken = taken_by_the_bank(programme_id)
    return found + [(one.taken_by.booked_on, one.amount_minor) for one in taken if one.taken_by is not None]


def _moves(found: Any) -> list[Move]:
    return [(on, int(minor)) for on, minor in db.session.execute(found)]


def newest_days() -> list[Day]:
    """Of every bond the newest day of which the bank gave a balance."""
    latest = select(BankBalance.programme_id).group_by(BankBalance.programme_id).order_by(func.min(BankBalance.on))
    return [day for programme_id in db.session.scalars(latest) for day in days(programme_id, newest=1)]
