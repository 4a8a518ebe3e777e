"""How a value of a price table is written in a cell and read back, for each kind of value.

`text` is the one spelling of CSV files, and what is compared to see whether something changed; `number` is what a
spreadsheet holds as a number; `read` takes what a person put in the cell and raises `CellFault`.
"""

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.forms import CONTROL, LARGEST_MINOR
from app.core.money import DIGITS
from app.pricing.rules import decimal_in, fraction_in

FORMULA = re.compile(r"'*[=+\-@\t\r]")
EXACT_DIGITS = 15  # of a number in a spreadsheet; the rest is noise of binary fractions
LONGEST_LIST = 60


class CellFault(Exception):
    """What is wrong with one cell, as a sentence for whoever filled it in."""

    @property
    def message(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Bond:
    """What cells need to know of the bond: its currency, and the names of its payers by organisation id."""

    currency: str = "EUR"
    payers: dict[str, str] = field(default_factory=dict)


class Cell:
    """A kind of value. `empty` is what an empty cell means."""

    style = "text"

    def __init__(self, empty: Any = "", needed: bool = False) -> None:
        self.empty, self.needed = empty, needed

    def text(self, value: Any, bond: Bond) -> str:
        return "" if value == self.empty or value is None else self._text(value, bond)

    def number(self, value: Any, bond: Bond) -> Decimal | None:
        """For the kinds that a spreadsheet holds as a number."""
        return None

    def json(self, value: Any, bond: Bond) -> Any:
        return value

    def read(self, raw: Any, bond: Bond) -> Any:
        typed = typed_in(raw)
        if typed:
            return self._read(typed, bond)
        if self.needed:
            raise CellFault(_("Fill this in."))
        return self.empty

    def how(self) -> str:
        """How to write it."""
        raise NotImplementedError

    def _text(self, value: Any, bond: Bond) -> str:
        raise NotImplementedError

    def _read(self, typed: str, bond: Bond) -> Any:
        raise NotImplementedError


def typed_in(raw: Any) -> str:
    """What a cell holds, as it was typed: of a number the digits that a spreadsheet keeps."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        raise CellFault(_("This cell holds true or false. Write it as text."))
    if isinstance(raw, date | datetime | time | timedelta):
        raise CellFault(_("This cell holds a date or a time. Write it as text."))
    if isinstance(raw, int | float):
        return plain(exactly(raw))
    if CONTROL.search(raw):
        raise CellFault(_("This contains a character that cannot be stored."))
    return raw.replace("\r\n", "\n").replace("\r", "\n").strip()


def exactly(number: int | float) -> Decimal:
    """0.1 + 0.2 is 0.3: what was typed, without the noise behind the last digit that a spreadsheet keeps."""
    if not math.isfinite(number) or abs(number) >= 10**EXACT_DIGITS:
        raise CellFault(_("This number is too large."))
    return Decimal(f"{number:.{EXACT_DIGITS}g}")


def plain(number: Decimal) -> str:
    """1.50 -> "1.5", 1E+3 -> "1000"."""
    written = f"{number:f}"
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written == "-0" else written


def guarded(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula; `unguarded` takes it off again."""
    return f"'{text}" if FORMULA.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def spellings(value: Any) -> set[str]:
    """A word in all languages of the portal, without regard to capitals and spaces."""
    found = set()
    for locale in current_app.config["LANGUAGES"]:
        with force_locale(locale):
            found.add(key_of(str(value)))
    return found


def key_of(word: str) -> str:
    return " ".join(word.split()).casefold()


class Text(Cell):
    def __init__(self, longest: int, needed: bool = False, lines: bool = False) -> None:
        super().__init__("", needed)
        self.longest, self.lines = longest, lines

    def how(self) -> str:
        return _("Text of at most %(max)d characters.", max=self.longest)

    def _text(self, value: str, bond: Bond) -> str:
        lines = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        return lines if self.lines else lines.replace("\n", " ")

    def _read(self, typed: str, bond: Bond) -> str:
        if len(typed) > self.longest:
            raise CellFault(_("At most %(max)d characters.", max=self.longest))
        return self._text(typed, bond)


class Amount(Cell):
    """Minor units, as an amount in major units with a point or a comma."""

    style = "amount"

    def how(self) -> str:
        return _("An amount, such as 1250.00.")

    def number(self, value: int | None, bond: Bond) -> Decimal | None:
        return None if value is None or value == self.empty else major(value, bond)

    def json(self, value: int | None, bond: Bond) -> str | None:
        return None if value is None else str(major(value, bond))

    def _text(self, value: int, bond: Bond) -> str:
        return str(major(value, bond))

    def _read(self, typed: str, bond: Bond) -> int:
        return minor_in(typed, bond)


def major(minor: int, bond: Bond) -> Decimal:
    return Decimal(minor).scaleb(-DIGITS[bond.currency])


def minor_in(typed: str, bond: Bond) -> int:
    """Minor units of "1250", "1250,00", "€ 1.250,00" or "1,250.00", whatever the language."""
    bare = re.sub(r"[\s\u00a0\u202f€£$]", "", typed.removeprefix(bond.currency).removesuffix(bond.currency))
    if re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", bare):
        raise CellFault(_("Write this amount with two decimals, so that it cannot be misread."))
    if re.fullmatch(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]{1,2})?", bare):
        bare = bare.replace(".", "")
    elif re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]{1,2})?", bare):
        bare = bare.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,15}([.,][0-9]{1,15})?", bare):
        raise CellFault(_("Give an amount, such as 1,250.00."))
    minor = Decimal(bare.replace(",", ".")).scaleb(DIGITS[bond.currency])
    if minor != minor.to_integral_value():
        raise CellFault(_("Give an amount in whole cents."))
    if minor > LARGEST_MINOR:
        raise CellFault(_("The amount is too high."))
    return int(minor)


