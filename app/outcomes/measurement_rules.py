"""The rules for what is measured of a cohort, or due as a fee; each refusal names its rule.

Pure: rows in, `Refused` on the field out. Source: the format replay/1, section "facts", and the domain, sections
4 and 7.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused
from app.core.format import day, exact
from app.outcomes.basis import FIELDS as BASIS
from app.outcomes.basis import Basis, check_basis, is_asked, is_share, shares_beside
from app.outcomes.models import Measurement
from app.outcomes.rules import EVIDENCE, Rules, check_all
from app.outcomes.states import COUNTING
from app.outcomes.unusual import expect_meant
from app.people.models import Organisation
from app.pricing.models import PERSONAL, Effect, EffectKind, EvidenceType
from app.pricing.rules import decimal_in
from app.programmes.models import Programme

# What is filled in for an effect of each kind; the other fields stay empty.
MEASURED_BY: dict[EffectKind, tuple[str, ...]] = {
    EffectKind.STEPS: ("value",),
    EffectKind.BANDS: ("value",),
    EffectKind.DIFFERENCE: ("cohort", "treatment", "control"),
    EffectKind.SHARE: ("avoided_minor",),
    EffectKind.FEE: ("quantity",),
}
FIELDS = tuple(dict.fromkeys(name for names in MEASURED_BY.values() for name in names))
DECIMALS = ("value", "treatment", "control")
THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")  # 1.420 is fourteen hundred to one reader, 1.42 to another


@dataclass(frozen=True, slots=True)
class MeasurementFacts:
    """What was established, and for which municipality. `avoided_minor` in minor units; exact decimals are text.

    `evidence_digest` is the SHA-256 (64 hex digits) of the document, which stays with the provider.
    """

    effect: Effect
    payer: Organisation
    achieved_on: date
    evidence_type: EvidenceType
    evidence_issuer: str
    evidence_on: date
    evidence_digest: str
    value: str = ""
    cohort: str = ""
    treatment: str = ""
    control: str = ""
    avoided_minor: int | None = None
    quantity: int | None = None
    note: str = ""
    basis: Basis | None = None
    another_cohort: bool | None = None  # said so by who was warned; None: nobody was asked
    is_estimate: bool = False  # the same, of a share that no whole number of people gives
    other_issuer: bool = False  # the same, of an unusual issuer


def check_measurement(
    programme: Programme, known: dict[str, Any], earlier: Iterable[Measurement], room: Mapping[uuid.UUID, int]
) -> None:
    """Raise `Refused` with every rule that the measurement breaks. `earlier`: all measurements of the bond; `room`: how
    many people can be in the cohort of each municipality that pays.

    `known` holds the fields of `MeasurementFacts`; a rule is passed over when a fact that it reads is missing. Of how
    it was established (`basis`) it may hold what was filled in well, by field.
    """
    measured = {name: known.get(name) for name in FIELDS}
    basis = known.get("basis") or {}
    said = {name: getattr(basis, name) for name in BASIS} if isinstance(basis, Basis) else basis
    known = known | {"measured": measured, "cohort": known.get("cohort") or "", "said": said, "room": room}
    check_all(RULES, programme, [one for one in earlier if one.state in COUNTING], known)


def check_once(one: Measurement, counting: list[Measurement]) -> None:
    """The same is not measured already by one that counts."""
    _once(one.programme, counting, one.effect, one.payer, one.achieved_on, one.cohort)


def _kind(_programme: Programme, _counting: list[Measurement], effect: Effect) -> None:
    if effect.kind in PERSONAL:
        raise Refused(_("Rule “kind”: this effect is claimed per participant and not measured."), "effect")


def _payer(programme: Programme, _counting: list[Measurement], payer: Organisation) -> None:
    if payer.id not in {share.organisation_id for share in programme.shares}:
        raise Refused(_("This municipality has no part of the cohort."), "payer")


def _achieved(programme: Programme, _counting: list[Measurement], achieved_on: date) -> None:
    if achieved_on > clock.today():
        raise Refused(_("Rule “date”: nothing is measured in the future."), "achieved_on")
    if not programme.starts_on <= achieved_on <= programme.tail_until:
        period = {"first": day(programme.starts_on), "last": day(programme.tail_until)}
        raise Refused(
            _("Rule “tail”: effects of this bond accrue from %(first)s to %(last)s.", **period), "achieved_on"
        )


def _once(
    _programme: Programme,
    counting: list[Measurement],
    effect: Effect,
    payer: Organisation,
    achieved_on: date,
    cohort: str,
) -> None:
    """The same result is not paid twice; two cohorts may be measured on one day."""
    wanted = (effect.id, payer.id, achieved_on, cohort.casefold())
    if any((one.effect_id, one.payer_id, one.achieved_on, one.cohort.casefold()) == wanted for one in counting):
        raise Refused(_("Rule “once only”: this is measured already for this municipality on this day."), "achieved_on")


def _another(
    programme: Programme,
    counting: list[Measurement],
    effect: Effect,
    payer: Organisation,
    achieved_on: date,
    cohort: str,
    another_cohort: bool,
) -> None:
    """A warning: two results in one period are of two cohorts, or one of them is a slip."""
    if another_cohort or not is_asked(effect):
        return
    first, last = period_of(programme, effect, achieved_on)
    same = (effect.id, payer.id, cohort.casefold())
    for one in counting:
        known = (one.effect_id, one.payer_id, one.cohort.casefold())
        if known == same and one.achieved_on != achieved_on and first <= one.achieved_on <= last:
            told = _(
                "Measured already in this period: %(number)s, on %(day)s. Say so if this is another cohort.",
                number=one.number,
                day=day(one.achieved_on),
            )
            raise Refused(told, "another_cohort")


def period_of(programme: Programme, effect: Effect, on: date) -> tuple[date, date]:
    """First and last day of the period around `on`: that of the maximums of the table, else the half-year."""
    for cap in effect.table.period_caps:
        first, last = (date.fromisoformat(cap[name]) for name in ("from", "to"))
        if first <= on <= last:
            return first, last
    half = date(on.year, 1, 1), date(on.year, 6, 30)
    return half if on <= half[1] else (date(on.year, 7, 1), date(on.year, 12, 31))


def _people(
    _programme: Programme,
    _counting: list[Measurement],
    effect: Effect,
    payer: Organisation,
    said: dict[str, Any],
    room: Mapping[uuid.UUID, int],
) -> None:
    people, most = said.get("people"), room.get(payer.id, 0)
    if is_asked(effect) and not most:
        told = _("Rule “people”: nobody of %(payer)s has started, so there is no cohort to measure.", payer=payer.name)
        raise Refused(told, "payer")
    if is_asked(effect) and isinstance(people, int) and people > most:
        told = _("Rule “people”: at most %(most)d can be in the cohort of this municipality.", most=most)
        raise Refused(told, "people")


def _estimate(
    _programme: Programme,
    _counting: list[Measurement],
    effect: Effect,
    measured: dict[str, Any],
    said: dict[str, Any],
    is_estimate: bool,
) -> None:
    """A share is a number of people, or was reckoned: asked, for a slip of the pen reads as a figure too."""
    value, people = decimal_in(measured["value"] or ""), said.get("people")
    if not is_share(effect) or value is None or not 0 <= value <= 1 or not isinstance(people, int) or people < 1:
        return
    if not (near := shares_beside(value, people)):
        return
    (fewer, low), (more, high) = near
    told = _(
        "No whole number of %(people)d people is a share of %(value)s. The nearest are %(low)s (%(fewer)d of them) and "
        "%(high)s (%(more)d).",
        people=people,
        value=exact(measured["value"]),
        low=exact(f"{low:f}"),
        fewer=fewer,
        high=exact(f"{high:f}"),
        more=more,
    )
    expect_meant(told, "value", "is_estimate", is_estimate)


def _figures(_programme: Programme, _counting: list[Measurement], effect: Effect, measured: dict[str, Any]) -> None:
    """Each kind has its own figures, and no others; all that is wrong with them is said at once."""
    wanted = MEASURED_BY.get(effect.kind, ())
    found = [(name, _fault_in(name, measured[name], name in wanted, effect)) for name in FIELDS]
    broken = [Refused(message, name) for name, message in found if message]
    if broken:
        raise Refused(broken[0].message, broken[0].field, broken[1:])


def _fault_in(name: str, typed: Any, wanted: bool, effect: Effect) -> str | None:
    if typed in (None, ""):
        return _("Rule “figures”: fill this in, for this effect is paid by it.") if wanted else None
    if not wanted:
        return _("Rule “figures”: leave this empty, for this effect is not paid by it.")
    if name == "cohort":
        return None
    number = decimal_in(typed) if name in DECIMALS else typed
    if number is None:
        return _("Give a number, such as 0.1.")
    if name in DECIMALS and THOUSANDS.fullmatch(typed):
        return misread()
    if name == "value" and is_share(effect) and not 0 <= number <= 1:
        return _("Rule “figures”: a share lies from 0 to 1, such as 0.625.")
    if name in ("control", "quantity") and number <= 0:
        return _("Rule “figures”: this must be above zero.")
    if name in ("treatment", "avoided_minor") and number < 0:
        return _("Rule “figures”: this cannot be below zero.")
    return None


def misread() -> str:
    return _("Write this number without a separator for thousands, or with four decimals: it can be misread.")


def _basis(
    _programme: Programme, _counting: list[Measurement], effect: Effect, said: dict[str, Any], measured: dict[str, Any]
) -> None:
    check_basis(effect, said, measured)


RULES: Rules = (
    (_kind, ("effect",)),
    (_payer, ("payer",)),
    (_achieved, ("achieved_on",)),
    (_once, ("effect", "payer", "achieved_on", "cohort")),
    (_another, ("effect", "payer", "achieved_on", "cohort", "another_cohort")),
    (_estimate, ("effect", "measured", "said", "is_estimate")),
    (_figures, ("effect", "measured")),
    (_people, ("effect", "payer", "said", "room")),
    (_basis, ("effect", "said", "measured")),
    *EVIDENCE,
)
