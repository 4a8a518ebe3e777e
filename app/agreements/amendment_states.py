from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class AmendmentKind(Labelled):
    TERMS = "terms", _l("change of the text or the terms")
    REPLACEMENT = "replacement", _l("replacement of a party")
    DEPARTURE = "departure", _l("departure of a service provider")
    END = "end", _l("end by agreement")


class LeaveCause(Labelled):
    """Why a party leaves. Nobody asks the signature of whoever is insolvent or failed: it would never come."""

    WISH = "wish", _l("it wants to stop")
    TAKEN_OVER = "taken_over", _l("it is taken over or merges")
    INSOLVENT = "insolvent", _l("it is insolvent")
    FAILED = "failed", _l("it does not do what it promised")


UNASKED = (LeaveCause.INSOLVENT, LeaveCause.FAILED)


class AmendmentState(Labelled):
    PROPOSED = "proposed", _l("waits for signatures"), "warn"
    IN_FORCE = "in_force", _l("in force"), "good"
    REFUSED = "refused", _l("refused"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    LAPSED = "lapsed", _l("lapsed with the end of the agreement"), "neutral"


S = AmendmentState
FLOW = Flow(
    {
        A.AMENDMENT_CONSENT: step(S.PROPOSED),
        A.AMENDMENT_REFUSE: step(S.PROPOSED, to=S.REFUSED),
        A.AMENDMENT_WITHDRAW: step(S.PROPOSED, to=S.WITHDRAWN),
        A.AMENDMENT_LAPSE: step(S.PROPOSED, to=S.LAPSED),
    }
)
