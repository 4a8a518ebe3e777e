from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class AppealState(Labelled):
    FILED = "filed", _l("waits for a decision"), "warn"
    UPHELD = "upheld", _l("upheld"), "good"
    DISMISSED = "dismissed", _l("dismissed"), "neutral"
    WITHDRAWN = "withdrawn", _l("taken back"), "neutral"


class ReopenReason(Labelled):
    FALSIFIED = "falsified", _l("the evidence was falsified")
    MISTAKEN = "mistaken", _l("the sign-off rested on a mistake")
    APPEAL = "appeal", _l("an appeal of the municipality was upheld")


class ProposalState(Labelled):
    """Of a reopening that one person of the assessor proposed."""

    WAITING = "waiting", _l("waits for a second person"), "warn"
    CONFIRMED = "confirmed", _l("confirmed"), "good"
    WITHDRAWN = "withdrawn", _l("taken back"), "neutral"


class DoubtState(Labelled):
    """Of what the assessor was told about an effect that it signed off."""

    WAITING = "waiting", _l("waits for the assessor"), "warn"
    STANDS = "stands", _l("the effect stands"), "neutral"
    REOPENED = "reopened", _l("the effect was reopened"), "good"


S = AppealState
APPEAL_FLOW = Flow(
    {
        A.APPEAL_DECIDE: step(S.FILED),
        A.APPEAL_WITHDRAW: step(S.FILED, to=S.WITHDRAWN),
    }
)
PROPOSAL_FLOW = Flow(
    {
        A.REOPENING_CONFIRM: step(ProposalState.WAITING, to=ProposalState.CONFIRMED),
        A.REOPENING_WITHDRAW: step(ProposalState.WAITING, to=ProposalState.WITHDRAWN),
    }
)
DOUBT_FLOW = Flow(
    {
        A.DOUBT_ANSWER: step(DoubtState.WAITING, to=DoubtState.STANDS),
        A.CLAIM_REOPEN: step(DoubtState.WAITING, to=DoubtState.REOPENED),
    }
)
