"""Numbers by which organisations are known: KvK (Netherlands) and KBO/BCE (Belgium)."""

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
