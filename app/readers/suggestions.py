"""Ten invented files around a threshold, each wanting in another way, to start from. About nobody."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.format import day

NUMBER = re.compile(r"\d+")
NOTHING = re.compile(r"(nothing|none|no|niets|geen|niet)\b", re.IGNORECASE)
ACHIEVED = date(2025, 3, 3)
LANGUAGES = {"NL": "nl", "BE": "nl_BE"}  # by jurisdiction: both readers read the same, whatever the writer reads


def suggest_files(definition: Mapping[str, Any], proof: Any, jurisdiction: str) -> list[str]:
    """In the language of the `jurisdiction`; `definition` as the test will keep it, `proof` the kind of evidence."""
    with force_locale(LANGUAGES.get(jurisdiction, "nl")):
        words = _words_of(definition) | {"proof": str(proof)[:1].upper() + str(proof)[1:]}  # begins a sentence
        return [
            _("A. Achieved on %(achieved)s: %(definition)s. %(proof)s from %(holder)s, dated %(soon)s.", **words),
            *_around_the_limit(words),
            _("D. Interrupted for three days halfway, then taken up again (%(period)s in all). %(proof)s.", **words)
            if words["period"]
            else _("D. Interrupted for three days halfway, then taken up again. %(proof)s.", **words),
            _("E. Achieved according to the service provider's own report; no other evidence in the file."),
            _("F. Achieved on %(achieved)s, but the evidence of %(holder)s is dated %(late)s.", **words),
            _("G. Achieved on %(achieved)s; the evidence of %(holder)s is dated the last day, %(last)s.", **words),
            _("H. Achieved and proven by %(holder)s, but at intake the person was not: %(who)s.", **words)
            if words["who"]
            else _("H. Achieved and proven by %(holder)s, but by somebody who takes no part in the bond.", **words),
            _("I. All is proven except the last day of the period (%(period)s). %(proof)s from %(holder)s.", **words)
            if words["period"]
            else _("I. All is proven except on which day. %(proof)s from %(holder)s.", **words),
            _("J. This happened on the way: %(resets)s. Afterwards all was reached again in full.", **words)
            if words["resets"]
            else _("J. Lost once on the way. Afterwards all was reached again in full."),
        ]


def _words_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """What the files are written with (`evidence_days` in days); empty where the definition says nothing to go by."""
    days = int(definition["evidence_days"])
    short, exact = _around(definition["definition"])
    return {
        "definition": definition["definition"].rstrip(". "),
        "who": definition["who"].rstrip(". "),
        "period": definition["sustained"] if NUMBER.search(definition["sustained"]) else "",
        "holder": definition["evidence_holder"] or "–",
        "resets": "" if NOTHING.match(definition["resets"]) else definition["resets"].rstrip(". "),
        "short": short,
        "exact": exact,
        "soon": day(ACHIEVED + timedelta(days=min(10, days))),
        "last": day(ACHIEVED + timedelta(days=days)),
        "late": day(ACHIEVED + timedelta(days=days + 1)),
        "achieved": day(ACHIEVED),
    }


def _around(definition: str) -> tuple[str, str]:
    """The first number of a definition, less one and as it stands; empty where it has none."""
    found = NUMBER.search(definition)
    if found is None or found.group() == "0":
        return "", ""
    return str(int(found.group()) - 1), found.group()


def _around_the_limit(words: Mapping[str, str]) -> list[str]:
    if words["exact"]:
        return [
            _("B. Exactly at the limit: %(exact)s, reached on %(achieved)s. %(proof)s from %(holder)s.", **words),
            _("C. One short: %(short)s where the definition asks %(exact)s. %(proof)s from %(holder)s.", **words),
        ]
    return [
        _("B. All that the definition asks, and no more, on %(achieved)s. %(proof)s from %(holder)s.", **words),
        _("C. One part of what the definition asks is missing; the rest is there. %(proof)s from %(holder)s.", **words),
    ]
