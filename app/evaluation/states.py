from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import CallState, deadline_ahead
from app.core import clock
from app.core.flow import Flow, Labelled, step


class EvaluationState(Labelled):
    SEALED = "sealed", _l("sealed"), "neutral"
    SCORING = "scoring", _l("individual scores"), "info"
    CONSENSUS = "consensus", _l("consensus"), "info"
    STANDSTILL = "standstill", _l("award decision sent, standstill"), "warn"
    FINAL = "final", _l("final award"), "good"


class Release(Labelled):
    """Why a scorer leaves the committee. A closed list: the trail holds no text about a person."""

    NO_ANSWER = "no_answer", _l("does not declare or score within the time that was asked")
    ABSENT = "absent", _l("cannot take part any more")
    LEFT = "left", _l("no longer works for the organisation")


def not_to_open(evaluation: object) -> object | None:
    """Art. 2.108 Aw: nobody takes cognisance of a plan before the deadline."""
    call = evaluation.call  # type: ignore[attr-defined]
    if call.state not in (CallState.PUBLISHED, CallState.CLOSED):
        return _("Not possible now: the call is %(state)s.", state=call.state.label)
    return deadline_ahead(call)


def cancelled(subject: object) -> object | None:
    """A call can be cancelled until it is awarded; its evaluation then stands still."""
    call = subject.call  # type: ignore[attr-defined]
    return _("The call was cancelled.") if call.state == CallState.CANCELLED else None


def consensus_open(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    plans, placed, first = evaluation.standing()  # type: ignore[attr-defined]
    if not plans or placed < plans:
        return _("Not every plan has an agreed score for every criterion.")
    if first > 1:
        return _("Two plans share the first place. The committee looks at its agreed scores again.")
    return None


def standstill_runs(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    if until is None or clock.today() <= until:
        return _("The standstill period has not ended.")
    if any(objection.decided_at is None for objection in evaluation.objections):  # type: ignore[attr-defined]
        return _("An objection has not been decided.")
    return None


def standstill_over(evaluation: object) -> object | None:
    if cancelled(evaluation):
        return cancelled(evaluation)
    until = evaluation.standstill_until  # type: ignore[attr-defined]
    return _("The standstill period has ended.") if until is not None and clock.today() > until else None


def objection_decided(objection: object) -> object | None:
    decided = objection.decided_at is not None  # type: ignore[attr-defined]
    return _("This objection has been decided.") if decided else cancelled(objection)


S = EvaluationState
FLOW = Flow(
    {
        A.PROPOSALS_OPEN: step(S.SEALED, unless=not_to_open),
        A.CONFLICT_DECLARE: step(S.SCORING, unless=cancelled),
        A.SCORER_NAME: step(S.SCORING, unless=cancelled),
        A.SCORER_RELEASE: step(S.SCORING, unless=cancelled),
        A.SCORE_GIVE: step(S.SCORING, unless=cancelled),
        A.SCORE_LOCK: step(S.SCORING, unless=cancelled),
        A.CONSENSUS_SET: step(S.CONSENSUS, unless=cancelled),
        A.AWARD_REASON: step(S.CONSENSUS, unless=consensus_open),
        A.AWARD_DECIDE: step(S.CONSENSUS, to=S.STANDSTILL, unless=consensus_open),
        A.OBJECTION_FILE: step(S.STANDSTILL, unless=standstill_over),
        A.AWARD_FINALISE: step(S.STANDSTILL, to=S.FINAL, unless=standstill_runs),
    }
)
OBJECTION_FLOW = Flow({A.OBJECTION_DECIDE: step(S.STANDSTILL, unless=objection_decided)})
