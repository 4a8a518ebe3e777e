"""What the law asks of a call and when each of its terms ends, from `tender_rules.toml`; pure, no database.

A number belongs to a jurisdiction, a route (contract or subsidy) and a day: a call keeps the rules of the day on which
it was published. Each date is shown with the day that was counted, the day it moved to and the source of both.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.core import clock
from app.core.flow import Labelled
from app.core.format import basis_points
from app.programmes.states import Route

if TYPE_CHECKING:
    from app.calls.models import Call

RULES_FILE = Path(__file__).with_name("tender_rules.toml")


class Key(Labelled):
    """The rules that a call can rest on."""

    QUESTIONS = "questions", _l("Answers go to everybody")
    LAST_ANSWERS = "last_answers", _l("Last answers before the deadline")
    CONSORTIUM = "consortium", _l("A consortium bids without a legal form")
    WEIGHTS = "weights", _l("Weights of the criteria")
    EXTENSION = "extension", _l("More time when something essential changes")
    OPENING = "opening", _l("No plan is read before the deadline")
    OUTAGE = "outage", _l("More time after an outage of the portal")
    REPAIR = "repair", _l("One-time repair of a plan")
    REASONS = "reasons", _l("Reasons to every bidder")
    STANDSTILL = "standstill", _l("Time to object before the award is final")
    REVIEW = "review", _l("Court or body for review of the award")
    PROOF_REGISTER = "proof_register", _l("Age of the extract from the trade register")
    PROOF_CONDUCT = "proof_conduct", _l("Age of the declaration of conduct (GVA)")
    PROOF_TAX = "proof_tax", _l("Age of the statement of the tax authority")
    LOW_PRICE = "low_price", _l("A price that looks abnormally low")
    FILE = "file", _l("The file of the call is kept")
    THRESHOLD = "threshold", _l("European threshold for social services")


class Law(Labelled):
    AW = "aw", _l("the Dutch Public Procurement Act 2012")
    ATW = "atw", _l("the Dutch General Extension of Time Limits Act")
    AWB = "awb", _l("the Dutch General Administrative Law Act")
    RV = "rv", _l("the Dutch Code of Civil Procedure")
    BE_2013 = "be_2013", _l("the Belgian Act of 17 June 2013")
    BE_2016 = "be_2016", _l("the Belgian Act of 17 June 2016")
    BE_1991 = "be_1991", _l("the Belgian Act of 29 July 1991")
    BE_1973 = "be_1973", _l("the Belgian Acts on the Council of State, coordinated on 12 January 1973")
    BE_1948 = "be_1948", _l("the Belgian Regent's Decree of 23 August 1948")
    BE_CONSTITUTION = "be_constitution", _l("the Belgian Constitution")
    DIRECTIVE = "directive", _l("Directive 2014/24/EU")
    EU_TERMS = "eu_terms", _l("Regulation 1182/71")


class Binding(Labelled):
    """Why a rule binds in this call."""

    STATUTE = "statute", _l("by statute"), "info"
    DOCUMENTS = "tender documents", _l("declared by the call"), "info"
    DEFAULT = "default", _l("default of the portal"), "neutral"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as it holds from `valid_from` on. `value` counts in `unit`: days (calendar), months, years, minor."""

    key: Key
    jurisdiction: str
    route: Route
    valid_from: date
    law: Law
    article: str
    binding: Binding
    value: int | None = None
    unit: str = ""
    says: str = ""

    @property
    def days(self) -> int:
        """Calendar days; `ValueError` for a rule that counts in something else."""
        if self.unit != "days" or self.value is None:
            raise ValueError(f"{self.key} does not count in days")
        return self.value

    @property
    def basis(self) -> str:
        return source(self.law, self.article)

    @property
    def amount(self) -> str:
        """How much, in words; empty when the rule counts nothing."""
        count = self.value or 0
        if self.unit == "days" and count:
            return days_shown(count)
        if self.unit == "months":
            return ngettext("at most %(num)d month", "at most %(num)d months", count)
        if self.unit == "years":
            return ngettext("at least %(num)d year", "at least %(num)d years", count)
        if self.unit == "basis points":
            return _("%(share)s or more below the mean of all plans", share=basis_points(count))
        return str(SAYS.get(self.says or ("announced" if self.unit == "days" else ""), ""))


