"""Reading one JSON object, key by key; every fault is noted with its place and reading goes on."""

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from app.pricing.rounding import Number, plain
from app.scenarios.strict_json import Huge, Inexact, shown

ALWAYS_ALLOWED = {"sources", "notes"}
TOO_LARGE = 10**15
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,18})?")
_MONEY = re.compile(r"([0-9]{1,15})(?:\.([0-9]+))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MISSING = object()


class Reading:
    """What holds for the whole file: the faults so far, and the digits of the currency."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.digits = 2

    def fault(self, place: str, reason: str) -> None:
        self.faults.append(f"{place}: {reason}")


class Fields:
    """The object at `place` ("" is the file itself). A getter returns None where it noted a fault."""

    __slots__ = ("_known", "_raw", "_reading", "place")

    def __init__(self, reading: Reading, raw: object, place: str):
        self._reading, self.place = reading, place
        self._known: set[str] = set()
        self._raw: dict = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            reading.fault(place or "file", "must be an object")
            self._known.add("*")

    def at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def fault(self, key: str, reason: str) -> None:
        self._reading.fault(self.at(key), reason)

    def has(self, key: str) -> bool:
        return key in self._raw

    def is_list(self, key: str) -> bool:
        return isinstance(self._raw.get(key), list)

    def is_null(self, key: str) -> bool:
        return self._raw.get(key, _MISSING) is None

    def end(self, hint: str = "") -> None:
        """After the last key: whatever was not asked for is unknown."""
        for key in self._raw.keys() - self._known - ALWAYS_ALLOWED:
            self.fault(shown(key), f"unknown key{hint}")

    def raw(self, key: str, needed: bool = True) -> object:
        self._known.add(key)
        found = self._raw.get(key, _MISSING)
        if found is _MISSING:
            if needed and "*" not in self._known:
                self.fault(key, "is missing")
            return None
        if found is None:
            self.fault(key, "may not be null")
        return found

    def allow(self, key: str) -> None:
        self._known.add(key)

    def text(self, key: str, needed: bool = True) -> str | None:
        found = self.raw(key, needed)
        if found is None:
            return None
        if not isinstance(found, str) or isinstance(found, (Inexact, Huge)):
            self.fault(key, "must be text")
        elif not found.strip():
            self.fault(key, "may not be empty")
        elif len(found) > 500 or _UNPRINTABLE.search(found):
            self.fault(key, "must be one line of at most 500 characters")
        else:
            return found
        return None

    def name(self, key: str) -> None:
        """A label that is only there for the reader: text, or a number such as the 2 of "cohort 2"."""
        if isinstance(self._raw.get(key), int) and not isinstance(self._raw.get(key), bool):
            self._known.add(key)
        else:
            self.text(key)

    def choice(self, key: str, choices: tuple[str, ...], needed: bool = True) -> str | None:
        found = self.text(key, needed)
        if found is not None and found not in choices:
            self.fault(key, f"must be one of {', '.join(choices)}")
            return None
        return found

    def flag(self, key: str) -> bool:
        found = self.raw(key, needed=False)
        if found is not None and not isinstance(found, bool):
            self.fault(key, "must be true or false")
        return found is True

    def money(self, key: str, needed: bool = True, above_zero: bool = False) -> int | None:
        """Minor units of a decimal string in major units."""
        found = self.raw(key, needed)
        if found is None:
            return None
        match = _MONEY.fullmatch(found) if isinstance(found, str) and not isinstance(found, (Inexact, Huge)) else None
        digits = self._reading.digits
        if match is None:
            self.fault(key, 'must be an amount in a decimal string, such as "1250.00", not below zero')
        elif len(match[2] or "") > digits:
            self.fault(key, f"has more than {digits} decimals, the currency's digits")
        else:
            amount = int(match[1]) * 10**digits + int((match[2] or "").ljust(digits, "0") or 0)
            if amount or not above_zero:
                return amount
            self.fault(key, "must be above zero")
        return None

    def number(
        self, key: str, needed: bool = True, least: Number | None = 0, most: Number | None = None
    ) -> Number | None:
        """A whole number or a decimal string, between `least` and `most` (None: no limit)."""
        found = self.raw(key, needed)
        if found is None:
            return None
        number = _number(found)
        if number is None:
            start = "is a float; write it as" if isinstance(found, Inexact) else "must be a whole number or"
            self.fault(key, f'{start} a decimal string, such as "0.65"')
        elif not -TOO_LARGE < number < TOO_LARGE:
            self.fault(key, "is too large")
        elif least is not None and number < least:
            self.fault(key, f"may not be below {least}")
        elif most is not None and number > most:
            self.fault(key, f"may not be above {most}")
        else:
            return number
        return None

    def fraction(self, key: str, needed: bool = False) -> Number | None:
        return self.number(key, needed, least=0, most=1)

    def day(self, key: str, needed: bool = True) -> date | None:
        found = self.raw(key, needed)
        return None if found is None else read_day(self._reading, found, self.at(key))

    def items(self, key: str, needed: bool = True, some: str = "") -> list[object]:
        """A list; with `some`, at least one of that."""
        found = self.raw(key, needed)
        if found is None:
            return []
        if not isinstance(found, list):
            self.fault(key, "must be a list")
            return []
        if some and not found:
            self.fault(key, f"needs at least one {some}")
        return found

    def objects(self, key: str, needed: bool = True, some: str = "") -> Iterator["Fields"]:
        """Each object of a list, at its own place."""
        for number, raw in enumerate(self.items(key, needed, some)):
            yield Fields(self._reading, raw, f"{self.at(key)}[{number}]")

    def object(self, key: str) -> "Fields | None":
        """An optional object; None when absent."""
        if key not in self._raw:
            self._known.add(key)
            return None
        found = self.raw(key)
        return None if found is None else Fields(self._reading, found, self.at(key))

    def amounts_by(self, key: str, ids: "Ids") -> dict[str, int]:
        """An optional object of amounts (minor units) by id."""
        fields = self.object(key)
        found: dict[str, int] = {}
        if fields is None:
            return found
        for name in fields._raw:
            if name in ALWAYS_ALLOWED and name not in ids.known:
                continue
            if ids.check(fields, shown(name), name) is None:
                fields.allow(name)
            elif (amount := fields.money(name)) is not None:
                found[name] = amount
        return found


def _number(found: object) -> Number | None:
    if isinstance(found, bool):
        return None
    if isinstance(found, int):
        return found
    if isinstance(found, str) and not isinstance(found, (Inexact, Huge)) and _NUMBER.fullmatch(found):
        return plain(Fraction(found))
    return None


def read_day(reading: Reading, found: object, place: str) -> date | None:
    if isinstance(found, str) and _DATE.fullmatch(found):
        try:
            return date.fromisoformat(found)
        except ValueError:
            pass
    reading.fault(place, "must be a date such as 2026-06-30")
    return None


class Ids:
    """The ids of one list. While its own ids are not in order, an unknown one is no second fault."""

    def __init__(self, what: str):
        self.what = what
        self.known: set[str] = set()
        self.complete = True

    def add(self, fields: Fields) -> str | None:
        """Read the `id` of an entry; it may stand only once."""
        found = fields.text("id")
        if found is not None and found in self.known:
            fields.fault("id", f"{shown(found)} is used twice")
            found = None
        if found is None:
            self.complete = False
        else:
            self.known.add(found)
        return found

    def check(self, fields: Fields, key: str, found: str | None) -> str | None:
        """The id when the list has it; a fault when it has not."""
        if found is None or found in self.known:
            return found
        if self.complete:
            fields.fault(key, f"no {self.what} has the id {shown(found)}")
        return None

    def end(self, top: Fields, key: str) -> "Ids":
        """After the list was read: a list that is none knows no ids."""
        self.complete = self.complete and top.is_list(key)
        return self
