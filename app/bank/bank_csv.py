"""A statement as a table, for banks and systems that send no camt.053.

The first row names the columns, in English or in Dutch as Dutch banks name them (`COLUMNS`); day and amount are needed.
`reference` is the bank's number of the movement; where it is lacking, a digest of the line and its place among lines
alike stands in. `balance` is what was on the account after the movement.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.bank.csv_words import COLUMNS, DUTCH, SIGNS, WORDS, amount_of, day_in
from app.bank.reported import MOST_LINES, Line, Reported, Span, refused
from app.core.errors import Refused
from app.core.format import money
from app.core.money import Money

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # any but tab and line ends
MOST_FAULTS = 20  # told at once; who has more has another file in hand than a statement


@dataclass(frozen=True, slots=True)
class Row:
    """One row that was read; `after`: the balance that it names, `account`: whose it says to be."""

    number: int
    line: Line
    after: int | None
    account: str


def read_csv(content: bytes, currency: str, iban: str) -> Reported:
    """Lines, oldest first; a file that only fits from its end to its beginning is turned round. `iban`: whose it is
    when no column says so. Refused with every row that is wrong, by its number."""
    head, cells, is_dutch = _table(content)
    faults: list[Refused] = []
    rows: list[Row] = []
    alike: Counter[str] = Counter()
    for number, row in cells:
        if len(row) != len(head):
            faults.append(refused(_("Row %(number)d has not as many cells as the first row.", number=number)))
            continue
        told = dict(zip(head, (cell.strip() for cell in row), strict=True))
        made = _row(number, told, currency, is_dutch, alike, faults)
        rows += [made] if made is not None else []
    _refuse(faults)
    accounts = {row.account for row in rows} - {""}
    if len(accounts) > 1:
        raise refused(_("The file must be of one account, named by its IBAN."))
    try:
        balances = _balances(rows, currency)
    except Refused as wrong:
        rows.reverse()  # several banks begin with the newest
        try:
            balances = _balances(rows, currency)
        except Refused:
            raise wrong from None
    return Reported(accounts.pop() if accounts else iban, [row.line for row in rows], balances, _spans(rows))


def _spans(rows: Sequence[Row]) -> list[Span]:
    """The whole table is one statement: its ends follow from the balances that its rows name."""
    moved, opening, closing = 0, None, None
    for row in rows:
        moved += row.line.amount_minor
        if row.after is not None and opening is None:
            opening = row.after - moved
        closing = row.after
    return [Span(rows[0].line.booked_on, rows[-1].line.booked_on, opening, closing)] if rows else []


def _table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]], bool]:
    """The columns by their own names, the rows under them with their numbers, and whether the head is Dutch."""
    reader = csv.reader(io.StringIO(_text(content)), delimiter=_delimiter(content), strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise refused(_("The file cannot be read as a table.")) from None
    if not rows:
        raise refused(_("The file is empty."))
    named = [" ".join(cell.lower().split()) for cell in rows[0]]
    head = [WORDS.get(name, name) for name in named]
    if not {"date", "amount"} <= set(head) or len(set(head)) != len(head):
        columns = {"columns": ", ".join(COLUMNS), "dutch": ", ".join(DUTCH.values())}
        raise refused(
            _("No statement: the first row of a CSV must name the columns %(columns)s; or %(dutch)s.", **columns)
        )
    if len(rows) > MOST_LINES + 1:
        raise refused(_("The file holds more than %(most)d lines.", most=MOST_LINES))
    return head, list(enumerate(rows[1:], start=2)), "date" not in named


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(_("The file must be in UTF-8.")) from None


def _delimiter(content: bytes) -> str:
    first = content.split(b"\n", 1)[0]
    return max((";", ",", "\t"), key=lambda sign: first.count(sign.encode()))


def _row(
    number: int, cells: dict[str, str], currency: str, is_dutch: bool, alike: Counter[str], faults: list[Refused]
) -> Row | None:
    """None when something in it is wrong, which then stands in `faults`."""
    before = len(faults)
    unreadable = [name for name, cell in cells.items() if CONTROL.search(cell)]
    if unreadable:
        # Taken out silently, another amount would stand there than the one that was sent.
        faults.append(refused(_("Row %(number)d holds a character that cannot be read.", number=number)))
        return None

    def read(name: str, reader: Callable[[str], Any]) -> Any:
        try:
            return reader(cells[name])
        except Refused as wrong:
            faults.append(refused(_("Row %(number)d: %(wrong)s", number=number, wrong=wrong.message)))

    booked = read("date", lambda typed: day_in(typed, is_dutch))
    amount = read("amount", lambda typed: amount_of(typed, currency))
    after = read("balance", lambda typed: amount_of(typed, currency)) if cells.get("balance") else None
    if cells.get("currency") and cells["currency"].upper() != currency:
        wrong = _("Every amount must be in %(currency)s.", currency=currency)
        faults.append(refused(_("Row %(number)d: %(wrong)s", number=number, wrong=wrong)))
    if "sign" in cells:
        if cells["sign"].lower() not in SIGNS or (amount or 0) < 0:
            wrong = _("An amount does not say whether it came in or went out.")
            faults.append(refused(_("Row %(number)d: %(wrong)s", number=number, wrong=wrong)))
        else:
            amount = SIGNS[cells["sign"].lower()] * (amount or 0)
    if len(faults) == before and not amount:
        faults.append(refused(_("Row %(number)d moves nothing.", number=number)))
    if len(faults) > before:
        return None
    return Row(number, _line(cells, booked, amount, alike), after, cells.get("account", "").replace(" ", "").upper())


def _line(cells: dict[str, str], booked: date, amount: int, alike: Counter[str]) -> Line:
    told = {name: cells.get(name, "") for name in ("name", "iban", "description", "end_to_end")}
    reference = cells.get("reference", "")
    if not reference:
        facts = "\n".join((booked.isoformat(), str(amount), *told.values()))
        digest = hashlib.sha256(facts.encode()).hexdigest()[:24]
        alike[digest] += 1
        reference = f"csv-{digest}-{alike[digest]}"
    return Line(
        reference=reference[:140],
        booked_on=booked,
        amount_minor=amount,
        name=told["name"][:140],
        iban=told["iban"].replace(" ", "")[:34],
        text=told["description"][:1_000],
        end_to_end=told["end_to_end"][:35],
    )


def _balances(rows: Sequence[Row], currency: str) -> list[tuple[date, int]]:
    """What was on the account at the end of each day. Refused where days or balances do not follow one another."""
    faults: list[Refused] = []
    balances: dict[date, int] = {}
    running: int | None = None
    day = rows[0].line.booked_on if rows else date.min
    for row in rows:
        if row.line.booked_on < day:
            faults.append(refused(_("Row %(number)d is older than the row before it.", number=row.number)))
        day = row.line.booked_on
        # The balance is carried over rows that name none: the next one must follow from all rows in between.
        expected = None if running is None else running + row.line.amount_minor
        if row.after is not None:
            if expected is not None and expected != row.after:
                faults.append(_no_such_balance(row.number, expected, currency))
            running = balances[day] = row.after
        else:
            running = expected
            balances.pop(day, None)
    _refuse(faults)
    return sorted(balances.items())


def _no_such_balance(number: int, expected_minor: int, currency: str) -> Refused:
    should = money(Money(expected_minor, currency))
    return refused(
        _(
            "The balance of row %(number)d does not follow from the rows before: it should be %(balance)s.",
            number=number,
            balance=should,
        )
    )


def _refuse(faults: Sequence[Refused]) -> None:
    """All of them at once, so that a file is mended once."""
    if not faults:
        return
    told, more = list(faults[:MOST_FAULTS]), len(faults) - MOST_FAULTS
    if more > 0:
        told.append(refused(_("And %(more)d more faults.", more=more)))
    raise Refused(told[0].message, "file", also=told[1:])
