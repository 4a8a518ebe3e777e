from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import not_open
from app.core.flow import Flow, Labelled, step


class ProposalState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    SUBMITTED = "submitted", _l("handed in, sealed"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    OPENED = "opened", _l("opened"), "info"


def call_closed(proposal: object) -> object | None:
    return not_open(proposal.call)  # type: ignore[attr-defined]


S = ProposalState
FLOW = Flow(
    {
        A.PROPOSAL_DRAFT: step(S.DRAFT, unless=call_closed),
        A.PROPOSAL_CONFIRM: step(S.DRAFT, unless=call_closed),
        A.PROPOSAL_SUBMIT: step(S.DRAFT, to=S.SUBMITTED, unless=call_closed),
        A.PROPOSAL_WITHDRAW: step(S.SUBMITTED, to=S.DRAFT, unless=call_closed),
    }
)
