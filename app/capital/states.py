from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core import clock
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


def last_day_passed(round: object) -> object | None:
    if clock.today() > round.closes_on:  # type: ignore[attr-defined]
        return _("The round closed on its last day. Nobody can commit any more.")
    return None


def still_waiting(round: object) -> object | None:
    """Investors were promised to have until the closing day; only a full round has nothing to wait for."""
    if clock.today() <= round.closes_on and round.left_minor() > 0:  # type: ignore[attr-defined]
        return _("Investors may commit until the closing day; only a full round closes before it.")
    return None


ROUND_FLOW = Flow(
    {
        A.ROUND_INVITE: step(RoundState.DRAFT, RoundState.OPEN),
        A.ROUND_OPEN: step(RoundState.DRAFT, to=RoundState.OPEN),
        A.COMMITMENT_COMMIT: step(RoundState.OPEN, unless=last_day_passed),
        A.ROUND_CLOSE: step(RoundState.OPEN, unless=still_waiting),
    }
)
COMMITMENT_FLOW = Flow({A.COMMITMENT_WITHDRAW: step(CommitmentState.COMMITTED, to=CommitmentState.WITHDRAWN)})
