from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class DocketState(Labelled):
    LOCKED = "locked", _l("locked, not drawn yet"), "warn"
    CHECKING = "checking", _l("being judged"), "warn"
    READY = "ready", _l("ready to sign off"), "info"
    SIGNED = "signed", _l("signed off"), "good"
    CLOSED = "closed", _l("closed: nothing of it was left to sign"), "neutral"


class Finding(Labelled):
    """What became of the claims of one effect in a docket."""

    OPEN = "open", _l("being judged"), "warn"
    WITHIN = "within", _l("within tolerance: the claims that were not drawn are accepted as claimed"), "good"
    ABOVE = "above", _l("above tolerance: every claim is judged"), "warn"
    WHOLE = "whole", _l("each claim judged for itself"), "good"


class Verdict(Labelled):
    VERIFIED = "verified", _l("proven")
    REJECTED = "rejected", _l("not proven")


S = DocketState
UNSIGNED = (S.LOCKED, S.CHECKING, S.READY)
FLOW = Flow(
    {
        A.DOCKET_DRAW: step(S.LOCKED, to=S.CHECKING),
        A.DOCKET_DECLARE: step(S.LOCKED, S.CHECKING, S.READY),
        A.DOCKET_CONCLUDE: step(S.CHECKING),
        A.BATCH_SIGN_OFF: step(S.READY, to=S.SIGNED),
    }
)
