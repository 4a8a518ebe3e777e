"""Accounts are named and confirmed, batches go to the bank, and the bank says what came in and went out."""

import csv
import io
import uuid
from datetime import date, timedelta
from typing import Any

from schwifty import IBAN
from sqlalchemy import select

from app.bank import accounts, batches, booking, importing, matching, queries
from app.bank.expecting import expected
from app.bank.models import BankEntry
from app.bank.slip_operations import SlipFacts, prepare_charge, reject_charge
from app.bank.taken_back_operations import prepare_take_back, reject_take_back, why_not_taken_back
from app.core import clock
from app.demonstration.award import PAPER
from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.programmes.models import Programme
from app.treasury import other_receipt_operations as receipts
from app.treasury.models import CapitalCall
from app.treasury.states import ChargeKind, OtherReceiptKind

# (person, organisation, holder): each names the account of the own organisation.
HOLDERS = (
    ("provider", "bridge", "Stichting De Brugslag"),
    ("partner", "home", "Thuishaven Twente"),
    ("investor", "fund", "Twents Fonds voor Kansen"),
    ("investor2", "bank", "Oosterbank Maatschappelijk"),
)
# What the bank took by mistake and gave back the same day (minor units).
OWN_BANK = "Betaalbank voor de demonstratie"
CHARGED = {"Kosten van de rekening": -1_250, "Teruggave van kosten": 1_250}


def name_accounts(offset: int, cast: Cast, when: Timeline) -> None:
    """Named by their holders, confirmed over the telephone a day later; in use when the waiting time is over."""
    for number, (person, organisation, holder) in enumerate(HOLDERS, start=1):
        with when.at(offset):
            named = accounts.name_account(
                cast.organisation(organisation), holder, _iban(number), actor=cast.user(person), once=uuid.uuid4()
            )
        with when.at(offset + 1):
            accounts.confirm_account(
                named, accounts.code_of(named), f"{holder}, 053 555 01 0{number}", actor=cast.user("treasurer")
            )


def name_another(offset: int, cast: Cast, when: Timeline) -> None:
    """Still to be confirmed."""
    with when.at(offset):
        accounts.name_account(
            cast.organisation("home"), "Thuishaven Twente", _iban(9), actor=cast.user("partner"), once=uuid.uuid4()
        )


def _iban(number: int) -> str:
    """No bank has given these out; the check digits fit."""
    return str(IBAN.generate("NL", bank_code="INGB", account_code=str(number)).compact)


def pay_batch(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """Everything that was approved and has an account, in one batch: made by one, let go by another."""
    with when.at(offset):
        chosen = [one.id for one in batches.payable(programme) if one.can_go]
        batch = batches.prepare_batch(
            programme, chosen, _working(when.day(offset + 1)), actor=cast.user("treasurer"), once=uuid.uuid4()
        )
    with when.at(offset, 16):
        batches.approve_batch(batch, actor=cast.user("intermediary"))


def _working(day: date) -> date:
    while not clock.is_working_day(day, "NL"):
        day += timedelta(days=1)
    return day


def leave_to_the_statement(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """Costs that were prepared with the bank's own document, before a statement came in that says the same."""
    facts = SlipFacts(ChargeKind.COSTS, 1_250, when.day(offset - 1), "Kosten betaalrekening", PAPER)
    with when.at(offset):
        slip = prepare_charge(programme, facts, actor=cast.user("treasurer"), once=uuid.uuid4())
    with when.at(offset, 16):
        reject_charge(slip, "Het staat op het afschrift dat we inlezen.", actor=cast.user("intermediary"))


def take_back_a_receipt(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """Booked by hand for this bond, and found to be of another one: taken back by two people."""
    provider, words = cast.organisation("bridge"), "Terugbetaling van De Brugslag"
    with when.at(offset, 14):
        facts: Any = (OtherReceiptKind.COSTS_BACK, provider, 12_500, when.day(offset), words)
        made = receipts.book_other_receipt(programme, *facts, actor=cast.user("treasurer"), once=uuid.uuid4())
    with when.at(offset, 15):
        receipts.propose_reversal(made, "Dit geld was voor een andere SIB.", actor=cast.user("treasurer"))
    with when.at(offset, 16):
        booking.reverse_other_receipt(made, actor=cast.user("intermediary"))


def import_statement(programme: Programme, asked: CapitalCall, offset: int, cast: Cast, when: Timeline) -> None:
    """All that moved until then, and money of an investor that wrote another reference: it stays on the work list."""
    with when.at(offset):
        lines = [
            (one.received_on, one.amount_minor, one.party, one.reference)
            for one in expected(programme)
            if one.received_on is not None
        ]
        for batch in queries.batches(programme):
            lines.append((batch.execution_on, -batch.amount_minor, "Verzamelbetaling", batch.reference))
        part = asked.parts[0]
        lines.append((when.day(offset), part.amount_minor, part.organisation.name, "inleg tweede half jaar"))
        lines += [(when.day(offset), minor, OWN_BANK, words) for words, minor in CHARGED.items()]
        content = _table(sorted(lines, key=lambda line: (line[0], line[3])))
        importing.import_statement(
            programme, content, "rekening-sib.csv", actor=cast.user("treasurer"), once=uuid.uuid4()
        )
        matching.match_open(programme, actor=cast.user("treasurer"))
        for line in db.session.scalars(select(BankEntry).filter_by(programme_id=programme.id, name=OWN_BANK)):
            booking.charge_line(line, line.text, actor=cast.user("treasurer"), once=uuid.uuid4())


def leave_a_receipt_as_it_is(programme: Programme, offset: int, cast: Cast, when: Timeline) -> None:
    """Somebody doubts what a line of the bank was matched with; a second person does not."""
    found = select(BankEntry).filter_by(programme_id=programme.id).order_by(BankEntry.booked_on.desc())
    lines = db.session.scalars(found.where(BankEntry.amount_minor > 0)).unique()
    line = next(one for one in lines if why_not_taken_back(one) is None)
    with when.at(offset, 15):
        doubt = "De naam van de betaler staat anders op het afschrift."
        back = prepare_take_back(line, None, doubt, actor=cast.user("treasurer"), once=uuid.uuid4())
    with when.at(offset, 16):
        reject_take_back(back, "Gebeld: het is dezelfde betaler.", actor=cast.user("intermediary"))


def _table(lines: list[tuple[date, int, str, str]]) -> bytes:
    written, balance = io.StringIO(), 0
    table = csv.writer(written, delimiter=";")
    table.writerow(["date", "amount", "name", "description", "reference", "balance"])
    for number, (day, minor, name, text) in enumerate(lines, start=1):
        balance += minor
        table.writerow([day, _major(minor), name, text, f"{day.year}-{number:05d}", _major(balance)])
    return written.getvalue().encode()


def _major(minor: int) -> str:
    return f"{'-' if minor < 0 else ''}{abs(minor) // 100}.{abs(minor) % 100:02d}"
