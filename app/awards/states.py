from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step
from app.evaluation.states import EvaluationState, cancelled


class LetterState(Labelled):
    REVIEWED = "reviewed", _l("reviewed, not sent"), "info"
    SENT = "sent", _l("sent"), "good"
    OVERTAKEN = "overtaken", _l("overtaken by a new decision"), "neutral"


class SuspensionState(Labelled):
    RUNS = "runs", _l("the award waits"), "warn"
    LIFTED = "lifted", _l("no longer waits"), "neutral"


class Suspends(Labelled):
    """Why an award waits."""

    COURT = "court", _l("a case before the court")
    COMPLAINT = "complaint", _l("a complaint to the authority for complaints")
    AUTHORITY = "authority", _l("a supervisor or the council asks for it")


def decision_gone(letter: object) -> object | None:
    if letter.evaluation.state != EvaluationState.STANDSTILL:  # type: ignore[attr-defined]
        return _("The decision of this letter no longer runs.")
    return cancelled(letter)


LETTER_FLOW = Flow({A.LETTER_RESEND: step(LetterState.SENT, unless=decision_gone)})
SUSPENSION_FLOW = Flow({A.AWARD_RESUME: step(SuspensionState.RUNS, unless=cancelled)})
