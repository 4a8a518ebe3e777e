"""Words of the assessor that every party reads, also under a seal. A number in them could be one of 1 to 4 that a page
hides, and a name is that of a person (domain, section 9): neither may stand there."""

import re
import unicodedata
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, literal, select
from wtforms import Field
from wtforms.validators import ValidationError

from app.core.errors import Refused
from app.extensions import db
from app.people.models import User

# "One" and its like also mean "a" or "each by itself"; what is "in acht genomen" is no number.
NUMBERS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|dozen|hundred"
    r"|twee|drie|vier|vijf|zes|zeven|(?<!in )acht|negen|tien|elf|twaalf|twintig|dozijn|honderd)\b",
    re.IGNORECASE,
)
# "mevrouw Jansen", "dhr. de Vries", "Mr Smith", "A.B. van Dijk": who writes of a person writes so.
TITLE = re.compile(
    r"\b(?:[Mm]evrouw|[Mm]evr|[Mm]eneer|[Dd]e heer|[Dd]hr|[Mm]w|Mrs?|Ms|Dr|[Dd]rs)\b\.?\s+(?:[a-z]+\s+){0,3}[A-Z]"
)
INITIALS = re.compile(r"\b(?:[A-Z]\.\s?)+(?:(?:van|de|den|der|ten|ter|von|'t)\s+){0,3}[A-Z][a-z]+")
LEAST_OF_A_NAME = 4


def why_told(text: str) -> str | None:
    """Why every party may not read this text, or None; what was typed is not repeated in it."""
    if any(unicodedata.category(sign) in ("Nd", "Nl", "No") for sign in text) or NUMBERS.search(text):
        return _(
            "A number stands here, in figures or in words. Leave it out: every party reads this, and a small number "
            "could point at a person."
        )
    if TITLE.search(text) or INITIALS.search(text) or _names_somebody(text):
        return _("The name of a person seems to stand here. Leave it out: every party reads this.")
    return None


def _names_somebody(text: str) -> bool:
    """Does the name of somebody with an account stand in it?"""
    if not text:
        return False
    named = literal(text.lower()).contains(func.lower(User.name), autoescape=False)
    found = select(User.id).where(func.length(User.name) > LEAST_OF_A_NAME, named).limit(1)
    return db.session.scalar(found) is not None


def tells_nobody(form: Any, field: Field) -> None:
    """Form validator of words for every party."""
    why = why_told(field.data) if isinstance(field.data, str) else None
    if why is not None:
        raise ValidationError(why)


def refuse_told(**texts: str) -> None:
    """The same in an operation: `Refused` on the field."""
    for field, text in texts.items():
        why = why_told(text)
        if why is not None:
            raise Refused(why, field)
