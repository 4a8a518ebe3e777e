"""Accounts are named and confirmed, batches go to the bank, and the bank says what came in and went out."""

import csv
import io
import uuid
from datetime import date, timedelta

from schwifty import IBAN
from sqlalchemy import select

from app.bank import accounts, batches, booking, importing, matching, queries
from app.bank.expecting import expected
from app.bank.models import BankEntry
from app.core import clock
from app.demonstration.cast import Cast
from app.demonstration.timeline import Timeline
from app.extensions import db
from app.programmes.models import Programme
from app.treasury.models import CapitalCall

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
        chosen = [one.id for one in batches.payable(programme) if one.account is not None]
        batch = batches.prepare_batch(
            programme, chosen, _working(when.day(offset + 1)), actor=cast.user("treasurer"), once=uuid.uuid4()
        )
    with when.at(offset, 16):
        batches.approve_batch(batch, actor=cast.user("intermediary"))


def _working(day: date) -> date:
    while not clock.is_working_day(day, "NL"):
        day += timedelta(days=1)
    return day


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