SAYS = {
    "required": _l("each criterion has a published weight"),
    "equal": _l("without weights the criteria weigh equally"),
    "implicit": _l("an implicit declaration; no certificate is asked"),
    "announced": _l("as the call announces"),
    "civil_judge": _l("the judge in preliminary relief proceedings of the district court, civil section"),
    "council_or_court": _l(
        "the Council of State where the authority is an administrative authority; the ordinary court where it is none"
    ),
    "objection_first": _l("an objection with the authority itself; after that the administrative court"),
    "council": _l("the Council of State"),
}


def days_shown(days: int) -> str:
    return ngettext("%(num)d calendar day", "%(num)d calendar days", days)


def source(law: Law, article: str) -> str:
    if "," in article:
        return _("arts. %(articles)s of %(law)s", articles=article, law=law.label)
    return _("art. %(article)s of %(law)s", article=article, law=law.label)


@lru_cache
def _rules(path: Path) -> tuple[Rule, ...]:
    lines = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    kinds: dict[str, Callable[[Any], Any]] = {"key": Key, "route": Route, "law": Law, "binding": Binding}
    return tuple(Rule(**{name: kinds.get(name, lambda x: x)(value) for name, value in line.items()}) for line in lines)


def rule(key: str, jurisdiction: str, on: date, route: str = Route.CONTRACT, path: Path = RULES_FILE) -> Rule:
    """The rule `key` as it holds on the day `on`. `LookupError` when the law of that day says nothing."""
    found = [
        one
        for one in _rules(path)
        if (one.key, one.jurisdiction, one.route) == (key, jurisdiction, route) and one.valid_from <= on
    ]
    if not found:
        raise LookupError(f"no rule {key} for a {route} in {jurisdiction} on {on}")
    return max(found, key=lambda one: one.valid_from)


def rules_on(jurisdiction: str, on: date, route: str = Route.CONTRACT) -> list[Rule]:
    """Every rule that holds that day, in the order of `Key`."""
    return [found for key in Key if (found := _or_none(key, jurisdiction, on, route)) is not None]


def _or_none(key: Key, jurisdiction: str, on: date, route: str) -> Rule | None:
    try:
        return rule(key, jurisdiction, on, route)
    except LookupError:
        return None


def may_choose(found: Rule) -> list[Binding]:
    """What a call may say of why a rule binds: a statute binds whatever the call says."""
    return [Binding.STATUTE] if found.binding == Binding.STATUTE else list(Binding)


def binding_of(found: Rule, chosen: Mapping[str, str]) -> Binding:
    """Why the rule binds in a call that chose `chosen` (rule key -> binding)."""
    said = Binding(chosen.get(found.key, found.binding))
    return said if said in may_choose(found) else found.binding


def equal_weights(number: int) -> int | None:
    """The weight of each of `number` criteria that weigh equally; None when 100 cannot be divided so."""
    return 100 // number if number and 100 % number == 0 else None


# --- The terms of one call ----------------------------------------------------------------------------------------


class TermKind(Labelled):
    QUESTIONS = "questions", _l("Questions until")
    LAST_ANSWERS = "last_answers", _l("Last answers by")
    PLANS = "plans", _l("Deadline for plans")
    OPENING = "opening", _l("Opening of the plans, from")
    REPAIR = "repair", _l("Repair of your plan until")
    STANDSTILL = "standstill", _l("Standstill until")
    OBJECTIONS = "objections", _l("Objections until")


