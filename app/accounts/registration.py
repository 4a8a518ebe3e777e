"""Numbers by which organisations are known: KvK (Netherlands), KBO/BCE (Belgium), and those for VAT."""

import re

from flask_babel import gettext as _

from app.core.errors import Refused

DIGITS = {"NL": 8, "BE": 10}


def checked_number(typed: str, country: str) -> str:
    """The digits of a registration number. Refused when it cannot be one.

    KvK numbers have 8 digits and no check digit. KBO numbers have 10, begin with 0 or 1, and their last two are
    97 minus the remainder of the first eight by 97 (Royal Decree of 24 June 2003, art. 2).
    """
    digits = re.sub(r"[\s.\-]", "", typed).upper().removeprefix("BE")
    if country == "BE" and len(digits) == 9:
        digits = "0" + digits  # the way it was written until 2005
    if not re.fullmatch(rf"[0-9]{{{DIGITS[country]}}}", digits):
        raise Refused(
            _("A KvK number has 8 digits.") if country == "NL" else _("A KBO number has 10 digits."),
            "registration_number",
        )
    if country == "BE" and not (digits[0] in "01" and 97 - int(digits[:8]) % 97 == int(digits[8:])):
        raise Refused(_("This is no KBO number: its check digits do not fit."), "registration_number")
    return digits


def checked_vat_number(typed: str, country: str) -> str:
    """The VAT number, with its country and without spaces and dots; empty where none was typed. Refused when it cannot
    be one (Directive 2006/112/EC, art. 215: two letters of the country first).

    Dutch: nine digits, B, two digits. Since 2020 that of a natural person is 1 modulo 97, a letter counting as 10 for A
    to 35 for Z (btw-identificatienummer); that of everybody else has the eleven test of the RSIN in its nine digits.
    Belgian: that of the KBO (VAT Code, art. 50).
    """
    written = re.sub(r"[\s.\-]", "", typed).upper()
    if not written:
        return ""
    own = written.removeprefix(country)
    if country == "BE":
        digits = "0" + own if len(own) == 9 else own
        if not (re.fullmatch(r"[01][0-9]{9}", digits) and 97 - int(digits[:8]) % 97 == int(digits[8:])):
            raise Refused(_("A Belgian VAT number is BE and the ten digits of the KBO number."), "vat_number")
        return "BE" + digits
    if not re.fullmatch(r"[0-9]{9}B[0-9]{2}", own) or own.endswith("B00"):
        raise Refused(_("A Dutch VAT number looks like NL123456789B01."), "vat_number")
    if not (_is_one_modulo_97("NL" + own) or _has_eleven_test(own[:9])):
        raise Refused(_("This is no VAT number: its check digits do not fit."), "vat_number")
    return "NL" + own


def _is_one_modulo_97(written: str) -> bool:
    return int("".join(str(int(character, 36)) for character in written)) % 97 == 1


def _has_eleven_test(digits: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True)) % 11 == 0
