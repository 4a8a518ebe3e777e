"""Lines of the bank that the desk did not know of: what the bank took or paid itself, and payments that came back."""

import re
import uuid
from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.bank.expecting import Expected, all_expected
from app.bank.matching import came_back, named_by, names
from app.bank.models import BankEntry, BankMatch, PayoutAccount
from app.bank.states import ENTRY_FLOW
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Party, Programme
from app.settlement.models import Statement
from app.settlement.payment_models import StatementPayment
from app.settlement.queries import in_order
from app.settlement.reference import grouped
from app.settlement.states import OWED
from app.treasury import charge_operations, other_receipt_operations
from app.treasury import operations as treasury
from app.treasury.charge import BankCharge
from app.treasury.models import CapitalCall, CapitalCallPart, CostPayment, DistributionPart
from app.treasury.other_receipt import OtherReceipt
from app.treasury.other_receipt_operations import book_other_receipt
from app.treasury.remittance import RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.returned_operations import book_return
from app.treasury.states import CapitalCallState, ChargeKind, OtherReceiptKind, OtherReceiptState


@operation
def charge_line(line: BankEntry, description: str, *, actor: User, once: uuid.UUID) -> BankCharge:
    """The line is costs of the bank (it went out) or interest (it came in): booked on its day, and matched with it.
    Not now for a line that names something else, or another party than the bank."""
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_MATCH)
    expect_of_the_bank(line)
    kind = ChargeKind.INTEREST if line.amount_minor > 0 else ChargeKind.COSTS
    made = charge_operations.book_charge(
        line.programme, kind, abs(line.amount_minor), line.booked_on, description, actor=actor, once=once
    )
    _match(line, made, actor)
    return made


def expect_of_the_bank(line: BankEntry) -> None:
    reason = why_not_of_the_bank(
        line, all_expected(line.programme), known_signs(line.programme), own_iban(line.programme)
    )
    if reason is not None:
        raise NotNow(reason)


def known_signs(programme: Programme) -> set[str]:
    """By which a line of a party of the bond is known: its name, and the accounts that it named."""
    rows = select(Organisation.name, PayoutAccount.iban).join(Party, Party.organisation_id == Organisation.id)
    rows = rows.outerjoin(PayoutAccount, PayoutAccount.organisation_id == Organisation.id)
    found = db.session.execute(rows.where(Party.programme_id == programme.id))
    return {sign.casefold() for row in found for sign in row if sign}


def own_iban(programme: Programme) -> str:
    return programme.account.iban if programme.account is not None else ""


def why_not_of_the_bank(
    line: BankEntry, everything: Sequence[Expected], signs: Collection[str], own: str
) -> str | None:
    """Why the line can be neither costs of the bank nor interest: it names what a party pays or is paid, or is of a
    party, or of another bank than the one that keeps the account of the bond (`own`: its IBAN)."""
    named = named_by(line, everything) or (came_back(line, everything) if line.amount_minor > 0 else [])
    if named:
        return _("This line names %(party)s, so it is not the bank's own.", party=named[0].party)
    if {line.name.casefold(), line.iban.casefold()} & set(signs):
        return _("This line is of a party of the bond, not of the bank.")
    if own and line.iban and _bank_of(line.iban) != _bank_of(own):
        return _("The other account of this line is at another bank than that of the bond.")
    return None


def _bank_of(iban: str) -> str:
    """Country and bank; the whole of it where the number is no IBAN."""
    from schwifty import IBAN

    found = IBAN(iban, allow_invalid=True)
    return f"{found.country_code}{found.bank_code}" if found.is_valid else iban


def _match(
    line: BankEntry, cause: BankCharge | ReturnedPayment | OtherReceipt, actor: User, part_minor: int | None = None
) -> None:
    """`part_minor`: so much of the line; none: all of it."""
    line.refused_because = ""
    amount = abs(line.amount_minor) if part_minor is None else part_minor
    db.session.add(BankMatch(entry=line, cause_type=cause.__tablename__, cause_id=cause.id, amount_minor=amount))
    record(Action.BANK_ENTRY_MATCH, line, actor, amount=line.amount_minor, references="", note=cause.title)


def returnable(line: BankEntry) -> list[Expected]:
    """Payments that may have come back with this line: of the same amount, once."""
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
    return isinstance(one.cause, CostPayment | DistributionPart | RemittancePart)


@operation
def book_other_line(
    line: BankEntry,
    kind: OtherReceiptKind,
    organisation: Organisation | None,
    pays: Sequence[Statement],
    description: str,
    *,
    actor: User,
    once: uuid.UUID,
) -> OtherReceipt:
    """The line is money that nobody asked for, wholly or in part: of a municipality first `pays` the statements that it
    was meant for, in full (none chosen: what it owes, as far as the line reaches), of an investor the capital that was
    called; the rest is owed to whoever paid. Refused where nothing is left over."""
    ENTRY_FLOW.advance(line, Action.BANK_ENTRY_MATCH)
    if kind == OtherReceiptKind.OVERPAID and organisation is not None and not pays:
        pays = _owed_first(line, organisation)
    if any(one.payer_id != (organisation.id if organisation else None) for one in pays):
        raise Refused(_("Choose statements of the municipality that paid."), "pays")
    asked = [(one, one.outstanding_minor) for one in pays]
    capital = _capital_first(line, organisation) if kind == OtherReceiptKind.OVERPAID else []
    rest = line.amount_minor - sum(minor for _statement, minor in asked) - sum(one.amount_minor for one in capital)
    if rest <= 0:
        raise Refused(_("Nothing is left over: match the line with these statements instead."), "pays")
    line.refused_because = ""
    for statement, minor in asked:
        id = uuid.uuid5(once, statement.reference)
        treasury.receive_payment(statement, line.booked_on, minor, actor=actor, once=id)
        paid = {"cause_type": StatementPayment.__tablename__, "cause_id": id, "amount_minor": minor}
        db.session.add(BankMatch(entry=line, **paid))
    for part in capital:
        treasury.receive_capital(part, line.booked_on, actor=actor)
        came = {"cause_type": CapitalCallPart.__tablename__, "cause_id": part.id, "amount_minor": part.amount_minor}
        db.session.add(BankMatch(entry=line, **came))
    made = book_other_receipt(
        line.programme, kind, organisation, rest, line.booked_on, description, actor=actor, once=once
    )
    _match(line, made, actor, rest)
    return made


