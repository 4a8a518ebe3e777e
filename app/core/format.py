"""How figures are set for reading, in the language of the reader.

The library takes its patterns apart for every figure; a list holds hundreds and mostly the same ones, so what was set
once in a language is kept. What is kept tells nothing of whom it was set for.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from babel import Locale, dates, numbers
from flask import Flask
from flask_babel import gettext as _

from app.core import clock
from app.core.money import Money
from app.core.units import unit
from app.languages import locale_here

LOT = re.compile(r"^(?:perceel|lot)\s+(?=\S)", re.IGNORECASE)
A_WORKING_SET = 4096  # figures kept of each kind, a few hundred kB


def money(amount: Money | int | None, currency: str = "EUR") -> str:
    """`1234500` -> "€ 12.345,00"; whole amounts keep their cents, so that columns line up."""
    if amount is None:
        return "–"
    if isinstance(amount, int):
        amount = Money(amount, currency)
    return _money(amount, _language())


def money_whole(amount_minor: int, currency: str = "EUR") -> str:
    """`14000000` -> "€ 140.000": for a range, of which the cents say nothing."""
    locale = _locale(_language())
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    major = Money(amount_minor, currency).major
    return numbers.format_currency(major, currency, pattern, locale=locale, currency_digits=False)


def number(value: int | Decimal | None) -> str:
    return "–" if value is None else _number(value, _language())


def multiple(value: str) -> str:
    """`"1.1208"` -> "1,12 x": received for each unit paid in."""
    return numbers.format_decimal(Decimal(value), "0.00", locale=_locale(_language())) + " x"


def in_hundredths(value: int) -> str:
    """`765` -> "7.65": what is counted in hundredths of a whole."""
    return _hundredths(value, _language())


def exact(decimal: str) -> str:
    """`"0.6000001"` -> "0,6000001": a decimal that is kept as text, with every digit that was given."""
    return numbers.format_decimal(Decimal(decimal), locale=_locale(_language()), decimal_quantization=False)


def fraction(value: Fraction) -> str:
    """`Fraction(2, 3)` -> "0.667", for statistics that are no percentages."""
    exactly = Decimal(value.numerator) / value.denominator
    return numbers.format_decimal(exactly, "0.00#", locale=_locale(_language()))


def percent(value: Decimal | Fraction | None, digits: int = 0) -> str:
    """`Decimal("0.125")` -> "12.5 %" with one digit."""
    if value is None:
        return "–"
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / value.denominator
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return numbers.format_percent(value, pattern, locale=_locale(_language()))


def basis_points(value: int | None) -> str:
    """`450` -> "4,5%" where a comma is written, `2000` -> "20%"."""
    if value is None:
        return "–"
    return numbers.format_percent(Decimal(value).scaleb(-4), "#,##0.##%", locale=_locale(_language()))


def percentage_points(value: int | None, up: bool = False) -> str:
    """A difference between two percentages: `3427` basis points -> "34.27 percentage points"; `up` to one decimal."""
    if value is None:
        return "–"
    shown = Decimal(-(-value // 10) * 10 if up else value).scaleb(-2)
    return _("%(number)s percentage points", number=numbers.format_decimal(shown, "#,##0.0#", _locale(_language())))


def day(value: date | datetime | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = clock.day_of(value)
    return _day(value, _language())


def month(value: str) -> str:
    """`"2026-01"` -> "January 2026"."""
    return _month(value, _language())


def moment(value: datetime | None) -> str:
    return "–" if value is None else _moment(value, "d MMMM yyyy HH:mm", _language())


def second(value: datetime | None) -> str:
    """A moment to the second, where a deadline or a receipt counts."""
    return "–" if value is None else _moment(value, "d MMMM yyyy HH:mm:ss", _language())


# --- Set once, by figure and language --------------------------------------------------------------------------------


def in_lot(name: str) -> str:
    """The name of a lot behind the word "lot": many are called "Perceel Noord", and nobody says the word twice."""
    return LOT.sub("", name) or name


def _language() -> tuple[str, str | None]:
    locale: Any = locale_here()
    return locale.language, locale.territory


@lru_cache
def _locale(language: tuple[str, str | None]) -> Locale:
    return Locale(*language)


@lru_cache(A_WORKING_SET)
def _money(amount: Money, language: tuple[str, str | None]) -> str:
    return numbers.format_currency(amount.major, amount.currency, locale=_locale(language))


@lru_cache(A_WORKING_SET, typed=True)
def _number(value: int | Decimal, language: tuple[str, str | None]) -> str:
    return numbers.format_decimal(value, locale=_locale(language))


@lru_cache(A_WORKING_SET)
def _hundredths(value: int, language: tuple[str, str | None]) -> str:
    return numbers.format_decimal(Decimal(value).scaleb(-2), "0.00", locale=_locale(language))


@lru_cache(A_WORKING_SET)
def _day(value: date, language: tuple[str, str | None]) -> str:
    return dates.format_date(value, "d MMMM yyyy", locale=_locale(language))


@lru_cache(A_WORKING_SET)
def _month(value: str, language: tuple[str, str | None]) -> str:
    return dates.format_date(date.fromisoformat(f"{value}-01"), "LLLL y", locale=_locale(language))


@lru_cache(A_WORKING_SET)
def _moment(value: datetime, pattern: str, language: tuple[str, str | None]) -> str:
    return dates.format_datetime(value, pattern, tzinfo=clock.LOCAL, locale=_locale(language))


def init_app(app: Flask) -> None:
    figures = (money, money_whole, number, in_hundredths, exact, multiple, fraction, percent, basis_points)
    for show in (*figures, percentage_points, day, month, moment, second, unit, in_lot):
        app.add_template_filter(show)
