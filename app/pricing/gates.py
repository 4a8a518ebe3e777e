"""Which promises may be published at all: the gates of a price table, as far as the portal holds them itself.

Pure: a table and the municipalities' shares in, a verdict per gate out. Source: the gates D1, D3 and C1 of the domain's
section 4, and what the engine needs (effects exist, requirements form no circle). The other gates are judged by people.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.format import money
from app.pricing.models import UNPRICED, Effect, EffectKind, Overshoot, PriceTable
from app.programmes.models import MunicipalityShare

# Words that say a direction and no place on the way: two readers would not classify the same file alike (D1, D2).
VAGUE = re.compile(
    r"\b(better|improv\w*|sufficient\w*|adequate\w*|satisfactor\w*|appropriate\w*|reasonabl\w*|significant\w*|enough"
    r"|more stable|good|positive|progress"
    r"|beter\w*|verbeter\w*|voldoende|toereikend\w*|passend\w*|redelijk\w*|aanzienlijk\w*|genoeg|stabieler\w*"
    r"|goede?|positie(?:f|ve)|vooruitgang)\b",
    re.IGNORECASE,
)
# Facts that are so or are not so, and that a document shows; they need no number to be a threshold.
BINARY_FACTS = (
    *("contract", "signed", "registered", "enrolled", "diploma", "certificate", "qualification", "tenancy", "lease"),
    *("discharged", "debt-free", "not convicted", "no conviction", "no benefit", "no longer receives"),
    *("overeenkomst", "ondertekend", "ingeschreven", "geregistreerd", "diploma", "certificaat", "startkwalificatie"),
    *("huurcontract", "uitgeschreven", "schuldenvrij", "niet veroordeeld", "geen veroordeling", "geen uitkering"),
)
THRESHOLD = re.compile(r"\d|\b(?:" + "|".join(map(re.escape, BINARY_FACTS)) + r")", re.IGNORECASE)
SENTENCES = re.compile(r"(?<=[.;!?])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a gate stays shut: a sentence for whoever must mend it, and the effect concerned, if it is one."""

    message: str
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate with its verdict; it is open when nothing is at fault."""

    code: str
    title: str
    faults: Sequence[Fault]


def gates_of(table: PriceTable, shares: Iterable[MunicipalityShare]) -> list[Gate]:
    """Every gate that the portal holds itself, in the order in which people mend them."""
    effects = list(table.effects)
    empty = [] if effects else [Fault(_("The table has no effect yet."))]
    return [
        Gate("", _("There is something to pay for"), empty),
        Gate("D1", _("Who, what, threshold, unit and period are filled in"), [f for e in effects for f in _define(e)]),
        Gate("D3", _("The evidence is held by somebody other than the service provider"), list(_prove(effects))),
        Gate("", _("Requirements name effects of this table, without a circle"), list(_chain(effects))),
        Gate("", _("A settlement of the running bond can follow every rule"), [Fault(m) for m in unsettled(table)]),
        Gate("C1", _("The reservations cover the contract maximum"), list(_cover(table, list(shares)))),
    ]


def faults_of(table: PriceTable, shares: Iterable[MunicipalityShare]) -> list[Fault]:
    return [fault for gate in gates_of(table, shares) for fault in gate.faults]


def _define(effect: Effect) -> Iterable[Fault]:
    for value, label in (
        (effect.who, _("for whom it counts")),
        (effect.definition, _("the definition")),
        (effect.sustained, _("the period")),
        (effect.unit or effect.kind != EffectKind.PER_UNIT, _("the unit")),
    ):
        if not value:
            yield Fault(_("%(effect)s: fill in %(part)s.", effect=effect.name, part=label), effect)
    if not effect.definition:
        return
    for sentence in SENTENCES.split(effect.definition):
        vague = VAGUE.search(sentence)
        if vague and not THRESHOLD.search(sentence):
            yield Fault(
                _(
                    "%(effect)s: “%(word)s” can be read in two ways. Say in the same sentence from which number on, or "
                    "which fact shows it, such as a diploma, a signed contract or a registration.",
                    effect=effect.name,
                    word=vague.group(),
                ),
                effect,
            )
            return
    if not THRESHOLD.search(effect.definition):
        yield Fault(
            _(
                "%(effect)s: the definition has no threshold. Give a number (at least 12 hours a week), or a fact that "
                "is so or not so, such as a diploma, a signed contract or a registration.",
                effect=effect.name,
            ),
            effect,
        )


def _prove(effects: Sequence[Effect]) -> Iterable[Fault]:
    for effect in effects:
        if effect.evidence_type in UNPRICED:
            words = {"effect": effect.name, "proof": effect.evidence_type.label}
            message = _("%(effect)s: “%(proof)s” is not held by somebody other than the service provider.", **words)
            yield Fault(message, effect)


def _chain(effects: Sequence[Effect]) -> Iterable[Fault]:
    needs = {effect.code: effect.requires for effect in effects}
    for effect in effects:
        for code in effect.requires:
            if code not in needs:
                words = {"effect": effect.name, "code": code}
                yield Fault(_("%(effect)s requires “%(code)s”, which is not in this table.", **words), effect)
    for effect in effects:
        if effect.code in _reached(effect.requires, needs):
            message = _("%(effect)s requires itself, by way of the others: it can never be paid.", effect=effect.name)
            yield Fault(message, effect)


def _reached(codes: Sequence[str], needs: Mapping[str, Sequence[str]]) -> set[str]:
    """All that must come before, directly or by way of others."""
    found: set[str] = set()
    open_codes = list(codes)
    while open_codes:
        code = open_codes.pop()
        if code not in found:
            found.add(code)
            open_codes.extend(needs.get(code, ()))
    return found


def unsettled(table: PriceTable) -> Iterable[str]:
    """What `replay/1` can compute and no settlement of a running bond can follow, so that it is never promised.

    Pooling needs every cohort at the bond's last statement, and nothing says beforehand which settlement is the last;
    money carried over would be a second line for an effect that is settled already.
    """
    for effect in table.effects:
        if effect.pooled_threshold:
            yield _(
                "Rule “pooled threshold” of %(effect)s: the portal settles period by period and cannot pool cohorts "
                "afterwards. Leave it empty.",
                effect=effect.name,
            )
    if table.overshoot == Overshoot.CARRIED:
        yield _(
            "Rule “overshoot”: the portal cannot yet pay in a later period what the maximum of an earlier one cut off. "
            "Let it be lost."
        )


def _cover(table: PriceTable, shares: Sequence[MunicipalityShare]) -> Iterable[Fault]:
    reserved = sum(share.ceiling_minor for share in shares)
    ceiling = table.cap_contract_minor
    currency = table.programme.currency
    if ceiling is None:
        yield Fault(
            _(
                "Give the table a maximum for the contract. Without one nobody can say whether the reservations of "
                "%(reserved)s suffice.",
                reserved=money(reserved, currency),
            )
        )
    elif ceiling > reserved:
        yield Fault(
            _(
                "The contract maximum is %(ceiling)s, but the municipalities reserved %(reserved)s: "
                "%(short)s is missing.",
                ceiling=money(ceiling, currency),
                reserved=money(reserved, currency),
                short=money(ceiling - reserved, currency),
            )
        )
