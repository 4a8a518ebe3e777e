"""Ten invented files around a threshold, to start from. About nobody.

They hold raw facts and no verdict: whoever reads them has to apply the definition, or the test says nothing about it.
Clearly over, exactly at and just under the threshold; interrupted; on the provider's word alone; with evidence a day
too late and on the last day; before the intake; without the last day; and begun anew.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.core.format import day
from app.languages import LOCALES

NUMBER = re.compile(r"(\d+)((?:\s+|-)[^\W\d_]+|\s*%)?")  # with the word that says of what
NOTHING = re.compile(r"(nothing|none|no|niets|geen|niet)\b", re.IGNORECASE)
LAST_DAY = date(2025, 3, 3)


def suggest_files(definition: Mapping[str, Any], proof: Any, jurisdiction: str) -> list[str]:
    """In the language of the `jurisdiction`, so that both readers read the same; `definition` as the test will keep
    it, `proof` the kind of evidence."""
    with force_locale(LOCALES.get(jurisdiction, "nl")):
        words = _words_of(definition) | {"proof": str(proof)[:1].upper() + str(proof)[1:]}  # begins a sentence
        return _counted(words) if words["exact"] else _uncounted(words)


def _words_of(definition: Mapping[str, Any]) -> dict[str, str]:
    """What the files are written with (`evidence_days` in days); empty where the definition says nothing to go by."""
    days = int(definition["evidence_days"])
    short, exact, over = _around(definition["definition"])
    return {
        "definition": definition["definition"].rstrip(". "),
        "holder": definition["evidence_holder"] or "–",
        "resets": "" if NOTHING.match(definition["resets"]) else definition["resets"].rstrip(". "),
        "short": short,
        "exact": exact,
        "over": over,
        "soon": day(LAST_DAY + timedelta(days=min(10, days))),
        "last": day(LAST_DAY + timedelta(days=days)),
        "late": day(LAST_DAY + timedelta(days=days + 1)),
        "until": day(LAST_DAY),
        "before": day(LAST_DAY - timedelta(days=1)),
        "after": day(LAST_DAY + timedelta(days=1)),
    }


def _around(definition: str) -> tuple[str, str, str]:
    """The first number of a definition with its unit: less one, as it stands and two more; empty where it has none."""
    found = NUMBER.search(definition)
    if found is None or not int(found[1]):
        return "", "", ""
    number, unit = int(found[1]), found[2] or ""
    return f"{number - 1}{unit}", f"{number}{unit}", f"{number + 2}{unit}"


def _counted(words: Mapping[str, str]) -> list[str]:
    """Where the definition has a number: files that show more, as much and less."""
    return [
        _("A. %(proof)s from %(holder)s, dated %(soon)s. It shows %(over)s, up to %(until)s.", **words),
        _("B. %(proof)s from %(holder)s, dated %(soon)s. It shows %(exact)s, up to %(until)s.", **words),
        _("C. %(proof)s from %(holder)s, dated %(soon)s. It shows %(short)s, up to %(until)s.", **words),
        _(
            "D. %(proof)s from %(holder)s, dated %(soon)s. It shows %(exact)s up to %(until)s, in two parts with three "
            "days between them.",
            **words,
        ),
        _(
            "E. A report that the service provider wrote on %(soon)s. It says: %(over)s, up to %(until)s. The file "
            "holds no other paper.",
            **words,
        ),
        _("F. %(proof)s from %(holder)s, dated %(late)s. It shows %(exact)s, up to %(until)s.", **words),
        _("G. %(proof)s from %(holder)s, dated %(last)s. It shows %(exact)s, up to %(until)s.", **words),
        _(
            "H. %(proof)s from %(holder)s, dated %(soon)s. It shows %(exact)s, up to %(until)s. The intake form is "
            "dated %(after)s.",
            **words,
        ),
        _(
            "I. %(proof)s from %(holder)s, dated %(soon)s. It covers the days up to %(before)s; of %(until)s the file "
            "holds no paper.",
            **words,
        ),
        _(
            "J. Halfway this was noted: %(resets)s. %(proof)s from %(holder)s, dated %(soon)s. It shows %(exact)s from "
            "the day after that note up to %(until)s.",
            **words,
        )
        if words["resets"]
        else _(
            "J. It stopped once and began anew. %(proof)s from %(holder)s, dated %(soon)s. It shows %(exact)s since, "
            "up to %(until)s.",
            **words,
        ),
    ]


def _uncounted(words: Mapping[str, str]) -> list[str]:
    """Where there is nothing to count, what differs is who noted it, when, and of which day."""
    return [
        _("A. %(proof)s from %(holder)s, dated %(soon)s, about %(until)s: “%(definition)s”.", **words),
        _("B. %(proof)s from %(holder)s, dated %(until)s, about that same day: “%(definition)s”.", **words),
        _(
            "C. %(proof)s from %(holder)s, dated %(before)s, about what is planned for %(until)s: “%(definition)s”. "
            "The file holds nothing of a later day.",
            **words,
        ),
        _(
            "D. %(proof)s from %(holder)s, dated %(soon)s: “%(definition)s”, up to %(until)s, in two parts with three "
            "days between them.",
            **words,
        ),
        _(
            "E. A report that the service provider wrote on %(soon)s, about %(until)s: “%(definition)s”. The file "
            "holds no other paper.",
            **words,
        ),
        _("F. %(proof)s from %(holder)s, dated %(late)s, about %(until)s: “%(definition)s”.", **words),
        _("G. %(proof)s from %(holder)s, dated %(last)s, about %(until)s: “%(definition)s”.", **words),
        _(
            "H. %(proof)s from %(holder)s, dated %(soon)s, about %(until)s: “%(definition)s”. The intake form is dated "
            "%(after)s.",
            **words,
        ),
        _(
            "I. %(proof)s from %(holder)s, dated %(soon)s, about a day that is not filled in: “%(definition)s”.",
            **words,
        ),
        _(
            "J. Halfway this was noted: %(resets)s. %(proof)s from %(holder)s, dated %(soon)s, about %(until)s, after "
            "that note: “%(definition)s”.",
            **words,
        )
        if words["resets"]
        else _(
            "J. It stopped once and began anew. %(proof)s from %(holder)s, dated %(soon)s, about %(until)s: "
            "“%(definition)s”.",
            **words,
        ),
    ]
