"""What the bank took or paid, booked on the day of its statement. Called by the bank's desk, which knows the lines."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import bank_minor
from app.ledger.models import AccountKind, Transfer, TransferKind
from app.people.models import User
from app.programmes.models import Programme
from app.treasury import ending_notices, notices
from app.treasury.charge import BankCharge
from app.treasury.flows import real_flows
from app.treasury.states import ChargeKind


@operation
def book_charge(
    programme: Programme,
    kind: ChargeKind,
    amount_minor: int,
    on: date,
    description: str,
    *,
    actor: User,
    once: uuid.UUID,
) -> BankCharge:
    """Costs: BANK_COSTS debit, BANK credit; interest the other way round. Refused for a day that is still to come and
    for costs above what is on the account, or was on it that day."""
    existing = db.session.get(BankCharge, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    if amount_minor <= 0:
        raise Refused(_("The amount must be above zero."), "amount")
    if on > clock.today():
        raise Refused(_("This day is still to come."), "on")
    there = bank_minor(programme.id)
    if kind == ChargeKind.COSTS and amount_minor > there:
        shown = notices.shown(there, programme)
        raise Refused(_("On the account of the bond is %(amount)s, no more.", amount=shown), "amount")
    if kind == ChargeKind.COSTS and amount_minor > (there := _least_since(programme, on)):
        shown = notices.shown(max(there, 0), programme)
        raise Refused(_("On that day or later the account of the bond held %(amount)s, no more.", amount=shown), "on")
    made = BankCharge(
        id=once, programme=programme, kind=kind, amount_minor=amount_minor, on=on, description=description
    )
    db.session.add(made)
    bank = posting.account(programme.id, AccountKind.BANK, None, programme.currency)
    costs = posting.account(programme.id, AccountKind.BANK_COSTS, None, programme.currency)
    sides = (costs, bank) if kind == ChargeKind.COSTS else (bank, costs)
    posting.post(*sides, amount_minor, made, entered_by=actor, once=uuid.uuid5(made.id, "booked"))
    record(Action.CHARGE_BOOK, made, actor, on_behalf_of=programme, kind=kind, amount=amount_minor, on=on)
    return made


@operation
def reverse_charge(charge: BankCharge, reason: str, *, actor: User, version: int | None = None) -> None:
    """It was something else: the books take it back today, by the opposite transfer. Somebody else does than who booked
    it. Not now when it was reversed already, or when interest is spent by now.

    What was distributed meanwhile stays as it was: a distribution after today reckons with the reversal.
    """
    charge.expect_version(version)
    if charge.reversed_on is not None:
        raise NotNow(_("This was reversed already."))
    if charge.kind == ChargeKind.INTEREST and charge.amount_minor > bank_minor(charge.programme_id):
        raise NotNow(_("The bank account does not hold this amount any more."))
    charge.reversed_on, charge.reversed_because = clock.today(), reason
    booked = select(Transfer).where(Transfer.cause_id == charge.id, Transfer.kind == TransferKind.POSTED)
    posting.reverse(db.session.scalars(booked).one(), charge, entered_by=actor)
    record(Action.CHARGE_REVERSE, charge, actor, kind=charge.kind, amount=charge.amount_minor, reason=reason)
    ending_notices.tell_charge_reversed(charge)


def _least_since(programme: Programme, on: date) -> int:
    """The least that was there for costs on this day and on those of later costs (minor units): a cost that is put
    before them must not take what they were paid from."""
    flows = real_flows(programme, clock.today())
    return min(flows.in_hand(day) for day in {on, *(cost.on for cost in flows.costs if cost.on > on)})
