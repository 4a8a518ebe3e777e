"""What must be so at the bank before a bond can be closed."""

from collections.abc import Iterator
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.bank.at_bank import is_read, unpaid_minor
from app.bank.models import BankEntry, BankMatch, PaymentBatch
from app.bank.notices import why_unexplained
from app.bank.queries import how_many_open
from app.bank.reconciling import days
from app.bank.slip import ChargeSlip
from app.bank.states import PaymentBatchState, SlipState
from app.core import clock
from app.core.format import day
from app.extensions import db
from app.ledger.checking import faults_of
from app.programmes.models import Programme
from app.treasury.closing_checks import Check
from app.treasury.models import CostPayment, DistributionPart
from app.treasury.remittance import RemittancePart
from app.treasury.returned import ReturnedPayment

# The bank of the receiver sends a payment back within three banking days (SEPA Credit Transfer rulebook, "return").
RETURN_DAYS = 3
PAYMENTS = [one.__tablename__ for one in (CostPayment, DistributionPart, RemittancePart, ReturnedPayment)]


def checks(programme: Programme) -> Iterator[Check]:
    waiting = select(PaymentBatch.id).filter_by(programme_id=programme.id, state=PaymentBatchState.PREPARED)
    decided = db.session.scalar(waiting.limit(1)) is None
    yield Check(_("No payment batch waits for a second person"), decided, "bank.index")
    slips = select(ChargeSlip.id).filter_by(programme_id=programme.id, state=SlipState.PREPARED)
    booked = db.session.scalar(slips.limit(1)) is None
    yield Check(_("No costs of the bank wait for a second person"), booked, "bank.charges")
    yield Check(_("Every line of the bank is matched or set aside"), not how_many_open(programme), "bank.work_list")
    if is_read(programme.id):  # of a bond whose bank is not read nobody here knows it
        gone = not unpaid_minor(programme.id)
        yield Check(_("Every approved payment was carried out by the bank"), gone, "bank.index")
    newest = next(iter(days(programme.id, newest=1)), None)
    if newest is not None:  # a bond without statements of the bank is closed by its books
        empty = newest.balance.amount_minor == 0
        yield Check(_("The newest statement of the bank shows an empty account"), empty, "bank.balances")
    until = returns_until(programme)
    if until is not None:
        over = clock.today() > until and newest is not None and newest.balance.on >= until
        waits = _("It waits for a statement of the bank up to %(day)s, read in after it.", day=day(until))
        yield Check(_("No bank can send a payment back any more"), over, "bank.balances", "" if over else waits)
    told = faults_of(programme.id)
    note = " ".join(why_unexplained(newest)) if newest is not None else ""
    yield Check(_("The check of the books holds"), not told, "reports.books", note)


def returns_until(programme: Programme) -> date | None:
    """The last day on which a payment that left may come back, such as VAT: in a closed bond nobody could book it, pay
    it again or be asked to. None where no line of the bank shows a payment."""
    found = select(func.max(BankEntry.booked_on)).join(BankMatch)
    found = found.where(BankEntry.programme_id == programme.id, BankEntry.amount_minor < 0)
    left_on: date | None = db.session.scalar(found.where(BankMatch.cause_type.in_(PAYMENTS)))
    if left_on is None:
        return None
    until = left_on
    while clock.working_days(left_on, until, programme.jurisdiction) < RETURN_DAYS:
        until += timedelta(days=1)
    return until
