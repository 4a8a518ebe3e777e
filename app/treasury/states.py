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
    APPROVED = "approved", _l("approved, to be paid by the bank"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


class AssignmentState(Labelled):
    SIGNED_ONCE = "signed_once", _l("waits for a second signature of the giving investor"), "warn"
    PROPOSED = "proposed", _l("waits for the receiving investor"), "warn"
    ACCEPTED_ONCE = "accepted_once", _l("waits for a second signature of the receiving investor"), "warn"
    ACCEPTED = "accepted", _l("waits for the intermediary"), "warn"
    DONE = "done", _l("taken over"), "good"
    REFUSED = "refused", _l("refused"), "bad"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "neutral"


class DefaultState(Labelled):
    DECLARED = "declared", _l("waits for a second person"), "warn"
    CONFIRMED = "confirmed", _l("in default"), "bad"
    CURED = "cured", _l("paid late, not in default any more"), "good"
    REJECTED = "rejected", _l("rejected"), "neutral"


class GuaranteeState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    CALLED = "called", _l("called, waiting for money"), "warn"
    RECEIVED = "received", _l("received"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn, to be called anew"), "neutral"
    GIVEN_UP = "given_up", _l("given up: the guarantor did not pay"), "bad"
    REJECTED = "rejected", _l("rejected"), "bad"


class RemittanceKind(Labelled):
    VAT = "vat", _l("VAT to the tax authority")
    EXCESS = "excess", _l("What is left at the end")
    GUARANTEE_BACK = "guarantee_back", _l("Back to the guarantor")
    PAYER_BACK = "payer_back", _l("Back to municipalities and investors")


class ChargeKind(Labelled):
    COSTS = "costs", _l("costs of the bank")
    INTEREST = "interest", _l("received from the bank: interest, or costs paid back")


class OtherReceiptKind(Labelled):
    OVERPAID = "overpaid", _l("paid too much")
    VAT_BACK = "vat_back", _l("VAT paid back by the tax authority")
    COSTS_BACK = "costs_back", _l("running costs paid back by a service provider")


class OtherReceiptState(Labelled):
    BOOKED = "booked", _l("booked"), "good"
    REVERSING = "reversing", _l("waits for a second person to take it back"), "warn"
    REVERSED = "reversed", _l("booked wrongly, taken back"), "bad"


class ClosingState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    APPROVED = "approved", _l("closed"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


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
HALF_SIGNED = (AssignmentState.SIGNED_ONCE, AssignmentState.ACCEPTED_ONCE)
UNDECIDED = (*HALF_SIGNED, AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
ASSIGNMENT_FLOW = Flow(
    {
        A.ASSIGNMENT_ACCEPT: step(AssignmentState.PROPOSED, to=AssignmentState.ACCEPTED),
        A.ASSIGNMENT_CO_SIGN: step(*HALF_SIGNED),
        A.ASSIGNMENT_CONSENT: step(AssignmentState.ACCEPTED, to=AssignmentState.DONE),
        A.ASSIGNMENT_REFUSE: step(*UNDECIDED, to=AssignmentState.REFUSED),
        A.ASSIGNMENT_WITHDRAW: step(*UNDECIDED, to=AssignmentState.WITHDRAWN),
    }
)
DEFAULT_FLOW = Flow(
    {
        A.DEFAULT_CONFIRM: step(DefaultState.DECLARED, to=DefaultState.CONFIRMED),
        A.DEFAULT_REJECT: step(DefaultState.DECLARED, to=DefaultState.REJECTED),
        A.CAPITAL_CALL_RECEIVE: step(DefaultState.DECLARED, DefaultState.CONFIRMED, to=DefaultState.CURED),
        A.TAKE_BACK_APPROVE: step(DefaultState.CURED),  # as it was: the bank took the money back
    }
)
GUARANTEE_FLOW = Flow(
    {
        A.GUARANTEE_APPROVE: step(GuaranteeState.PREPARED, to=GuaranteeState.CALLED),
        A.GUARANTEE_REJECT: step(GuaranteeState.PREPARED, to=GuaranteeState.REJECTED),
        A.GUARANTEE_WITHDRAW: step(GuaranteeState.CALLED),
        A.GUARANTEE_RECEIVE: step(GuaranteeState.CALLED, to=GuaranteeState.RECEIVED),
    }
)
REMITTANCE_FLOW = Flow(
    {
        A.REMITTANCE_APPROVE: step(PaymentState.PREPARED, to=PaymentState.APPROVED),
        A.REMITTANCE_REJECT: step(PaymentState.PREPARED, to=PaymentState.REJECTED),
    }
)
OTHER_RECEIPT_FLOW = Flow(
    {
        A.OTHER_RECEIPT_PROPOSE_REVERSAL: step(OtherReceiptState.BOOKED, to=OtherReceiptState.REVERSING),
        A.OTHER_RECEIPT_REVERSE: step(OtherReceiptState.REVERSING, to=OtherReceiptState.REVERSED),
        A.OTHER_RECEIPT_KEEP: step(OtherReceiptState.REVERSING, to=OtherReceiptState.BOOKED),
    }
)
CLOSING_FLOW = Flow(
    {
        A.CLOSING_APPROVE: step(ClosingState.PREPARED, to=ClosingState.APPROVED),
        A.CLOSING_REJECT: step(ClosingState.PREPARED, to=ClosingState.REJECTED),
    }
)
