from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class AgreementState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    OFFERED = "offered", _l("offered for signature"), "warn"
    IN_FORCE = "in_force", _l("in force"), "good"


def amending(agreement: object) -> object | None:
    """One amendment at a time: nobody signs a text that another one is about to replace."""
    for one in agreement.amendments:  # type: ignore[attr-defined]
        if one.state == "proposed":
            return _("%(title)s waits for signatures first.", title=one.title)
    return None


def ending(agreement: object) -> object | None:
    for one in agreement.terminations:  # type: ignore[attr-defined]
        if one.state == "declared":
            return _("The end of the agreement is declared already and waits for a second person.")
        if one.state == "given":
            return _("The end of the agreement is confirmed already.")
    return None


S = AgreementState
FLOW = Flow(
    {
        A.AGREEMENT_DRAFT: step(S.DRAFT),
        A.AGREEMENT_PLAN_INTAKE: step(S.DRAFT),
        A.AGREEMENT_VERIFICATION: step(S.DRAFT),
        A.AGREEMENT_ENDING: step(S.DRAFT),
        A.AGREEMENT_OFFER: step(S.DRAFT, to=S.OFFERED),
        A.AGREEMENT_SIGN: step(S.OFFERED),
        A.AMENDMENT_PROPOSE: step(S.IN_FORCE, unless=amending),
        A.TERMINATION_DECLARE: step(S.IN_FORCE, unless=ending),
    }
)