class Percent(Cell):
    """Basis points, as "12.5%". A number in a spreadsheet is a fraction, as its percent format shows it."""

    style = "percent"

    def how(self) -> str:
        return _("A percentage with at most two decimals, such as 12.5%.")

    def number(self, value: int | None, bond: Bond) -> Decimal | None:
        return None if value is None or value == self.empty else Decimal(value).scaleb(-4)

    def json(self, value: int | None, bond: Bond) -> str | None:
        return None if value is None else str(Decimal(value).scaleb(-4))

    def read(self, raw: Any, bond: Bond) -> Any:
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            raw = plain(exactly(raw) * 100)
        return super().read(raw, bond)

    def _text(self, value: int, bond: Bond) -> str:
        return plain(Decimal(value).scaleb(-2)) + "%"

    def _read(self, typed: str, bond: Bond) -> int:
        bare = typed.replace("%", "").strip()
        if not re.fullmatch(r"[0-9]{1,3}([.,][0-9]{1,2})?0*", bare):
            raise CellFault(_("Give a percentage from 0 to 100, such as 12.5%."))
        value = Decimal(bare.replace(",", ".")).scaleb(2)
        if value > 10_000:
            raise CellFault(_("Give a percentage from 0 to 100, such as 12.5%."))
        return int(value)


class Whole(Cell):
    style = "whole"

    def __init__(self, empty: int | None = None, *, least: int = 0, most: int = 100_000_000) -> None:
        super().__init__(empty)
        self.least, self.most = least, most

    def how(self) -> str:
        return _("A whole number.")

    def number(self, value: int | None, bond: Bond) -> Decimal | None:
        return None if value is None else Decimal(value)

    def text(self, value: int | None, bond: Bond) -> str:
        return "" if value is None else str(value)

    def _read(self, typed: str, bond: Bond) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", typed) or not self.least <= int(typed) <= self.most:
            raise CellFault(_("Give a whole number from %(min)s to %(max)s.", min=self.least, max=self.most))
        return int(typed)


