"""Ten invented files around a threshold, each wanting in another way, to start from. About nobody."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.core.format import day

NUMBER = re.compile(r"\d+")
ACHIEVED = date(2025, 3, 3)


def suggest_files(definition: Mapping[str, Any]) -> list[str]:
    """In the language of the reader; `definition` as the test will keep it (`evidence_days` in days)."""
    days = int(definition["evidence_days"])
    short, exact = _around(definition["definition"])
    words = {
        "definition": definition["definition"].rstrip(". "),
        "who": definition["who"].rstrip(". ") or "–",
        "period": definition["sustained"] or "–",
        "proof": definition["evidence"],
        "holder": definition["evidence_holder"] or "–",
        "resets": definition["resets"].rstrip(". ") or "–",
        "short": short,
        "exact": exact,
        "soon": day(ACHIEVED + timedelta(days=min(10, days))),
        "last": day(ACHIEVED + timedelta(days=days)),
        "late": day(ACHIEVED + timedelta(days=days + 1)),
        "achieved": day(ACHIEVED),
    }
    return [
        _("A. Achieved on %(achieved)s: %(definition)s. %(proof)s from %(holder)s, dated %(soon)s.", **words),
        _("B. Exactly at the limit: %(exact)s, reached on %(achieved)s. %(proof)s from %(holder)s.", **words),
        _("C. One short: %(short)s where the definition asks %(exact)s. %(proof)s from %(holder)s.", **words),
        _("D. Interrupted for three days halfway, then taken up again (%(period)s in all). %(proof)s.", **words),
        _("E. Achieved according to the service provider's own report; no other evidence in the file.", **words),
        _("F. Achieved on %(achieved)s, but the evidence of %(holder)s is dated %(late)s.", **words),
        _("G. Achieved on %(achieved)s; the evidence of %(holder)s is dated the last day, %(last)s.", **words),
        _("H. Achieved and proven by %(holder)s, but at intake the person was not: %(who)s.", **words),
        _("I. All is proven except the last day of the period (%(period)s). %(proof)s from %(holder)s.", **words),
        _("J. This happened on the way: %(resets)s. Afterwards all was reached again in full.", **words),
    ]


def _around(definition: str) -> tuple[str, str]:
    """The first number of a definition, less one and as it stands; words where it has none."""
    found = NUMBER.search(definition)
    if found is None or found.group() == "0":
        return _("not quite"), _("all that is asked")
    return str(int(found.group()) - 1), found.group()
