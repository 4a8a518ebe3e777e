from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class CapitalCallState(Labelled):
    PREPARED = "prepared", _l("prepared"), "neutral"
    CALLED = "called", _l("called, waiting for money"), "warn"
    FUNDED = "funded", _l("funded"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


class PaymentState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    APPROVED = "approved", _l("paid"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


class AssignmentState(Labelled):
    PROPOSED = "proposed", _l("waits for the receiving investor"), "warn"
    ACCEPTED = "accepted", _l("waits for the intermediary"), "warn"
    DONE = "done", _l("taken over"), "good"
    REFUSED = "refused", _l("refused"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


CAPITAL_CALL_FLOW = Flow(
    {
        A.CAPITAL_CALL_APPROVE: step(CapitalCallState.PREPARED, to=CapitalCallState.CALLED),
        A.CAPITAL_CALL_REJECT: step(CapitalCallState.PREPARED, to=CapitalCallState.REJECTED),
        A.CAPITAL_CALL_RECEIVE: step(CapitalCallState.CALLED),
    }
)
COST_FLOW = Flow(
    {
        A.COST_APPROVE: step(PaymentState.PREPARED, to=PaymentState.APPROVED),
        A.COST_REJECT: step(PaymentState.PREPARED, to=PaymentState.REJECTED),
    }
)
DISTRIBUTION_FLOW = Flow(
    {
        A.DISTRIBUTION_APPROVE: step(PaymentState.PREPARED, to=PaymentState.APPROVED),
        A.DISTRIBUTION_REJECT: step(PaymentState.PREPARED, to=PaymentState.REJECTED),
    }
)
UNDECIDED = (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
ASSIGNMENT_FLOW = Flow(
    {
        A.ASSIGNMENT_ACCEPT: step(AssignmentState.PROPOSED, to=AssignmentState.ACCEPTED),
        A.ASSIGNMENT_CONSENT: step(AssignmentState.ACCEPTED, to=AssignmentState.DONE),
        A.ASSIGNMENT_REFUSE: step(*UNDECIDED, to=AssignmentState.REFUSED),
        A.ASSIGNMENT_WITHDRAW: step(*UNDECIDED, to=AssignmentState.WITHDRAWN),
    }
)