class Most(Whole):
    """At most so many per participant: empty is once for an effect per person, a word says that there is no maximum.

    Read as an int, None (nothing was said) or `UNLIMITED`; `checking` fits it to the kind of the effect.
    """

    UNLIMITED = 0
    WORD = "unlimited"
    label = _l("unlimited")

    def how(self) -> str:
        return _("A whole number, or “%(word)s”. Empty: once.", word=self.label)

    def _read(self, typed: str, bond: Bond) -> int:
        if key_of(typed) in {self.WORD} | spellings(self.label):
            return self.UNLIMITED
        return super()._read(typed, bond)


class Number(Cell):
    """An exact decimal that is no money; stored as text with a point."""

    style = "number"

    def how(self) -> str:
        return _("A number, such as 0.1.")

    def number(self, value: str, bond: Bond) -> Decimal | None:
        found = decimal_in(value)
        return found if found is not None and len(found.as_tuple().digits) <= EXACT_DIGITS else None

    def _text(self, value: str, bond: Bond) -> str:
        found = decimal_in(value)
        return value if found is None else plain(found)

    def _read(self, typed: str, bond: Bond) -> str:
        return number_in(typed)


class Threshold(Number):
    """A value of the measure for bands; a fraction, or "7.5%", for a difference. The kind of the row decides which: a
    percentage stays as it was typed until that is known (`files.checking`)."""

    def how(self) -> str:
        return _("For a difference a percentage, such as 7.5%, for bands a number.")

    def _read(self, typed: str, bond: Bond) -> str:
        return typed if typed.endswith("%") and fraction_in(typed) else number_in(typed)


def number_in(typed: str) -> str:
    found = decimal_in(typed)
    if found is None:
        raise CellFault(_("Give a number, such as 0.1."))
    return plain(found)


class Word(Cell):
    """One of a closed list of `Labelled` words: the word itself in CSV, its label in a spreadsheet."""

    style = "word"

    def __init__(self, words: Any, empty: Any = None, needed: bool = False) -> None:
        super().__init__(empty, needed)
        self.words = words

    @cached_property
    def spelled(self) -> dict[str, Any]:
        """Each word by all its spellings; read once, for a file holds thousands."""
        return {key: word for word in self.words for key in {key_of(str(word.value)), *spellings(word.label)}}

    def labels(self) -> list[str]:
        return [str(word.label) for word in self.words]

    def label(self, value: Any) -> str:
        return "" if value is None else str(self.words(value).label)

    def how(self) -> str:
        return _("One of: %(words)s.", words="; ".join(self.labels()))

    def json(self, value: Any, bond: Bond) -> str | None:
        return None if value is None else str(value.value)

    def text(self, value: Any, bond: Bond) -> str:
        return "" if value is None else str(value.value)

    def _read(self, typed: str, bond: Bond) -> Any:
        if key_of(typed) not in self.spelled:
            raise CellFault(_("Choose one of: %(words)s.", words="; ".join(self.labels())))
        return self.spelled[key_of(typed)]


class Choice(Word):
    """One of a few plain words, by the label of each; the first is what an empty cell means."""

    def __init__(self, words: dict[Any, Any], names: dict[Any, str]) -> None:
        super().__init__(words, next(iter(words)))
        self.names = names

    @cached_property
    def spelled(self) -> dict[str, Any]:
        words = self.words.items()
        return {key: value for value, label in words for key in {self.names[value], *spellings(label)}}

    def labels(self) -> list[str]:
        return [str(label) for label in self.words.values()]

    def label(self, value: Any) -> str:
        return str(self.words[value])

    def json(self, value: Any, bond: Bond) -> Any:
        return value

    def text(self, value: Any, bond: Bond) -> str:
        return self.names[value]

    def read(self, raw: Any, bond: Bond) -> Any:
        return raw if isinstance(raw, bool) and raw in self.words else super().read(raw, bond)


BETWEEN = Choice({"step": _l("step"), "linear": _l("linear")}, {"step": "step", "linear": "linear"})


def yes_or_no() -> Choice:
    return Choice({False: _l("no"), True: _l("yes")}, {False: "no", True: "yes"})
