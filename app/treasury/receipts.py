"""What comes in, checked and booked: a payment of a municipality, the day of capital. Called by the operation that
receives it."""

import uuid
from datetime import date, timedelta

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotNow, Refused
from app.ledger import posting
from app.ledger.balances import balances
from app.ledger.models import AccountKind, Transfer
from app.people.models import User
from app.programmes.models import Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.treasury import notices
from app.treasury.in_parts import in_part
from app.treasury.models import CapitalCallPart
from app.treasury.plan import last_distribution


def booking_day(programme: Programme, on: date) -> date:
    """The day with which capital that came in on `on` is booked: its own, or the day after the last distribution. The
    order of payment looks at who had paid in by then; history must not change under a distribution. Not now while that
    day is still to come.
    """
    last = last_distribution(programme)
    if last is None or on > last.on:
        return on
    first = last.on + timedelta(days=1)
    if bookable_from(programme) is not None:
        facts = {"made": notices.day(last.on), "day": notices.day(first)}
        raise NotNow(_("A distribution was made on %(made)s: this capital can be booked from %(day)s on.", **facts))
    return first


def bookable_from(programme: Programme) -> date | None:
    """The day from which capital can be booked, where that is still to come: a distribution was made today."""
    last = last_distribution(programme)
    return last.on + timedelta(days=1) if last is not None and last.on >= clock.today() else None


def part_of(asked: CapitalCallPart, amount_minor: int, id: uuid.UUID) -> CapitalCallPart:
    """What `amount_minor` of a part of a capital call is, as of anything that comes in in parts (`in_part`)."""

    def split_off() -> CapitalCallPart:
        return CapitalCallPart(
            id=id,
            capital_call=asked.capital_call,
            commitment_id=asked.commitment_id,
            organisation=asked.organisation,
            amount_minor=amount_minor,
            reference=asked.reference,
            paid_of_id=asked.id,
        )

    return in_part(asked, amount_minor, asked.capital_call.programme, split_off)


def check_amount(statement: Statement, amount_minor: int) -> None:
    """Refused when it is more than is still to be paid, or nothing (minor units)."""
    left = statement.outstanding_minor
    if amount_minor > left:
        owed = notices.shown(left, statement.settlement.programme)
        told = _("Of this statement %(amount)s is still to be paid, no more.", amount=owed)
        apart = _("Book that here, and what the bank shows above it as money that nobody asked for.")
        raise Refused(f"{told} {apart}", "amount")
    if left and amount_minor <= 0:
        raise Refused(_("Give the amount that came in."), "amount")


def book_receipt(statement: Statement, amount_minor: int, on: date, actor: User, once: uuid.UUID) -> Transfer:
    """BANK debit, RECEIVABLE of the municipality credit; the payment and its transfer share the id `once`."""
    programme = statement.settlement.programme
    owed = balances(programme.id, AccountKind.RECEIVABLE).get((AccountKind.RECEIVABLE, statement.payer_id), 0)
    if owed < amount_minor:
        raise posting.BookFault(f"statement {statement.reference} was approved without being booked as owed")
    statement.payments.append(StatementPayment(id=once, amount_minor=amount_minor, received_on=on))
    return posting.post(
        posting.account(programme.id, AccountKind.BANK, None, programme.currency),
        posting.account(programme.id, AccountKind.RECEIVABLE, statement.payer_id, programme.currency),
        amount_minor,
        statement,
        entered_by=actor,
        once=once,
        reference=statement.reference,
    )
