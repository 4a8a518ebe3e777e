"""What an amendment does to the terms: pure, JSON in and JSON out.

Text, term of payment, documents, verification, the end, volumes, the intake plan, a longer period and, where nothing
was tendered, the running costs can be amended.
Prices, discounts, ceilings, maximums and the price table cannot: they are what was tendered for, and to change them is
to tender anew (Directive 2014/24/EU, art. 72: a change that would have drawn other bidders is substantial).
"""

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.agreements.amendment_states import AmendmentKind
from app.agreements.ending_models import EndingRules
from app.agreements.intake_clause import IntakeClause, stored
from app.agreements.providing import consortia_of
from app.agreements.running_costs import CostLine, lines_in
from app.agreements.verification_models import VerificationRules, as_terms
from app.programmes.models import Part

Terms = dict[str, Any]
PERIOD = ("ends_on", "tail_until")  # of the bond: the last day of the intake, and on which an effect counts
OF_PART = {Part.INTERMEDIARY: "intermediary", Part.ASSESSOR: "assessor"}


@dataclass(frozen=True, slots=True)
class Change:
    """What the agreement will say: as a whole, not as a difference. `volumes` by the id of the consortium and the code
    of the effect. None for verification or intake: it says nothing about it, as before; for the last day of
    the intake and of the effects, and for running costs: they stay."""

    text: str
    payment_days: int
    files_kept_days: int | None
    ending: EndingRules
    volumes: Mapping[str, Mapping[str, int]]
    verification: VerificationRules | None = None
    intake: IntakeClause | None = None
    ends_on: date | None = None
    tail_until: date | None = None
    costs: Sequence[CostLine] | None = None


def amended(terms: Terms, change: Change) -> Terms:
    """The terms with `change` in them; what it does not name stays letter for letter."""
    found = copy.deepcopy(terms)
    found["payment"] = {"days": change.payment_days}
    kept = change.files_kept_days
    found["evidence"] = {"files": kept is not None, "kept_days": kept}
    found["ending"] = change.ending.as_terms()
    for one in consortia_of(found):
        one["volumes"] = {code: number for code, number in change.volumes[one["id"]].items() if number}
    found["volumes"] = _together(found)
    if change.verification is not None:
        found["verification"] = as_terms(change.verification)
    if change.intake is not None:
        found["intake"] = stored(change.intake)
    if change.costs is not None and Counter(change.costs) != Counter(lines_in(found)):
        found["costs"] = _named_costs(found, change.costs)
        if not change.costs:
            del found["costs"]
    for name in PERIOD:
        if (on := getattr(change, name)) is not None:
            found["programme"] = found["programme"] | {name: on.isoformat()}
    return found


def _named_costs(terms: Terms, lines: Sequence[CostLine]) -> list[Terms]:
    of = {one["organisation"]["id"]: one["organisation"] for one in terms.get("costs", ())}
    of |= {one["organisation"]["id"]: one["organisation"] for part in consortia_of(terms) for one in part["partners"]}
    return [
        {"organisation": of[said.pop("organisation_id")]} | said for said in (dict(line.stored()) for line in lines)
    ]


def _together(terms: Terms) -> dict[str, int]:
    codes = [effect["code"] for effect in terms["table"]["effects"]]
    sums = {code: sum(one["volumes"].get(code, 0) for one in consortia_of(terms)) for code in codes}
    return {code: number for code, number in sums.items() if number}


def without_party(
    terms: Terms, part: Part, leaving: Mapping[str, str], successor: Mapping[str, str], *, year: int
) -> Terms:
    """The terms with `successor` in the place of `leaving`; both as the terms name an organisation.

    A service provider that is in the consortium already takes the work and the shares of the other on top of its own.
    Running costs are for the successor from `year` on, that of the last day: what was laid down for earlier years stays
    with who worked then.
    """
    found = copy.deepcopy(terms)
    if part != Part.PROVIDER:
        key = OF_PART[part]
        found[key] = [dict(successor) if one["id"] == leaving["id"] else one for one in found[key]]
        return found
    for line in found.get("costs", ()):
        if line["organisation"]["id"] == leaving["id"] and line["year"] >= year:
            line["organisation"] = dict(successor)
    for consortium in consortia_of(found):
        consortium["partners"] = _partners(consortium["partners"], leaving, successor)
        if consortium["lead"]["id"] == leaving["id"]:
            consortium["lead"] = dict(successor)
    return found


def _partners(
    partners: Sequence[Terms], leaving: Mapping[str, str], successor: Mapping[str, str]
) -> list[dict[str, Any]]:
    gone = next((one for one in partners if one["organisation"]["id"] == leaving["id"]), None)
    if gone is None:
        return list(partners)
    already = next((one for one in partners if one["organisation"]["id"] == successor["id"]), None)
    if already is None:
        return [one | {"organisation": dict(successor)} if one is gone else one for one in partners]
    shares = dict(already["shares"])
    for code, share in gone["shares"].items():
        own = shares.get(code, {})
        shares[code] = {key: own.get(key, 0) + number for key, number in share.items()}
    said = "\n".join(filter(None, (already["contribution"], gone["contribution"])))
    merged = already | {"contribution": said, "shares": shares}
    return [merged if one is already else one for one in partners if one is not gone]


def with_mark(terms: Terms, number: int, kind: AmendmentKind, replaces: str, *, last_day: date | None = None) -> Terms:
    """With the number of the amendment and the digest of what it replaces: versions form a chain."""
    mark = {"number": number, "kind": kind.value, "replaces": replaces}
    end = {"end": {"last_day": last_day.isoformat()}} if kind == AmendmentKind.END and last_day else {}
    return copy.deepcopy(terms) | {"amendment": mark} | end


def is_same(before: Terms, after: Terms) -> bool:
    """Nothing changes? The defaults of a clause that was never written down count as said."""
    return _said(before) == _said(after)


def _said(terms: Terms) -> Terms:
    whole = {"ending": EndingRules().as_terms(), "payment": {"days": 30}, "evidence": _NO_FILES} | terms
    whole.pop("amendment", None)
    return whole


_NO_FILES = {"files": False, "kept_days": None}


def rules_in(terms: Terms) -> VerificationRules | None:
    said = terms.get("verification")
    return (
        VerificationRules(**{name: said[name] for name in asdict(VerificationRules(False)) if name in said})
        if said
        else None
    )
