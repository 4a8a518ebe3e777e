"""Units in which something is counted, in the language of the reader.

Whoever makes a table types its unit; the usual ones are known in both languages and shown in the reader's.
"""

from flask_babel import lazy_gettext as _l

DAY, WEEK, MONTH, YEAR, PERSON = _l("day"), _l("week"), _l("month"), _l("year"), _l("person")
KNOWN = {
    **dict.fromkeys(("day", "days", "dag", "dagen"), DAY),
    **dict.fromkeys(("week", "weeks", "weken"), WEEK),
    **dict.fromkeys(("month", "months", "maand", "maanden"), MONTH),
    **dict.fromkeys(("year", "years", "jaar", "jaren"), YEAR),
    **dict.fromkeys(("person", "persons", "people", "persoon", "personen"), PERSON),
}


def unit(typed: str | None) -> str:
    """ "jaar" -> "year" for who reads English; another word stays as it was typed."""
    said = typed or ""
    return str(KNOWN.get(said.strip().casefold(), said))
