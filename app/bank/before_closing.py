"""What must be so at the bank before a bond can be closed."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select

from app.bank.at_bank import is_read, unpaid_minor
from app.bank.models import PaymentBatch
from app.bank.notices import left_without_payment
from app.bank.queries import how_many_open
from app.bank.reconciling import days
from app.bank.slip import ChargeSlip
from app.bank.states import PaymentBatchState, SlipState
from app.extensions import db
from app.ledger.checking import faults_of
from app.programmes.models import Programme
from app.treasury.closing_checks import Check


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
    told = faults_of(programme.id)
    note = " ".join(left_without_payment(newest)) if newest is not None else ""
    yield Check(_("The check of the books holds"), not told, "reports.books", note)
