from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class Edition(Labelled):
    """What a sealed statement tells of numbers, by who reads it (domain, section 9)."""

    FULL = "full", _l("all figures, for provider and assessor")
    OWN = "own", _l("the figures of one municipality, for that municipality")
    PLAIN = "plain", _l("without figures, for every party but the investors")


class SignatureState(Labelled):
    WAITING = "waiting", _l("waits for the counter-signature"), "warn"
    SIGNED = "signed", _l("counter-signed"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


S = SignatureState
FLOW = Flow(
    {
        A.BATCH_COUNTER_SIGN: step(S.WAITING, to=S.SIGNED),
        A.BATCH_WITHDRAW: step(S.WAITING, to=S.WITHDRAWN),
    }
)
