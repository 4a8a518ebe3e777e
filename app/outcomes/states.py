from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class ParticipantState(Labelled):
    ACTIVE = "active", _l("takes part"), "good"
    EXITED = "exited", _l("left the programme"), "neutral"


class ClaimState(Labelled):
    REGISTERED = "registered", _l("registered"), "neutral"
    SUBMITTED = "submitted", _l("with the assessor"), "warn"
    QUESTIONED = "questioned", _l("question of the assessor"), "warn"
    VERIFIED = "verified", _l("verified"), "info"
    REJECTED = "rejected", _l("rejected"), "bad"
    SIGNED_OFF = "signed_off", _l("signed off"), "good"
    SETTLED = "settled", _l("settled"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


C = ClaimState
OPEN = (C.REGISTERED, C.SUBMITTED, C.QUESTIONED, C.VERIFIED)  # not decided for good
COUNTING = (*OPEN, C.SIGNED_OFF, C.SETTLED)  # neither rejected nor withdrawn
PARTICIPANT_FLOW = Flow(
    {
        A.PARTICIPANT_EXIT: step(ParticipantState.ACTIVE, to=ParticipantState.EXITED),
    }
)
CLAIM_FLOW = Flow(
    {
        A.CLAIM_SUBMIT: step(C.REGISTERED, to=C.SUBMITTED),
        A.CLAIM_WITHDRAW: step(C.REGISTERED, C.SUBMITTED, C.QUESTIONED, to=C.WITHDRAWN),
        A.CLAIM_VERIFY: step(C.SUBMITTED, to=C.VERIFIED),
        A.CLAIM_REJECT: step(C.SUBMITTED, C.VERIFIED, to=C.REJECTED),
        A.CLAIM_QUESTION: step(C.SUBMITTED, to=C.QUESTIONED),
        A.CLAIM_ANSWER: step(C.QUESTIONED, to=C.SUBMITTED),
        A.BATCH_SIGN_OFF: step(C.VERIFIED, to=C.SIGNED_OFF),
        A.STATEMENT_APPROVE: step(C.SIGNED_OFF, to=C.SETTLED),
    }
)
MEASUREMENT_FLOW = Flow(
    {
        A.MEASUREMENT_SUBMIT: step(C.REGISTERED, to=C.SUBMITTED),
        A.MEASUREMENT_WITHDRAW: step(C.REGISTERED, C.SUBMITTED, to=C.WITHDRAWN),
        A.MEASUREMENT_VERIFY: step(C.SUBMITTED, to=C.VERIFIED),
        A.MEASUREMENT_REJECT: step(C.SUBMITTED, C.VERIFIED, to=C.REJECTED),
        A.BATCH_SIGN_OFF: step(C.VERIFIED, to=C.SIGNED_OFF),
        A.STATEMENT_APPROVE: step(C.SIGNED_OFF, to=C.SETTLED),
    }
)
