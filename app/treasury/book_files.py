"""The journal and the trial balance as files: .xlsx for people who sum, .csv for other books. A file says what the page
says; amounts are numbers in major units, days are days, and text is text whatever it begins with."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import NotNow
from app.core.format import number
from app.core.money import DIGITS
from app.extensions import db
from app.ledger.hours import Turnover
from app.pricing.files.cells import guarded
from app.programmes.models import Programme
from app.treasury.holding_files import Amount, Cell, Part, workbook_of
from app.treasury.journal import Asked, Entry, Own, entries, named_to, transfers
from app.treasury.trial_balance import accounts_of_parties, lines_of

MOST = 100_000  # rows of one file; a sheet holds a million, a reader's memory less
AT_ONCE = 400


def journal_part(programme: Programme, asked: Asked, own: Own) -> Part:
    """Every transfer that the page lists, page after page. Not now where they are more than a file holds."""
    ids = list(db.session.scalars(transfers(programme, asked, own).limit(MOST + 1)))
    if len(ids) > MOST:
        raise NotNow(_("A file holds at most %(number)s transfers: choose fewer days.", number=number(MOST)))
    rows: list[Sequence[Cell]] = []
    for start in range(0, len(ids), AT_ONCE):
        for one in entries(ids[start : start + AT_ONCE]):
            rows.append(_line(one, own))
            db.session.expunge(one.transfer)  # what is written need not be kept in memory
    return Part(title=_("Journal"), head=_journal_head(), rows=rows, note=_what_counts())


def _journal_head() -> Sequence[str]:
    accounts = (_("Debit account"), _("Debit party"), _("Credit account"), _("Credit party"))
    return (_("Transfer"), _("Day"), *accounts, _("Amount"), _("Counted"), _("State"), _("Cause"), _("Reference"))


def _what_counts() -> str:
    return _("What is pending or voided moves no money: it is counted as zero and stands in no balance.")


def _line(one: Entry, own: Own) -> Sequence[Cell]:
    moved = one.transfer
    sides = [said for side in (moved.debit, moved.credit) for said in (str(side.label), named_to(own, side))]
    return (
        str(moved.id),
        clock.day_of(moved.created_at),
        *sides,
        Amount(moved.amount_minor),
        Amount(moved.amount_minor if one.counts else 0),
        one.state[0],
        str(one.cause),
        moved.reference,
    )


def trial_balance_parts(programme: Programme, on: date, own: Own) -> list[Part]:
    """By kind of account with the totals, for who reads all; then the accounts of parties, all of them."""
    columns = (_("Debit"), _("Credit"), _("Balance, debit"), _("Balance, credit"))
    parts = []
    if own is None:
        lines = lines_of(programme, on)
        rows: list[Sequence[Cell]] = [(str(one.kind.label), *_amounts(one.turnover)) for one in lines]
        rows.append((_("Total"), *_totals([one.turnover for one in lines])))
        parts.append(Part(title=_("Trial balance"), head=(_("Account"), *columns), rows=rows, note=_what_counts()))
    found: list[Sequence[Cell]] = [
        (str(account.label), account.organisation.name if account.organisation else "", *_amounts(turnover))
        for account, turnover in accounts_of_parties(programme, on, own)
    ]
    return [*parts, Part(title=_("Per party"), head=(_("Account"), _("Party"), *columns), rows=found)]


def _amounts(turnover: Turnover) -> Sequence[Amount]:
    found = (turnover.debit, turnover.credit, turnover.on_debit, turnover.on_credit)
    return [Amount(minor) for minor in found]


def _totals(found: Sequence[Turnover]) -> Sequence[Amount]:
    return [Amount(sum(column)) for column in zip(*(_amounts(one) for one in found), strict=True)] or [Amount(0)] * 4


def book_workbook(programme: Programme, title: str, days: str, parts: Sequence[Part]) -> bytes:
    """A sheet that says what it is, and a sheet for each part."""
    about: list[tuple[str, Cell]] = [
        (_("Bond"), programme.title),
        (_("Days"), days),
        (_("State of"), clock.today()),
        (_("Currency"), programme.currency),
        *([(_("Prices"), _("The prices are illustrative."))] if programme.illustrative else []),
    ]
    first = Part(title=_("About this file"), head=(title, ""), rows=about)
    return workbook_of((first, *parts), programme.currency)


def book_csv(programme: Programme, parts: Sequence[Part]) -> str:
    """One table: the parts below each other, where there are two with the name of the part in front. Of a part that has
    no party the party is empty."""
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    digits, widest = DIGITS[programme.currency], max(parts, key=lambda part: len(part.head))
    several = len(parts) > 1
    lines.writerow([*[_("Table")] * several, *widest.head])
    for part in parts:
        lacking = len(widest.head) - len(part.head)
        for row in part.rows:
            cells = [_plain(cell, digits) for cell in row]
            lines.writerow([*[part.title] * several, cells[0], *[""] * lacking, *cells[1:]])
    return "\ufeff" + written.getvalue()  # by which a spreadsheet knows that it is UTF-8


def _plain(cell: Any, digits: int) -> str:
    if isinstance(cell, Amount):
        return str(Decimal(int(cell)).scaleb(-digits))
    return cell.isoformat() if isinstance(cell, date) else guarded(str(cell))
