"""How a municipality of the cohort is written in a file: by its name, with or without "Gemeente" before it."""

import re

from flask_babel import gettext as _

from app.people.models import Organisation
from app.pricing.files.cells import key_of
from app.programmes.models import Programme

OFFICE = re.compile(r"(gemeente|stad|municipality of|city of)\s+", re.IGNORECASE)


def payers_by_name(programme: Programme) -> dict[str, Organisation]:
    """Where two would be called the same without it ("Gemeente Gent", "Stad Gent"), only the whole name says which."""
    payers = [share.organisation for share in programme.shares]
    short = [key_of(OFFICE.sub("", payer.name, count=1)) for payer in payers]
    found = {name: payer for name, payer in zip(short, payers, strict=True) if short.count(name) == 1}
    return found | {key_of(payer.name): payer for payer in payers}


def unknown_payer(programme: Programme) -> str:
    names = ", ".join(share.organisation.name for share in programme.shares)
    return _("This municipality has no part of the cohort. Write one of: %(names)s.", names=names)
