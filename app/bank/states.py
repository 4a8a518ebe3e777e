from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class PayoutState(Labelled):
    NAMED = "named", _l("waits to be confirmed by telephone"), "warn"
    CONFIRMED = "confirmed", _l("confirmed"), "good"
    WITHDRAWN = "withdrawn", _l("withdrawn"), "bad"


class PaymentBatchState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    APPROVED = "approved", _l("ready for the bank"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


class EntryState(Labelled):
    OPEN = "open", _l("on the work list"), "warn"
    PROPOSED = "proposed", _l("waits for a second person"), "warn"
    MATCHED = "matched", _l("matched"), "good"
    SET_ASIDE = "set_aside", _l("set aside"), "neutral"


class BankStatementState(Labelled):
    STANDS = "stands", _l("imported"), "good"
    VOIDING = "voiding", _l("waits for a second person to void it"), "warn"
    VOIDED = "voided", _l("voided"), "bad"


class SlipState(Labelled):
    PREPARED = "prepared", _l("waits for a second person"), "warn"
    BOOKED = "booked", _l("booked"), "good"
    REJECTED = "rejected", _l("rejected"), "bad"


PAYOUT_FLOW = Flow(
    {
        A.PAYOUT_ACCOUNT_CONFIRM: step(PayoutState.NAMED, to=PayoutState.CONFIRMED),
        A.PAYOUT_ACCOUNT_WITHDRAW: step(PayoutState.NAMED, PayoutState.CONFIRMED, to=PayoutState.WITHDRAWN),
    }
)
PAYMENT_BATCH_FLOW = Flow(
    {
        A.PAYMENT_BATCH_APPROVE: step(PaymentBatchState.PREPARED, to=PaymentBatchState.APPROVED),
        A.PAYMENT_BATCH_REJECT: step(PaymentBatchState.PREPARED, to=PaymentBatchState.REJECTED),
        A.PAYMENT_BATCH_DOWNLOAD: step(PaymentBatchState.APPROVED),
    }
)
TAKEN_BACK_FLOW = Flow(
    {
        A.TAKE_BACK_APPROVE: step(SlipState.PREPARED, to=SlipState.BOOKED),
        A.TAKE_BACK_REJECT: step(SlipState.PREPARED, to=SlipState.REJECTED),
    }
)
SLIP_FLOW = Flow(
    {
        A.CHARGE_APPROVE: step(SlipState.PREPARED, to=SlipState.BOOKED),
        A.CHARGE_REJECT: step(SlipState.PREPARED, to=SlipState.REJECTED),
    }
)
BANK_STATEMENT_FLOW = Flow(
    {
        A.BANK_STATEMENT_PROPOSE_VOID: step(BankStatementState.STANDS, to=BankStatementState.VOIDING),
        A.BANK_STATEMENT_VOID: step(BankStatementState.VOIDING, to=BankStatementState.VOIDED),
        A.BANK_STATEMENT_KEEP: step(BankStatementState.VOIDING, to=BankStatementState.STANDS),
    }
)
ENTRY_FLOW = Flow(
    {
        A.BANK_ENTRY_PROPOSE: step(EntryState.OPEN, to=EntryState.PROPOSED),
        A.BANK_ENTRY_CONFIRM: step(EntryState.PROPOSED, to=EntryState.MATCHED),
        A.BANK_ENTRY_REFUSE: step(EntryState.PROPOSED, to=EntryState.OPEN),
        A.BANK_ENTRY_MATCH: step(EntryState.OPEN, to=EntryState.MATCHED),
        A.BANK_ENTRY_SET_ASIDE: step(EntryState.OPEN, to=EntryState.SET_ASIDE),
        A.BANK_ENTRY_TAKE_UP: step(EntryState.SET_ASIDE, to=EntryState.OPEN),
        A.CHARGE_REVERSE: step(EntryState.MATCHED, to=EntryState.OPEN),
        A.TAKE_BACK_APPROVE: step(EntryState.MATCHED, to=EntryState.OPEN),
        A.OTHER_RECEIPT_REVERSE: step(EntryState.MATCHED, to=EntryState.OPEN),
    }
)
