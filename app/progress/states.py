from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step
from app.programmes.states import delivering


class MilestoneState(Labelled):
    OPEN = "open", _l("to be met"), "neutral"
    MET = "met", _l("met"), "good"
    DROPPED = "dropped", _l("dropped"), "neutral"
    LAPSED = "lapsed", _l("lapsed: the agreement changed"), "neutral"


class CorrectiveState(Labelled):
    PROPOSED = "proposed", _l("waits for its owner"), "warn"
    AGREED = "agreed", _l("agreed"), "info"
    DONE = "done", _l("done"), "good"
    DECLINED = "declined", _l("declined by its owner"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


class WarningKind(Labelled):
    """What may go wrong. The value stands in the books, so it never changes."""

    INTAKE_BEHIND = "intake_behind", _l("Intake behind plan"), "warn"
    EFFECT_BEHIND = "effect_behind", _l("Effect behind plan"), "warn"
    MILESTONE_LATE = "milestone_late", _l("Milestone late"), "warn"
    CASH_SHORT = "cash_short", _l("Money runs out"), "bad"
    CLAIMS_WAIT = "claims_wait", _l("Claims wait too long"), "warn"
    STATEMENT_LATE = "statement_late", _l("Statement not paid on its day"), "bad"
    CAPITAL_LATE = "capital_late", _l("Capital not paid in on its day"), "bad"
    CAPITAL_LOST = "capital_lost", _l("Capital falls out"), "bad"
    CORRECTIVE_LATE = "corrective_late", _l("Agreed action late"), "warn"


class CashKind(Labelled):
    """The columns of the cash plan."""

    CAPITAL = "capital", _l("Capital paid in")
    EFFECTS = "effects", _l("Payments for effects")
    COSTS = "costs", _l("Running costs")
    DISTRIBUTIONS = "distributions", _l("Distributions")


COMES_IN = (CashKind.CAPITAL, CashKind.EFFECTS)
PLANNED_BY_HAND = (CashKind.CAPITAL, CashKind.COSTS, CashKind.DISTRIBUTIONS)


def delivered(row: Any) -> object | None:
    """Of something in a bond."""
    return delivering(row.programme)


def by_hand(milestone: Any) -> object | None:
    """Milestones of the agreement are not for a person to move: the portal sees by itself when they are met."""
    if milestone.code:
        return _("This milestone is from the agreement: the portal sees by itself when it is met.")
    return delivering(milestone.programme)


M, C = MilestoneState, CorrectiveState
MILESTONE_FLOW = Flow(
    {
        A.MILESTONE_MEET: step(M.OPEN, to=M.MET, unless=by_hand),
        A.MILESTONE_SEE: step(M.OPEN, to=M.MET),
        A.MILESTONE_MOVE: step(M.OPEN),
        A.MILESTONE_LAPSE: step(M.OPEN, to=M.LAPSED),
        A.MILESTONE_DROP: step(M.OPEN, to=M.DROPPED, unless=by_hand),
    }
)
CORRECTIVE_FLOW = Flow(
    {
        A.CORRECTIVE_AGREE: step(C.PROPOSED, to=C.AGREED, unless=delivered),
        A.CORRECTIVE_DECLINE: step(C.PROPOSED, to=C.DECLINED, unless=delivered),
        A.CORRECTIVE_FINISH: step(C.AGREED, to=C.DONE, unless=delivered),
        A.CORRECTIVE_WITHDRAW: step(C.PROPOSED, C.AGREED, to=C.WITHDRAWN, unless=delivered),
    }
)