@dataclass(frozen=True, slots=True)
class Term:
    """When something ends: at a `moment` (aware, to the second), or at the end of the day `until`.

    `counted_to` is the day that was counted, when the law counts; `moved_by` the rule that moved it to `until`.
    Without moment and day it is a length (`says`) that starts with an act still to come.
    """

    kind: TermKind
    basis: str
    binding: Binding
    moment: datetime | None = None
    until: date | None = None
    counted_to: date | None = None
    moved_by: str = ""
    says: str = ""
    label: Any = None

    @property
    def name(self) -> Any:
        return self.label or self.kind.label

    @property
    def ends_at(self) -> datetime | None:
        """The first moment at which it is over, in UTC."""
        if self.until is not None:
            return clock.end_of(self.until)
        return self.moment


def term_counted(
    kind: TermKind, found: Rule, start: date, binding: Binding, *, days: int | None = None, label: Any = None
) -> Term:
    """A term of `days` (none: what the rule says) from the day after `start`, moved off weekends and holidays."""
    counted = clock.count_term(start, found.days if days is None else days, found.jurisdiction)
    return Term(
        kind,
        found.basis,
        binding,
        until=counted.until,
        counted_to=counted.counted_to,
        moved_by=moves_by(found.jurisdiction) if counted.is_moved else "",
        says=days_shown(counted.days),
        label=label,
    )


def moves_by(jurisdiction: str) -> str:
    """The rule that moves the end of a term off a weekend or holiday."""
    return source(Law.ATW, "1") if jurisdiction == "NL" else source(Law.EU_TERMS, "3(4)")


def is_subsidy(call: "Call") -> bool:
    return call.programme.route == Route.SUBSIDY


def terms_of(call: "Call") -> list[Term]:
    """The terms that hold for everybody, in order of time; those after the award decision as lengths."""
    answers, opening = call.rule(Key.LAST_ANSWERS), call.rule(Key.OPENING)
    announced = _("as the call announces")
    terms = [Term(TermKind.QUESTIONS, announced, Binding.DOCUMENTS, moment=call.questions_until)]
    if call.answers_days:
        basis = answers.basis if call.answers_days == answers.days else announced
        back = _("%(days)s before the deadline", days=days_shown(call.answers_days))
        terms.append(Term(TermKind.LAST_ANSWERS, basis, call.binding(answers), moment=call.answers_until, says=back))
    terms += [
        Term(TermKind.PLANS, announced, Binding.DOCUMENTS, moment=call.deadline),
        Term(TermKind.OPENING, opening.basis, call.binding(opening), moment=call.deadline),
    ]
    return [*terms, standstill_ahead(call)]


def standstill_ahead(call: "Call") -> Term:
    """How long it will be; its last day is known once the decision is sent."""
    found = call.rule(Key.STANDSTILL)
    from_when = _("%(days)s from the day after the last letter is sent", days=days_shown(call.standstill_days))
    return Term(TermKind.STANDSTILL, found.basis, call.binding(found), says=from_when, label=standstill_label(call))


def standstill_label(call: "Call") -> Any:
    return _l("Time to file an objection") if is_subsidy(call) else _l("Standstill")


Adds = Callable[["Call", Any], Iterable[Term]]
_ADDED: list[Adds] = []


def adds_terms(function: Adds) -> Adds:
    """Decorator for packages above: `function(call, user)` gives the terms that `user` may know of, such as the end of
    a standstill or of a repair; with `None` for the user, all there are. They stand in the calendar file and are
    reminded of."""
    _ADDED.append(function)
    return function


def added_terms(call: "Call", user: Any) -> list[Term]:
    return [term for function in _ADDED for term in function(call, user)]


def terms_for(call: "Call", user: Any) -> list[Term]:
    """What holds for everybody and what only this person may know of, in order of time; lengths last."""
    mine = added_terms(call, user)
    dated = {term.kind for term in mine}
    shared = [term for term in terms_of(call) if term.kind not in dated]
    return sorted(shared + mine, key=lambda term: (term.ends_at is None, term.ends_at or 0))
