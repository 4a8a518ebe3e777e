"""The code of a participant stays with who reads about participants (domain, section 9: a code is personal data of who
can be found by it). It may not stand in a text that every party or the public reads, nor under a seal."""

import re
import unicodedata
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import column, select, table
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.errors import Refused
from app.core.national_id import plain_digits
from app.extensions import db
from app.programmes.pseudonym import ALPHABET, RANDOM, is_code, written

# Seven characters of the alphabet of codes as they are written or spelled, with up to three other signs in between;
# looked for from every character on, since a word before a code may look like its beginning.
WRITTEN = re.compile(rf"(?<![A-Z0-9])(?=((?:[{ALPHABET}][^A-Z0-9]{{0,3}}){{{RANDOM}}}[{ALPHABET}])(?![A-Z0-9]))")


# Intake stands above and is not imported, for an agreement asks too; its tables are read by name.
PEOPLE = [table(name, column("code")) for name in ("participant", "referral")]


def codes_in(text: str) -> set[str]:
    """What can be a code by its check character, as codes are written. A word can be one by chance."""
    plain = plain_digits(unicodedata.normalize("NFKC", text)).upper()
    joined = {re.sub(r"[^A-Z0-9]", "", found.group(1)) for found in WRITTEN.finditer(plain)}
    return {written(one) for one in joined if is_code(one)}


def holds_code(text: str) -> bool:
    """Does the code of somebody who was referred or takes part, in whatever bond, stand in the text?"""
    found = codes_in(text)
    if not found:
        return False
    known = [select(kind.c.code).where(kind.c.code.in_(found)).limit(1) for kind in PEOPLE]
    return any(db.session.scalar(one) is not None for one in known)


def told() -> str:
    return _("The code of a participant stands here. Leave it out: this text is read by who may not know of anybody.")


def no_code(form: Any, field: Field) -> None:
    """Form validator of texts that stand in an edition for every party, for the public, or under a seal."""
    if isinstance(field.data, str) and holds_code(field.data):
        raise ValidationError(told())


def refuse_code(**texts: str) -> None:
    """The same in an operation: `Refused` on the field."""
    for field, text in texts.items():
        if holds_code(text):
            raise Refused(told(), field)
