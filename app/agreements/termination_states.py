from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class Ground(Labelled):
    """Why an agreement ends before its time."""

    AGREED = "agreed", _l("all parties agree")
    NOTICE = "notice", _l("notice is given")
    BREACH = "breach", _l("a party does not do what it promised, and did not mend it in the term it was given")
    INSOLVENCY = "insolvency", _l("a party is insolvent and nobody takes over")
    LAW = "law", _l("the law or a court ends it")


class TerminationState(Labelled):
    DECLARED = "declared", _l("waits for a second person"), "warn"
    GIVEN = "given", _l("confirmed"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


S = TerminationState
FLOW = Flow(
    {
        A.TERMINATION_CONFIRM: step(S.DECLARED, to=S.GIVEN),
        A.TERMINATION_WITHDRAW: step(S.DECLARED, to=S.WITHDRAWN),
    }
)
