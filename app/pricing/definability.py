"""Gates D1 to D4: can anybody tell an effect from what is none, by evidence that the provider does not hold?"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from app.core.format import day, fraction, percent
from app.pricing.gate import Case, Fault, Finding
from app.pricing.models import UNPRICED, Effect, EffectKind
from app.pricing.spoken import duration_in_words
from app.readers.queries import Tested

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


def definition_of(effect: Effect) -> dict[str, Any]:
    """What two readers go by; when any of it changes, an earlier test no longer counts (D2)."""
    texts = ("name", "who", "definition", "unit", "sustained", "achieved_when", "resets", "evidence_holder")
    words = {name: getattr(effect, name) or "" for name in texts}
    return words | {
        "evidence_type": effect.evidence_type.value,
        "evidence_days": effect.evidence_days,
    }


def defined(case: Case) -> Iterator[Finding]:
    """D1: who, what, threshold, unit, period."""
    for effect in case.effects:
        said = (effect.who, effect.definition, effect.sustained, effect.unit)
        yield Finding("; ".join(part.rstrip(". ") for part in said if part), effect, tuple(_define(effect)))


def _define(effect: Effect) -> Iterable[Fault]:
    for field, label in (
        ("who", _("for whom it counts")),
        ("definition", _("the definition")),
        ("sustained", _("the period")),
        ("unit", _("the unit")),
    ):
        if not getattr(effect, field) and (field != "unit" or effect.kind == EffectKind.PER_UNIT):
            message = _("%(effect)s: fill in %(part)s.", effect=effect.name, part=label)
            yield Fault(message, effect, field)
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
                "definition",
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
            "definition",
        )


def read_by_two(case: Case) -> Iterator[Finding]:
    """D2: two people, blind to each other, classify at least 10 files; agreement at least 90 %, kappa at least 0.8."""
    for effect in case.effects:
        tested = case.tests.get(effect.code)
        test = tested.latest if tested else None
        if test is None:
            message = _("%(effect)s: no two readers have tested this definition yet.", effect=effect.name)
            evidence = _("No finished test of this definition.") + _withdrawn(tested)
            yield Finding(evidence, effect, (Fault(message, effect),))
            continue
        found = test.agreement
        evidence = _(
            "%(files)d files, agreement %(agreement)s, kappa %(kappa)s; finished tests of this definition: %(number)d.",
            files=found.files,
            agreement=percent(found.observed),
            kappa=_("not defined") if found.kappa is None else fraction(found.kappa),
            number=tested.attempts if tested else 0,
        )
        evidence += _withdrawn(tested)
        message = _("%(effect)s: the two readers did not agree enough.", effect=effect.name)
        if found.kappa is None:
            message = _("%(effect)s: both readers said the same of every file: that is no test.", effect=effect.name)
        yield Finding(evidence, effect, () if found.passes else (Fault(message, effect),))


def _withdrawn(tested: Tested | None) -> str:
    """Who withdrew a test of this definition, when and why: a test that went badly does not vanish."""
    tests = tested.withdrawn if tested else ()
    if not tests:
        return ""
    told = [
        _(
            "%(name)s on %(day)s: “%(why)s”",
            name=test.withdrawn_by.name if test.withdrawn_by else "–",
            day=day(test.withdrawn_at) if test.withdrawn_at else "–",
            why=test.withdrawn_why or "–",
        )
        for test in tests
    ]
    return " " + _("Withdrawn: %(number)d (%(tests)s).", number=len(tests), tests="; ".join(told))


def held_by_others(case: Case) -> Iterator[Finding]:
    """D3: somebody other than the service provider holds the evidence."""
    for effect in case.effects:
        faults = []
        if effect.evidence_type in UNPRICED:
            words = {"effect": effect.name, "proof": effect.evidence_type.label}
            message = _("%(effect)s: “%(proof)s” is not held by somebody other than the service provider.", **words)
            faults.append(Fault(message, effect, "evidence_type"))
        if not effect.evidence_holder:
            message = _("%(effect)s: say who holds the evidence.", effect=effect.name)
            faults.append(Fault(message, effect, "evidence_holder"))
        evidence = f"{effect.evidence_type.label}: {effect.evidence_holder or '–'}"
        yield Finding(evidence, effect, tuple(faults))


def dated(case: Case) -> Iterator[Finding]:
    """D4: on which day it is achieved, how long evidence may follow, what starts the clock again."""
    for effect in case.effects:
        faults = []
        if not effect.achieved_when:
            message = _("%(effect)s: say on which day it is achieved.", effect=effect.name)
            faults.append(Fault(message, effect, "achieved_when"))
        if not effect.resets:
            message = _(
                "%(effect)s: say what starts the clock again. If nothing does, say so.",
                effect=effect.name,
            )
            faults.append(Fault(message, effect, "resets"))
        evidence = _(
            "Achieved: %(achieved)s. Evidence at most %(days)d days later. Starts again: %(resets)s.",
            achieved=effect.achieved_when.rstrip(". ") if effect.achieved_when else "–",
            days=effect.evidence_days if effect.evidence_days is not None else 90,
            resets=effect.resets.rstrip(". ") if effect.resets else "–",
        )
        yield Finding(evidence, effect, tuple(faults), _uncounted(effect), "lasts")


def _uncounted(effect: Effect) -> str:
    """What is weighed before publication, for a published table never changes."""
    said = duration_in_words(effect)
    if said is None:
        return ""
    return _(
        "%(effect)s says “%(duration)s”, but its clock is not filled in: the portal then neither says when it can be "
        "claimed nor refuses a claim before that day.",
        effect=effect.name,
        duration=said,
    )
