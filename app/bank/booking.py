"""Lines of the bank that the desk did not know of: what the bank took or paid itself, and payments that came back."""

import uuid

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.bank.expecting import Expected, all_expected
from app.bank.models import BankEntry, BankMatch
from app.bank.states import ENTRY_FLOW
from app.core.errors import Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import User
from app.treasury.charge import BankCharge
from app.treasury.charge_operations import book_charge
from app.treasury.returned import ReturnedPayment
from app.treasury.returned_operations import book_return
from app.treasury.states import ChargeKind


@operation
def charge_line(line: BankEntry, description: str, *, actor: User, once: uuid.UUID) -> BankCharge:
    """The line is costs of the bank (it went out) or interest (it came in): booked on its day, and matched with it."""
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_MATCH)
    kind = ChargeKind.INTEREST if line.amount_minor > 0 else ChargeKind.COSTS
    made = book_charge(
        line.programme, kind, abs(line.amount_minor), line.booked_on, description, actor=actor, once=once
    )
    _match(line, made, actor)
    return made


def _match(line: BankEntry, cause: BankCharge | ReturnedPayment, actor: User) -> None:
    line.refused_because = ""
    db.session.add(
        BankMatch(entry=line, cause_type=cause.__tablename__, cause_id=cause.id, amount_minor=abs(line.amount_minor))
    )
    record(Action.BANK_ENTRY_MATCH, line, actor, amount=line.amount_minor, references="", note=cause.title)


def returnable(line: BankEntry) -> list[Expected]:
    """Payments to organisations of the portal that may have come back with this line: of the same amount, once."""
    everything = all_expected(line.programme)
    back = {one.cause.cause_id for one in everything if isinstance(one.cause, ReturnedPayment)}
    return [
        one
        for one in everything
        if one.amount_minor == -line.amount_minor < 0 and one.id not in back and _went_out(one)
    ]


def _went_out(one: Expected) -> bool:
    if isinstance(one.cause, ReturnedPayment):
        return one.cause.repaid_at is not None
    return getattr(one.cause, "organisation", None) is not None


@operation
def return_line(
    line: BankEntry, paid: Expected | None, reason: str, *, actor: User, once: uuid.UUID
) -> ReturnedPayment:
    """The line is a payment that came back: its posting is reversed, and it goes back to what is to be paid."""
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_MATCH)
    if paid is None or paid.id not in {one.id for one in returnable(line)}:
        raise Refused(_("Choose the payment that came back."), "cause")
    made = book_return(
        line.programme,
        paid.cause,
        paid.cause.organisation,
        line.amount_minor,
        line.booked_on,
        reason,
        actor=actor,
        once=once,
    )
    _match(line, made, actor)
    return made