def _owed_first(line: BankEntry, organisation: Organisation) -> list[Statement]:
    """Who owes money to the bond is owed none by it: what the municipality still has to pay comes first. Refused where
    all of the line is but a part of that."""
    owes = [one for one in payable_statements(line) if one.payer_id == organisation.id]
    found, left = [], line.amount_minor
    for statement in owes:
        if statement.outstanding_minor < left:
            found.append(statement)
            left -= statement.outstanding_minor
    if owes and not found:
        of = grouped(owes[0].reference)
        raise Refused(_("It still owes statement %(reference)s: match the line with that.", reference=of), "source")
    return found


def _capital_first(line: BankEntry, organisation: Organisation | None) -> list[CapitalCallPart]:
    """The parts of an investor that the line pays whole, the first that was due first. Refused where all of the line is
    but one of them, or less."""
    waits = select(CapitalCallPart).join(CapitalCall).where(CapitalCall.programme_id == line.programme_id)
    waits = waits.where(CapitalCall.state == CapitalCallState.CALLED, CapitalCallPart.received_on.is_(None))
    waits = waits.where(CapitalCallPart.organisation_id == (organisation.id if organisation else None))
    rows = db.session.scalars(waits.order_by(CapitalCall.due_on, CapitalCall.number, CapitalCallPart.reference))
    owes, found, left = rows.unique().all(), [], line.amount_minor
    for part in owes:
        if part.amount_minor <= left:
            found.append(part)
            left -= part.amount_minor
    if owes and not (found and left):
        of = owes[0].reference
        raise Refused(_("It still owes %(of)s of a capital call: match the line with that.", of=of), "source")
    return found


def payable_statements(line: BankEntry) -> list[Statement]:
    """What municipalities still have to pay and had approved by then, oldest first."""
    found = select(Statement).filter_by(programme_id=line.programme_id).where(Statement.state.in_(OWED))
    rows = db.session.scalars(in_order(found)).unique()
    return [
        one
        for one in rows
        if one.is_payable
        and one.outstanding_minor > 0
        and (one.approved_at is None or clock.day_of(one.approved_at) <= line.booked_on)
    ]


def is_meant(line: BankEntry, statement: Statement) -> bool:
    """The line names the statement, or the invoice for it."""
    words = f" {line.end_to_end} {line.text} "
    numbers = [one.number for one in statement.invoices]
    if names(line, statement.reference):
        return True
    return any(re.search(rf"(?<![0-9A-Z]){re.escape(number)}(?![0-9])", words, re.IGNORECASE) for number in numbers)


@operation
def reverse_charge(charge: BankCharge, reason: str, *, actor: User, version: int | None = None) -> None:
    """The line was something else: the books take it back, and the line goes back to the work list."""
    charge_operations.reverse_charge(charge, reason, actor=actor, version=version)
    for match in db.session.scalars(select(BankMatch).filter_by(cause_id=charge.id)):
        ENTRY_FLOW.advance(match.entry, Action.CHARGE_REVERSE)
        db.session.delete(match)


def why_not_reversed(receipt: OtherReceipt) -> str | None:
    """Why what was booked cannot be taken back: the money is not there any more, or the rest of its line of the bank
    paid a statement, which stands."""
    lines = select(BankMatch.entry_id).filter_by(cause_id=receipt.id)
    beside = select(BankMatch.id).where(BankMatch.entry_id.in_(lines), BankMatch.cause_id != receipt.id)
    if db.session.scalar(beside.limit(1)) is not None:
        return _("The rest of its line of the bank paid a statement, which stands: set it off or pay it back instead.")
    return other_receipt_operations.why_not_there(receipt)


@operation
def reverse_other_receipt(receipt: OtherReceipt, *, actor: User, version: int | None = None) -> None:
    """A second person agrees that it was booked wrongly: its line of the bank goes back to the work list."""
    reason = why_not_reversed(receipt)
    if reason is not None and receipt.state == OtherReceiptState.REVERSING:
        raise NotNow(reason)
    other_receipt_operations.reverse_other_receipt(receipt, actor=actor, version=version)
    for match in db.session.scalars(select(BankMatch).filter_by(cause_id=receipt.id)):
        ENTRY_FLOW.advance(match.entry, Action.OTHER_RECEIPT_REVERSE)
        db.session.delete(match)


@operation
def return_line(
    line: BankEntry, paid: Expected | None, reason: str, *, actor: User, once: uuid.UUID
) -> ReturnedPayment:
    """The line is a payment that came back: its posting is reversed, and it goes back to what is to be paid; to who is
    no party of the portal (VAT, the guarantor) it is owed again."""
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
