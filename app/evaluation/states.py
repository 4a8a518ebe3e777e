from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import deadline_ahead
from app.core import clock
from app.core.flow import Flow, Labelled, step


class EvaluationState(Labelled):
    SEALED = "sealed", _l("sealed"), "neutral"
    SCORING = "scoring", _l("individual scores"), "info"
    CONSENSUS = "consensus", _l("consensus"), "info"
    STANDSTILL = "standstill", _l("award decision sent, standstill"), "warn"
    FINAL = "final", _l("final award"), "good"


def before_deadline(evaluation: object) -> object | None:
    return deadline_ahead(evaluation.call)  # type: ignore[attr-defined]


def standstill_runs(evaluation: object) -> object | None:
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    if until is None or clock.today() <= until:
        return _("The standstill period has not ended.")
    if any(objection.decided_at is None for objection in evaluation.objections):  # type: ignore[attr-defined]
        return _("An objection has not been decided.")
    return None


def standstill_over(evaluation: object) -> object | None:
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    return _("The standstill period has ended.") if until is not None and clock.today() > until else None


S = EvaluationState
FLOW = Flow(
    {
        A.PROPOSALS_OPEN: step(S.SEALED, unless=before_deadline),
        A.CONFLICT_DECLARE: step(S.SCORING),
        A.SCORE_GIVE: step(S.SCORING),
        A.SCORE_LOCK: step(S.SCORING),
        A.CONSENSUS_SET: step(S.CONSENSUS),
        A.AWARD_DECIDE: step(S.CONSENSUS, to=S.STANDSTILL),
        A.OBJECTION_FILE: step(S.STANDSTILL, unless=standstill_over),
        A.OBJECTION_DECIDE: step(S.STANDSTILL),
        A.AWARD_FINALISE: step(S.STANDSTILL, to=S.FINAL, unless=standstill_runs),
    }
)
