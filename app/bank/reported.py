"""What a bank reports in a file, whatever the kind of file; amounts in minor units, above zero when money came in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

from app.core.errors import Refused
from app.core.forms import LARGEST_MINOR
from app.core.money import DIGITS

LARGEST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One movement. `reference` is the bank's own for it, the same in every file that reports it."""

    reference: str
    booked_on: date
    amount_minor: int
    name: str = ""
    iban: str = ""
    text: str = ""
    end_to_end: str = ""
    is_reversal: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """One statement within a file: what was on the account before its first line and after its last, where it says."""

    from_on: date
    to_on: date
    opening_minor: int | None = None
    closing_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """The lines of one account, and what was on it at the end of days; `spans`: oldest first."""

    iban: str
    lines: Sequence[Line]
    balances: Sequence[tuple[date, int]]
    spans: Sequence[Span] = ()


def refused(message: object) -> Refused:
    return Refused(message, "file")


def minor_of(typed: str, currency: str) -> int:
    """ "1234.5" or "1234,50" -> 123450. Refused for anything that is no plain amount, or has parts of a cent."""
    try:
        if not re.fullmatch(r"[+-]?[0-9]{1,14}([.,][0-9]{1,5})?", typed):
            raise InvalidOperation
        minor = Decimal(typed.replace(",", ".")).scaleb(DIGITS[currency])
    except (InvalidOperation, KeyError):
        raise refused(_("“%(typed)s” is no amount.", typed=typed[:40])) from None
    if minor != minor.to_integral_value() or abs(minor) > LARGEST_MINOR:
        raise refused(_("“%(typed)s” is no amount in whole cents.", typed=typed[:40]))
    return int(minor)


def day_of(typed: str) -> date:
    try:
        found = date.fromisoformat(typed[:10])
    except ValueError:
        raise refused(_("“%(typed)s” is no date such as 2026-06-30.", typed=typed[:40])) from None
    if not 1990 <= found.year <= 2200:
        raise refused(_("“%(typed)s” is no date such as 2026-06-30.", typed=typed[:40]))
    return found
