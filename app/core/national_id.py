"""No national number may stand in a text about a person (domain, section 9); there is no field for one.

Dutch BSN: 9 digits that pass the 11-test (Besluit burgerservicenummer). Belgian rijksregisternummer: 11 digits of which
the last two are 97 minus the first nine modulo 97, with a 2 before them for people born in 2000 or later (royal decree
of 3 April 1984). Digits may be grouped with points, spaces, dashes or slashes.
"""

import re
import unicodedata
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.errors import Refused

BETWEEN = re.compile(r"[^0-9A-Za-z]{1,3}")
GROUPS = re.compile(r"[0-9]+(?:[^0-9A-Za-z]{1,3}[0-9]+)*")
LENGTHS = (9, 11)


def holds_national_id(text: str) -> bool:
    """Does a BSN or rijksregisternummer stand in the text, with or without separators?"""
    return any(is_bsn(number) or is_rijksregisternummer(number) for number in _numbers(plain_digits(text)))


def plain_digits(text: str) -> str:
    """The text with the digits of any script as 0 to 9."""
    return "".join(_digit(sign) for sign in unicodedata.normalize("NFKC", text))


def _digit(sign: str) -> str:
    """A digit of any script as 0 to 9; anything else as it is."""
    value = unicodedata.decimal(sign, None)
    return sign if value is None else str(value)


def _numbers(text: str) -> set[str]:
    """Every run of whole groups of digits that together have the length of a national number."""
    found = set()
    for match in GROUPS.finditer(text):
        groups = BETWEEN.split(match.group())
        for first in range(len(groups)):
            joined = ""
            for group in groups[first:]:
                joined += group
                if len(joined) in LENGTHS:
                    found.add(joined)
                if len(joined) >= max(LENGTHS):
                    break
    return found


def is_bsn(digits: str) -> bool:
    if len(digits) != 9 or not int(digits):
        return False
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0


def is_rijksregisternummer(digits: str) -> bool:
    if len(digits) != 11 or not int(digits):
        return False
    check = int(digits[9:])
    return check in (97 - int(digits[:9]) % 97, 97 - int("2" + digits[:9]) % 97)


def no_national_id(form: Any, field: Field) -> None:
    """Form validator for every text about a person; the number itself is not repeated in the message."""
    if isinstance(field.data, str) and holds_national_id(field.data):
        raise ValidationError(_("A national number (BSN or rijksregisternummer) seems to stand here. Leave it out."))


def refuse_national_id(**texts: str) -> None:
    """The same in an operation, for whoever comes past a form: `Refused` on the field."""
    for field, text in texts.items():
        if holds_national_id(text):
            raise Refused(_("A national number may not stand here."), field)
