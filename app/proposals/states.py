from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.calls.states import CallState, not_open, plans_opened
from app.core.flow import Flow, Labelled, step


class ProposalState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    SUBMITTED = "submitted", _l("handed in, sealed"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    OPENED = "opened", _l("opened"), "info"


def call_closed(proposal: object) -> object | None:
    return not_open(proposal.call)  # type: ignore[attr-defined]


def not_to_reseal(proposal: object) -> object | None:
    """Until the opening, also after the deadline: not a word can change by it."""
    call = proposal.call  # type: ignore[attr-defined]
    if call.state not in (CallState.PUBLISHED, CallState.CLOSED):
        return not_open(call)
    return plans_opened(call)


S = ProposalState
FLOW = Flow(
    {
        A.PROPOSAL_DRAFT: step(S.DRAFT, unless=call_closed),
        A.PROPOSAL_CONFIRM: step(S.DRAFT, unless=call_closed),
        A.PROPOSAL_SUBMIT: step(S.DRAFT, to=S.SUBMITTED, unless=call_closed),
        A.PROPOSAL_RESEAL: step(S.SUBMITTED, unless=not_to_reseal),
        A.PROPOSAL_WITHDRAW: step(S.SUBMITTED, to=S.DRAFT, unless=call_closed),
    }
)
