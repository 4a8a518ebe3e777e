"""No way to reach a person may stand in a text about one (domain, section 9: nothing that tells who a participant is):
no telephone number, no e-mail address, no account number.

Telephone: the Dutch numbering plan (10 digits from 0; a mobile from 061 to 065 or 068), the Belgian one (9 digits from
0, a mobile 10 from 04), or any number from + or 00 with its country. Account: an IBAN of any country by its length
and check digits (ISO 13616). Dates, amounts, percentages, numbers of claims and Belgian enterprise numbers pass.
"""

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.errors import Refused
from app.core.national_id import no_national_id, plain_digits, refuse_national_id

EMAIL = re.compile(r"[^\s@,;:<>()]+@[^\s@,;:<>()]+\.[^\W\d_]{2,}")
DATE = re.compile(r"(?<!\d)(?:\d{1,2}([-/. ])\d{1,2}\1(?:19|20)\d\d|(?:19|20)\d\d([-/.])\d{1,2}\2\d{1,2})(?!\d)")
NATIONAL = re.compile(r"(?<![\w+.,€])\(?0\d+\)?(?:[ ./-]{1,3}\d{2,8})*(?![\w])")
ABROAD = re.compile(r"(?<!\w)(?:\+ ?|00)[1-9]\d*(?:[ ./-]{0,2}\(0\)[ ./-]{0,2}\d+)?(?:[ ./-]{1,3}\d+)*(?!\w)")
ENTERPRISE = re.compile(r"0\d{3}\.\d{3}\.\d{3}")
THOUSANDS = re.compile(r"\d{1,3}(?:[. ]\d{3})+")
ACCOUNT = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d\d(?:[ .-]?[A-Z0-9])+")


def holds_email(text: str) -> bool:
    return EMAIL.search(text) is not None


def holds_account(text: str) -> bool:
    """An IBAN, with or without spaces, whatever words follow it."""
    return any(
        is_iban(start)
        for found in ACCOUNT.finditer(text.upper())
        for start in accumulate(re.split(r"[ .-]", found.group()))
    )


def is_iban(compact: str) -> bool:
    """Here, since it takes long to import and few texts have anything like an account number."""
    from schwifty import IBAN

    return IBAN(compact, allow_invalid=True).is_valid


def holds_telephone(text: str) -> bool:
    plain = DATE.sub("|", text)
    national = (groups for found in NATIONAL.finditer(plain) for groups in _starts(found.group()))
    if any(_is_national(groups) for groups in national):
        return True
    return any(_is_abroad(found.group()) for found in ABROAD.finditer(plain))


def _starts(run: str) -> Iterator[list[str]]:
    """The groups of digits of a run: the first, the first two, and so on; a number may follow a telephone number."""
    if ENTERPRISE.match(run) and _is_enterprise(re.sub(r"\D", "", run)[:10]):
        return
    groups = re.findall(r"\d+", run)
    yield from (groups[:last] for last in range(1, len(groups) + 1))


def _is_enterprise(digits: str) -> bool:
    return 97 - int(digits[:8]) % 97 == int(digits[8:])


def _is_national(groups: list[str]) -> bool:
    digits, area = "".join(groups), groups[0]
    if len(digits) == 10:
        if digits.startswith("06"):
            return digits[2] in "123458"
        return digits[1] != "0" and (len(area) in (3, 4) or len(groups) == 1)
    belgian = area in ("02", "03", "04", "09") or (len(area) == 3 and area[1] in "15678")
    return len(digits) == 9 and len(groups) > 1 and belgian


def _is_abroad(run: str) -> bool:
    """From + or 00: the country and at least eight digits more; not an amount that is written in thousands."""
    said = run.lstrip("+ ").replace("(0)", "")
    near = re.match(r"(?:00)?3[12]", said) is not None
    if THOUSANDS.fullmatch(said) and not near:
        return False
    return any(10 <= len(digits) <= 15 for digits in accumulate(re.findall(r"\d+", said.removeprefix("00"))))


KINDS: tuple[tuple[Callable[[str], bool], Callable[[], str]], ...] = (
    (holds_account, lambda: _("An account number (IBAN) seems to stand here. Leave it out.")),
    (holds_telephone, lambda: _("A telephone number seems to stand here. Leave it out: nobody may be reached by it.")),
    (holds_email, lambda: _("An e-mail address seems to stand here. Leave it out: nobody may be reached by it.")),
)


def why_contact(text: str) -> str | None:
    """The reason why this text about a person is refused, or None; what was typed is not repeated in it."""
    plain = plain_digits(text)
    return next((say() for holds, say in KINDS if holds(plain)), None)


def no_contact(form: Any, field: Field) -> None:
    """Form validator of texts about a person."""
    why = why_contact(field.data) if isinstance(field.data, str) else None
    if why is not None:
        raise ValidationError(why)


ABOUT_PERSON = (no_national_id, no_contact)


def refuse_who(**texts: str) -> None:
    """The same in an operation, for whoever comes past a form: `Refused` on the field of what tells who it is about."""
    refuse_national_id(**texts)
    for field, text in texts.items():
        why = why_contact(text)
        if why is not None:
            raise Refused(why, field)
