"""A statement as a table, for banks and systems that send no camt.053.

The first row names the columns: `date, amount, name, iban, description, end_to_end, reference, balance`; the first two
are needed. `reference` is the bank's number of the movement; where it is lacking, a digest of the line and its place
among lines alike stands in. `balance` is what was on the account after the movement.
"""

import csv
import hashlib
import io
from collections import Counter
from datetime import date

from flask_babel import gettext as _

from app.bank.reported import MOST_LINES, Line, Reported, day_of, minor_of, refused
from app.core.errors import Refused
from app.core.format import money
from app.core.money import Money

COLUMNS = ("date", "amount", "name", "iban", "description", "end_to_end", "reference", "balance")


def read_csv(content: bytes, currency: str, iban: str) -> Reported:
    """Lines in the order of the file, oldest first. Refused with the number of the row that is wrong."""
    reader = csv.reader(io.StringIO(_text(content)), delimiter=_delimiter(content), strict=True)
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise refused(_("The file cannot be read as a table.")) from None
    if not rows:
        raise refused(_("The file is empty."))
    head = [cell.strip().lower() for cell in rows[0]]
    if not {"date", "amount"} <= set(head) or len(set(head)) != len(head):
        columns = ", ".join(COLUMNS)
        raise refused(_("No statement: the first row of a CSV must name the columns %(columns)s.", columns=columns))
    if len(rows) > MOST_LINES + 1:
        raise refused(_("The file holds more than %(most)d lines.", most=MOST_LINES))
    lines: list[Line] = []
    balances: dict[date, int] = {}
    alike: Counter[str] = Counter()
    running: int | None = None
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            raise refused(_("Row %(number)d has not as many cells as the first row.", number=number))
        cells = dict(zip(head, (cell.strip() for cell in row), strict=True))
        line = _line(cells, currency, alike, number)
        if lines and line.booked_on < lines[-1].booked_on:
            raise refused(_("Row %(number)d is older than the row before it.", number=number))
        lines.append(line)
        if cells.get("balance"):
            after = minor_of(cells["balance"], currency)
            if running is not None and running + line.amount_minor != after:
                raise _no_such_balance(number, running + line.amount_minor, currency)
            running = balances[line.booked_on] = after
        else:
            # The balance is carried over rows that name none: the next one must follow from all rows in between.
            running = None if running is None else running + line.amount_minor
            balances.pop(line.booked_on, None)
    return Reported(iban, lines, sorted(balances.items()))


def _no_such_balance(number: int, expected_minor: int, currency: str) -> Refused:
    should = money(Money(expected_minor, currency))
    return refused(
        _(
            "The balance of row %(number)d does not follow from the rows before: it should be %(balance)s.",
            number=number,
            balance=should,
        )
    )


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        raise refused(_("The file must be in UTF-8.")) from None


def _delimiter(content: bytes) -> str:
    first = content.split(b"\n", 1)[0]
    return max((";", ",", "\t"), key=lambda sign: first.count(sign.encode()))


def _line(cells: dict[str, str], currency: str, alike: Counter[str], number: int) -> Line:
    booked, amount = day_of(cells["date"]), minor_of(cells["amount"], currency)
    if not amount:
        raise refused(_("Row %(number)d moves nothing.", number=number))
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
