from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import not_open
from app.core.flow import Flow, Labelled, step


class ConsortiumState(Labelled):
    FORMING = "forming", _l("forming"), "info"
    SUBMITTED = "submitted", _l("plan handed in"), "good"
    AWARDED = "awarded", _l("awarded"), "good"
    NOT_AWARDED = "not_awarded", _l("not awarded"), "neutral"


class PartnerState(Labelled):
    INVITED = "invited", _l("invited"), "warn"
    ACCEPTED = "accepted", _l("takes part"), "good"
    DECLINED = "declined", _l("declined"), "bad"
    LEFT = "left", _l("left"), "neutral"


def call_closed(consortium: object) -> object | None:
    return not_open(consortium.call)  # type: ignore[attr-defined]


S = ConsortiumState
FLOW = Flow(
    {
        A.CONSORTIUM_INVITE: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_ACCEPT: step(S.FORMING, unless=call_closed),
        A.CONSORTIUM_DECLINE: step(S.FORMING),
        A.CONSORTIUM_LEAVE: step(S.FORMING),
        A.CONSORTIUM_EDIT_PART: step(S.FORMING, unless=call_closed),
        A.PROPOSAL_DRAFT: step(S.FORMING, unless=call_closed),
    }
)
