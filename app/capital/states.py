from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class RoundState(Labelled):
    DRAFT = "draft", _l("draft"), "neutral"
    OPEN = "open", _l("open"), "info"
    STANDING = "standing", _l("consortium stands"), "good"
    FAILED = "failed", _l("failed, everybody released"), "bad"


class CommitmentState(Labelled):
    COMMITTED = "committed", _l("committed"), "info"
    ALLOTTED = "allotted", _l("allotted"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    RELEASED = "released", _l("released"), "neutral"


ROUND_FLOW = Flow(
    {
        A.ROUND_INVITE: step(RoundState.DRAFT, RoundState.OPEN),
        A.ROUND_OPEN: step(RoundState.DRAFT, to=RoundState.OPEN),
        A.COMMITMENT_COMMIT: step(RoundState.OPEN),
        A.ROUND_CLOSE: step(RoundState.OPEN),
    }
)
COMMITMENT_FLOW = Flow({A.COMMITMENT_WITHDRAW: step(CommitmentState.COMMITTED, to=CommitmentState.WITHDRAWN)})
