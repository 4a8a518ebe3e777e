"""What an amendment changes, for people: each term and each paragraph of the text, before and after, side by side."""

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.agreements.amending import PERIOD
from app.agreements.ending_models import ending_of
from app.agreements.models import BY_LAW_DAYS
from app.agreements.providing import consortia_of
from app.agreements.verification_models import APPEAL_DAYS
from app.core import format
from app.core.money import Money

Terms = dict[str, Any]
READ = (
    *("payment", "evidence", "verification", "ending", "volumes", "consortia", "intake", "costs"),
    *("intermediary", "assessor", "end"),
)
MARKS = ("amendment", "consortium")  # the chain of versions; a consortium in the words of the first format


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` in the words of the page; both sides as text, empty where nothing was said."""

    what: str
    before: str
    after: str


def differences(before: Terms, after: Terms) -> list[Difference]:
    """Every term that is not the same. What no reader has words for is named by its key, never left out."""
    old, new = dict(_lines(before)), dict(_lines(after))
    found = [
        Difference(what, old.get(what, ""), new.get(what, ""))
        for what in dict.fromkeys([*old, *new])
        if old.get(what, "") != new.get(what, "")
    ]
    for key in sorted({*before, *after} - {*READ, *MARKS}):
        if _rest(before, key) != _rest(after, key):
            found.append(Difference(key, str(before.get(key, "")), str(after.get(key, ""))))
    return found


def _rest(terms: Terms, key: str) -> Any:
    """Of the bond, what `_lines` does not say."""
    said = terms.get(key)
    return {name: one for name, one in said.items() if name not in PERIOD} if key == "programme" and said else said


def _lines(terms: Terms) -> Iterator[tuple[str, str]]:
    days = (terms.get("payment") or {}).get("days", BY_LAW_DAYS)
    yield _("An invoice is paid within"), _("%(days)d calendar days", days=days)
    kept = terms.get("evidence") or {}
    yield (
        _("Documents of evidence"),
        _("kept encrypted for %(days)s days, then deleted", days=format.number(kept["kept_days"]))
        if kept.get("files")
        else _("not kept here, only their fingerprint"),
    )
    for name, what in zip(PERIOD, (_("Participants start until"), _("Effects accrue until")), strict=True):
        if on := (terms.get("programme") or {}).get(name):
            yield what, format.day(date.fromisoformat(on))
    yield from _verification(terms)
    yield from _ending(terms)
    yield from _volumes(terms)
    yield from _intake(terms)
    yield from _costs(terms)
    yield from _parties(terms)
    if terms.get("end"):
        yield _("Last day of the agreement"), format.day(date.fromisoformat(terms["end"]["last_day"]))


def _verification(terms: Terms) -> Iterator[tuple[str, str]]:
    said = terms.get("verification")
    if not said:
        return
    yield _("What is judged"), _("a sample of each effect") if said["sampling"] else _("every claim")
    yield _("Least number of claims in a sample"), format.number(said["least"])
    yield _("Least share of the claims in a sample"), format.basis_points(said["share_bp"])
    yield _("Faults tolerated in a sample"), format.basis_points(said["tolerance_bp"])
    yield _("Assessors that judge each claim"), format.number(said["assessors"])
    yield _("Signatures under a statement"), format.number(2 if said.get("counter_signed") else 1)
    yield _("Days to appeal after a sign-off"), format.number(said.get("appeal_days") or APPEAL_DAYS)


def _ending(terms: Terms) -> Iterator[tuple[str, str]]:
    rules = ending_of(terms)
    yield _("Notice before the end"), _("%(days)d calendar days", days=rules.notice_days)
    yield _("Term to mend what was promised"), _("%(days)d calendar days", days=rules.mending_days)
    yield _("When a party is replaced"), str(rules.consents.label)


def _volumes(terms: Terms) -> Iterator[tuple[str, str]]:
    names = {effect["code"]: effect["name"] for effect in terms["table"]["effects"]}
    for one in consortia_of(terms):
        for code, number in one["volumes"].items():
            words = {"effect": names[code], "consortium": one["name"]}
            yield _("%(effect)s in the plan of %(consortium)s", **words), format.number(number)


def _intake(terms: Terms) -> Iterator[tuple[str, str]]:
    said = terms.get("intake")
    if not said:
        return
    names = {payer["organisation"]["id"]: payer["organisation"]["name"] for payer in terms["payers"]}
    for payer, months in said["plan"].items():
        for month, number in sorted(months.items()):
            words = {"municipality": names.get(payer, payer), "month": month}
            yield _("Referred by %(municipality)s in %(month)s", **words), format.number(number)
    yield _("May be missing without compensation"), format.basis_points(said["tolerance_bp"])
    fees = {effect["code"]: effect["name"] for effect in terms["table"]["effects"]}
    yield _("Compensation per missing place"), fees.get(said["effect"], _("no compensation"))


def _costs(terms: Terms) -> Iterator[tuple[str, str]]:
    counted: Counter[tuple[str, int]] = Counter()
    for line in terms.get("costs", ()):
        counted[of := (line["organisation"]["name"], line["year"])] += 1
        words = {"provider": of[0], "year": of[1], "number": counted[of]}
        amount = format.money(Money(line["amount_minor"], terms["programme"]["currency"]))
        said = ", ".join(filter(None, (line["what"], line["milestone"], amount)))
        yield _("Running costs of %(provider)s in %(year)d, line %(number)d", **words), said


def _parties(terms: Terms) -> Iterator[tuple[str, str]]:
    names = {effect["code"]: effect["name"] for effect in terms["table"]["effects"]}
    for one in consortia_of(terms):
        yield _("Lead partner of %(consortium)s", consortium=one["name"]), one["lead"]["name"]
        for partner in one["partners"]:
            words = {"partner": partner["organisation"]["name"], "consortium": one["name"]}
            said = "; ".join(filter(None, (partner["contribution"], *_shares(partner, names)))) or _("takes part")
            yield _("%(partner)s in %(consortium)s", **words), said
    yield _("Intermediary"), ", ".join(one["name"] for one in terms["intermediary"])
    yield _("Independent assessor"), ", ".join(one["name"] for one in terms["assessor"])


def _shares(partner: dict[str, Any], names: dict[str, str]) -> Iterator[str]:
    shares = list(partner.get("shares", {}).values())
    if len(shares) > 1 and all(one == shares[0] for one in shares):
        work, money = shares[0]["work"], shares[0]["money"]
        yield _("%(work)d%% of the work and %(money)d%% of the money of each effect", work=work, money=money)
        return
    for code, share in sorted(partner.get("shares", {}).items()):
        words = {"effect": names.get(code, code), "work": share["work"], "money": share["money"]}
        yield _("%(effect)s: %(work)d%% of the work, %(money)d%% of the money", **words)


@dataclass(frozen=True, slots=True)
class Paragraphs:
    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def side_by_side(before: str, after: str) -> list[Paragraphs]:
    """The paragraphs of both texts next to each other, in their order; the other side is empty for what is new or
    gone."""
    old, new = _paragraphs(before), _paragraphs(after)
    found = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Paragraphs(one, one) for one in old[a:b]]
            continue
        for at in range(max(b - a, d - c)):
            found.append(Paragraphs(old[a + at] if a + at < b else "", new[c + at] if c + at < d else ""))
    return found


def _paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
