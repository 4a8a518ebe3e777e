"""How figures are set for reading, in the language of the reader."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import flask_babel
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask

from app.core import clock
from app.core.money import Money


def money(amount: Money | int | None, currency: str = "EUR") -> str:
    """`1234500` -> "€ 12.345,00"; whole amounts keep their cents, so that columns line up."""
    if amount is None:
        return "–"
    if isinstance(amount, int):
        amount = Money(amount, currency)
    return format_currency(amount.major, amount.currency, locale=flask_babel.get_locale())


def number(value: int | Decimal | None) -> str:
    return "–" if value is None else format_decimal(value, locale=flask_babel.get_locale())


def multiple(value: str) -> str:
    """`"1.1208"` -> "1,12 x": received for each unit paid in."""
    return format_decimal(Decimal(value), "0.00", locale=flask_babel.get_locale()) + " x"


def fraction(value: Fraction) -> str:
    """`Fraction(2, 3)` -> "0.667", for statistics that are no percentages."""
    exact = Decimal(value.numerator) / value.denominator
    return format_decimal(exact, "0.00#", locale=flask_babel.get_locale())


def percent(value: Decimal | Fraction | None, digits: int = 0) -> str:
    """`Decimal("0.125")` -> "12.5 %" with one digit."""
    if value is None:
        return "–"
    if isinstance(value, Fraction):
        value = Decimal(value.numerator) / value.denominator
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return format_percent(value, pattern, locale=flask_babel.get_locale())


def basis_points(value: int | None) -> str:
    """`450` -> "4,5%" where a comma is written, `2000` -> "20%"."""
    return (
        "–"
        if value is None
        else format_percent(Decimal(value).scaleb(-4), "#,##0.##%", locale=flask_babel.get_locale())
    )


def day(value: date | datetime | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = value.astimezone(clock.LOCAL).date()
    return flask_babel.format_date(value, "d MMMM yyyy")


def moment(value: datetime | None) -> str:
    if value is None:
        return "–"
    return flask_babel.format_datetime(value, "d MMMM yyyy HH:mm")


def second(value: datetime | None) -> str:
    """A moment to the second, where a deadline or a receipt counts."""
    if value is None:
        return "–"
    return flask_babel.format_datetime(value, "d MMMM yyyy HH:mm:ss")


def init_app(app: Flask) -> None:
    for show in (money, number, multiple, fraction, percent, basis_points, day, moment, second):
        app.add_template_filter(show)
