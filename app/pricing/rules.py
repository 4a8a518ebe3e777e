"""What one row of a price table may say, by its kind. Pure; every fault names the field where it was typed.

Source: the format replay/1, section "effects" and its fine print; amounts in minor units.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from app.pricing.models import MEASURED, Effect, EffectKind
from app.pricing.shown import basis_points

if TYPE_CHECKING:
    from app.pricing.operations import EffectFacts, TableFacts

K = EffectKind
PRICED_BY_UNIT = (K.PER_PERSON, K.PER_UNIT, K.DIFFERENCE, K.FEE)


@dataclass(frozen=True, slots=True)
class FieldFault:
    """`field` is a name of `EffectFacts`, `message` a sentence for whoever typed it."""

    field: str
    message: str


def faults_in(
    facts: "EffectFacts", other_codes: Iterable[str], unread: Collection[str] = frozenset()
) -> Iterator[FieldFault]:
    """Every rule that the row breaks; `other_codes` are those of the other rows of its table.

    `unread` are the fields that hold nothing yet, because what was typed there could not be read: a rule that looks at
    one of them waits.
    """
    others = set(other_codes)
    for rule, looks_at in RULES:
        if not looks_at & set(unread):
            yield from rule(facts, others)


def faults_in_group(facts: "EffectFacts | Effect", others: Iterable["EffectFacts | Effect"]) -> Iterator[FieldFault]:
    """What keeps the row out of its group: `others` are the other rows of its table.

    Source: replay/1, `best_of`: one group has one deadweight.
    """
    for other in others:
        if facts.best_of and other.best_of == facts.best_of and other.deadweight_bp != facts.deadweight_bp:
            message = _(
                "In this group “%(other)s” takes off %(deadweight)s for what would have happened anyway. "
                "All effects of a group must take off the same.",
                other=other.name,
                deadweight=basis_points(other.deadweight_bp),
            )
            yield FieldFault("best_of", message)
            return


def faults_in_table(facts: "TableFacts") -> Iterator[FieldFault]:
    """Every rule that the caps break. Source: `caps` and `rounding` of replay/1; overlapping periods are refused."""
    person, contract = facts.cap_per_person_minor, facts.cap_contract_minor
    if person is not None and contract is not None and person > contract:
        message = _("The maximum per participant is higher than that of the contract.")
        yield FieldFault("cap_per_person_minor", message)
    if facts.step_minor < 1:
        yield FieldFault("step_minor", _("The amount must be above zero."))
    if facts.vat_bp is not None and not 0 <= facts.vat_bp <= 10_000:
        yield FieldFault("vat_bp", _("Give a percentage from 0 to 100."))
    if any(cap["amount_minor"] < 1 for cap in facts.period_caps):
        yield FieldFault("period_caps", _("The amount must be above zero."))
    periods = sorted((cap["from"], cap["to"]) for cap in facts.period_caps)
    if any(start > end for start, end in periods):
        yield FieldFault("period_caps", _("A period must end on or after the day it begins."))
    elif any(later[0] <= earlier[1] for earlier, later in pairwise(periods)):
        yield FieldFault("period_caps", _("Two periods overlap: a day belongs to one of them at most."))


def _code(facts: "EffectFacts", others: set[str]) -> Iterator[FieldFault]:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", facts.code):
        yield FieldFault("code", _("Use small letters, digits and hyphens, such as work-13w."))
    if facts.code in others:
        yield FieldFault("code", _("This table already has an effect with the code %(code)s.", code=facts.code))
    if facts.code in facts.requires:
        yield FieldFault("requires", _("An effect cannot require itself."))


def _amounts(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    priced = facts.kind in PRICED_BY_UNIT and not facts.tiers
    if priced and facts.price_minor <= 0:
        yield FieldFault("price_minor", _("The amount must be above zero."))
    if not priced and facts.price_minor:
        yield FieldFault("price_minor", _("Leave this empty: tiers, steps, bands or a share say what is paid."))
    if not 0 <= facts.deadweight_bp < 10_000:
        yield FieldFault("deadweight_bp", _("Give a percentage from 0 to 99.99."))
    if facts.kind == K.FEE and facts.deadweight_bp:
        yield FieldFault("deadweight_bp", _("A fee is never reduced by what would have happened anyway."))
    if facts.payer_prices and facts.kind not in (K.PER_PERSON, K.PER_UNIT):
        yield FieldFault("payer_prices", _("Only effects per person or per unit can have a price per payer."))
    if facts.payer_prices and facts.tiers:
        yield FieldFault("payer_prices", _("A price per payer and tiers do not go together."))
    if any(price <= 0 for price in facts.payer_prices.values()):
        yield FieldFault("payer_prices", _("The amount must be above zero."))


def _scale(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    if facts.tiers:
        if facts.kind != K.PER_PERSON:
            yield FieldFault("tiers", _("Only an effect per person can have tiers."))
        ends = [tier["up_to"] for tier in facts.tiers]
        if ends[-1] is not None or None in ends[:-1]:
            yield FieldFault("tiers", _("The last tier, and only that one, has no end."))
        elif any(end <= 0 for end in ends[:-1]) or not _rising(ends[:-1]):
            yield FieldFault("tiers", _("Each tier must end above the one before it."))
    if facts.kind in (K.STEPS, K.BANDS) and not facts.scale:
        yield FieldFault("scale", _("Fill this in."))
    if facts.kind not in (K.STEPS, K.BANDS) and facts.scale:
        yield FieldFault("scale", _("Leave this empty: only steps and bands have a scale."))
    if facts.kind == K.STEPS and not _rising([Decimal(step["at"]) for step in facts.scale]):
        yield FieldFault("scale", _("Each step must begin above the one before it."))
    if facts.kind == K.BANDS:
        bands = [(Decimal(band["from"]), Decimal(band["to"])) for band in facts.scale]
        if any(start >= end for start, end in bands) or any(a[1] != b[0] for a, b in pairwise(bands)):
            yield FieldFault("scale", _("Each band must begin where the one before it ends, and end above its start."))


def _rising(values: list[Any]) -> bool:
    return all(a < b for a, b in pairwise(values))


def _measure(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    for name, kinds in (("threshold", (K.BANDS, K.DIFFERENCE)), ("pooled_threshold", (K.DIFFERENCE,))):
        typed = getattr(facts, name)
        if not typed:
            continue
        value = decimal_in(typed)
        if facts.kind not in kinds:
            yield FieldFault(name, _("Leave this empty: it does not belong to this way of counting."))
        elif value is None:
            yield FieldFault(name, _("Give a number, such as 0.1."))
        elif facts.kind == K.DIFFERENCE and not 0 <= value <= 1:
            yield FieldFault(name, _("Give a percentage from 0 to 100, such as 7.5%."))
    if facts.kind == K.SHARE and not 0 < facts.share_bp <= 10_000:
        yield FieldFault("share_bp", _("Give a percentage above 0, at most 100."))
    if facts.kind != K.SHARE and (facts.share_bp or facts.share_after_bp is not None or facts.until_minor is not None):
        yield FieldFault("share_bp", _("Leave this empty: it does not belong to this way of counting."))
    if (facts.share_after_bp is None) != (facts.until_minor is None):
        yield FieldFault("until_minor", _("The second share and the total after which it applies come together."))


def _limits(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    personal = facts.kind == K.PER_PERSON
    if not personal and facts.max_per_person is not None:
        message = _("Leave this empty: only effects per person are limited in number per participant.")
        yield FieldFault("max_per_person", message)
    if facts.requires and not personal:
        yield FieldFault("requires", _("Only an effect per person can require another one."))
    if facts.best_of and (not personal or facts.max_per_person != 1 or facts.tiers):
        message = _("Only effects per person, once each and without tiers, can share a group.")
        yield FieldFault("best_of", message)
    if facts.kind != K.PER_UNIT and (facts.after_units or facts.retroactive):
        yield FieldFault("after_units", _("Only an effect per unit can start after a number of units."))
    if facts.retroactive and not facts.after_units:
        yield FieldFault("retroactive", _("Say first after how many units payment starts."))
    if facts.kind == K.PER_UNIT and not facts.unit:
        yield FieldFault("unit", _("Say what is counted, such as day, week or month."))
    if facts.kind in MEASURED and facts.max_count is not None and facts.kind != K.DIFFERENCE:
        yield FieldFault("max_count", _("Leave this empty: only what is counted has a maximum number."))


def _saving(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    if facts.saving_minor is None:
        return
    if not facts.saving_class:
        yield FieldFault("saving_class", _("A saving needs its kind and its source."))
    if not facts.saving_source:
        yield FieldFault("saving_source", _("A saving needs its kind and its source."))


def _baseline(facts: "EffectFacts", _others: set[str]) -> Iterator[FieldFault]:
    if (facts.baseline_n is None) != (facts.baseline_count is None):
        yield FieldFault("baseline_n", _("Give both the number of people and how many of them reached it."))
    elif facts.baseline_n is not None and facts.baseline_count is not None and facts.baseline_count > facts.baseline_n:
        yield FieldFault("baseline_count", _("More people reached it than there were."))
    if facts.difference_bp is not None and not 0 < facts.difference_bp <= 10_000:
        yield FieldFault("difference_bp", _("Give a percentage above 0, at most 100."))


# Each group of rules, and the fields that it looks at.
RULES: tuple[tuple[Callable[["EffectFacts", set[str]], Iterator[FieldFault]], set[str]], ...] = (
    (_code, {"code", "requires"}),
    (_amounts, {"kind", "price_minor", "tiers", "deadweight_bp", "payer_prices"}),
    (_scale, {"kind", "tiers", "scale"}),
    (_measure, {"kind", "threshold", "pooled_threshold", "share_bp", "share_after_bp", "until_minor"}),
    (
        _limits,
        {"kind", "max_per_person", "requires", "best_of", "tiers", "after_units", "retroactive", "unit", "max_count"},
    ),
    (_saving, {"saving_minor", "saving_class", "saving_source"}),
    (_baseline, {"baseline_n", "baseline_count", "difference_bp"}),
)


def decimal_in(typed: str) -> Decimal | None:
    """An exact decimal as typed with a point or a comma, None when it is none."""
    if not re.fullmatch(r"-?[0-9]{1,12}([.,][0-9]{1,8})?", typed.strip()):
        return None
    try:
        return Decimal(typed.strip().replace(",", "."))
    except InvalidOperation:
        return None


def fraction_in(typed: str) -> str | None:
    """ "7,5" or "7.5%" -> "0.075", exactly; None when it is no percentage of at most six decimals."""
    found = re.fullmatch(r"([0-9]{1,3}(?:[.,][0-9]{1,6})?)\s*%?", typed.strip())
    return f"{Decimal(found.group(1).replace(',', '.')).scaleb(-2).normalize():f}" if found else None
