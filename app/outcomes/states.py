from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class ClaimState(Labelled):
    REGISTERED = "registered", _l("registered"), "neutral"
    SUBMITTED = "submitted", _l("with the assessor"), "warn"
    QUESTIONED = "questioned", _l("question of the assessor"), "warn"
    VERIFIED = "verified", _l("verified"), "info"
    REJECTED = "rejected", _l("rejected"), "bad"
    SIGNED_OFF = "signed_off", _l("signed off"), "good"
    SETTLED = "settled", _l("settled"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"
    REOPENED = "reopened", _l("reopened: no longer counts"), "bad"


C = ClaimState
OPEN = (C.REGISTERED, C.SUBMITTED, C.QUESTIONED, C.VERIFIED)  # not decided for good
DECIDED = (C.VERIFIED, C.REJECTED)  # by the assessor, and signed for or not
COUNTING = (*OPEN, C.SIGNED_OFF, C.SETTLED)  # neither rejected, withdrawn nor reopened


def proof_flow(*, submit: A, withdraw: A, verify: A, reject: A, question: A, answer: A, reopen: A) -> Flow:
    """The same steps for a claim and for a measurement, each with its own actions."""
    return Flow(
        {
            submit: step(C.REGISTERED, to=C.SUBMITTED),
            withdraw: step(C.REGISTERED, C.SUBMITTED, C.QUESTIONED, to=C.WITHDRAWN),
            verify: step(C.SUBMITTED, to=C.VERIFIED),
            reject: step(C.SUBMITTED, C.QUESTIONED, C.VERIFIED, to=C.REJECTED),  # a question may stay unanswered
            question: step(C.SUBMITTED, to=C.QUESTIONED),
            answer: step(C.QUESTIONED, to=C.SUBMITTED),
            A.BATCH_SIGN_OFF: step(C.VERIFIED, to=C.SIGNED_OFF),
            A.STATEMENT_APPROVE: step(C.SIGNED_OFF, to=C.SETTLED),
            reopen: step(C.SIGNED_OFF, C.SETTLED, to=C.REOPENED),
        }
    )


CLAIM_FLOW = proof_flow(
    submit=A.CLAIM_SUBMIT,
    withdraw=A.CLAIM_WITHDRAW,
    verify=A.CLAIM_VERIFY,
    reject=A.CLAIM_REJECT,
    question=A.CLAIM_QUESTION,
    answer=A.CLAIM_ANSWER,
    reopen=A.CLAIM_REOPEN,
)
CLAIM_FLOW.steps[A.CLAIM_SET_ASIDE] = step(C.QUESTIONED)
CLAIM_FLOW.steps[A.EVIDENCE_ADD] = step(C.REGISTERED, C.QUESTIONED)
CLAIM_FLOW.steps[A.CLAIM_DOUBT] = step(C.SIGNED_OFF, C.SETTLED)
MEASUREMENT_FLOW = proof_flow(
    submit=A.MEASUREMENT_SUBMIT,
    withdraw=A.MEASUREMENT_WITHDRAW,
    verify=A.MEASUREMENT_VERIFY,
    reject=A.MEASUREMENT_REJECT,
    question=A.MEASUREMENT_QUESTION,
    answer=A.MEASUREMENT_ANSWER,
    reopen=A.MEASUREMENT_REOPEN,
)
