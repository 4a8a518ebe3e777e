"""How hard each effect is: A, B or C. C may be reported and never priced, and no override changes that.

Source: domain, section 4: A binary, from a registry, with a counterfactual; B binary, from a document, with a fixed
discount, for which a comparison (stricter: it measures what a discount assumes) may stand; C a scale or one's own word.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.format import basis_points
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
    """No row of grade C, and none of grade B that neither takes something off nor is compared with anything."""
    for effect in case.effects:
        grade = grade_of(effect)
        faults: tuple[Fault, ...] = ()
        if grade == Grade.C:
            message = _(
                "%(effect)s is of grade C: it may be reported, never priced, and no official can override that.",
                effect=effect.name,
            )
            faults = (Fault(message, effect, "evidence_type"),)
        elif grade == Grade.B and effect.kind != EffectKind.FEE and not any(_taken_account_of(effect)):
            message = _(
                "%(effect)s: grade B asks for a fixed discount, or for a comparison, which is stricter. Take off what "
                "would have happened anyway, or compare.",
                effect=effect.name,
            )
            faults = (Fault(message, effect, "deadweight_bp"),)
        yield Finding(f"{grade.value}: {words_of(grade, effect)}", effect, faults)


def words_of(grade: Grade, effect: Effect) -> Any:
    """What was found of this effect, and no more: what is paid by its size is measured, and no fact that is so or not
    so; a discount is named only where one is taken off, a comparison only where there is one."""
    if grade == Grade.C:
        return grade.label
    is_measured = effect.kind in (*MEASURED, EffectKind.PER_UNIT)
    return ", ".join(
        (
            _("measured") if is_measured else _("binary"),
            _("from a registry") if effect.evidence_type in FROM_A_REGISTRY else _("from a document"),
            *_against(effect),
        )
    )


COMPARED = {
    Counterfactual.DURATION: _l("compared with an expected duration model"),
    Counterfactual.MATCHED: _l("compared with a matched group"),
    Counterfactual.WAITING_LIST: _l("compared with a waiting list"),
    Counterfactual.RCT: _l("compared in a randomised controlled trial"),
}


def _taken_account_of(effect: Effect) -> tuple[bool, bool]:
    """Whether something is taken off, and whether it is compared."""
    return bool(effect.deadweight_bp), effect.counterfactual in COMPARED


def _against(effect: Effect) -> Iterator[str]:
    """What would have happened anyway, as far as the row takes it off or compares with it."""
    compared = COMPARED.get(effect.counterfactual) if effect.counterfactual else None
    if compared is not None:
        yield str(compared)
    if effect.deadweight_bp:
        yield _("with a fixed discount of %(share)s", share=basis_points(effect.deadweight_bp))
    elif compared is None:
        yield _("with no comparison and no discount")
