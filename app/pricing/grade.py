"""How hard each effect is: A, B or C. C may be reported and never priced, and no override changes that.

Source: domain, section 4: A binary, from a registry, with a counterfactual; B binary, from a document, with a fixed
discount; C a scale or one's own word.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from app.pricing.gate import Case, Fault, Finding
from app.pricing.models import FROM_A_REGISTRY, MEASURED, PERSONAL, UNPRICED, Counterfactual, Effect, EffectKind, Grade

# A threshold on a scale is a number, but what it counts is a judgment.
ON_A_SCALE = re.compile(
    r"\b(self-sufficiency matrix|outcomes? star|on (?:a|the) scale|self-report\w*|questionnaire"
    r"|zelfredzaamheids?-?matrix|ZRM|op (?:een|de) schaal|zelfrapportage|vragenlijst)\b",
    re.IGNORECASE,
)


def grade_of(effect: Effect) -> Grade:
    if effect.evidence_type in UNPRICED:
        return Grade.C
    if effect.kind in PERSONAL and ON_A_SCALE.search(effect.definition or ""):
        return Grade.C
    compared = effect.counterfactual not in (None, Counterfactual.NONE)
    return Grade.A if effect.evidence_type in FROM_A_REGISTRY and compared else Grade.B


def graded(case: Case) -> Iterator[Finding]:
    """No row of grade C."""
    for effect in case.effects:
        grade = grade_of(effect)
        faults: tuple[Fault, ...] = ()
        if grade == Grade.C:
            message = _(
                "%(effect)s is of grade C: it may be reported, never priced, and no official can override that.",
                effect=effect.name,
            )
            faults = (Fault(message, effect, "evidence_type"),)
        yield Finding(f"{grade.value}: {words_of(grade, effect)}", effect, faults)


def words_of(grade: Grade, effect: Effect) -> Any:
    """What the grade says of this effect: what is paid by its size is measured, and no fact that is so or not so."""
    if effect.kind not in (*MEASURED, EffectKind.PER_UNIT) or grade == Grade.C:
        return grade.label
    if grade == Grade.A:
        return _("measured, from a registry, with a counterfactual")
    return _("measured, from a document, with a fixed discount")
