from flask_babel import lazy_gettext as _l

from app.access.actions import Action as A
from app.core.flow import Flow, Labelled, step


class SettlementState(Labelled):
    PREPARED = "prepared", _l("prepared"), "neutral"
    CHECKED = "checked", _l("with the municipalities"), "warn"
    APPROVED = "approved", _l("approved, to be paid"), "info"
    PAID = "paid", _l("paid"), "good"
    DISCARDED = "discarded", _l("discarded"), "neutral"


class StatementState(Labelled):
    OPEN = "open", _l("to be approved"), "warn"
    APPROVED = "approved", _l("approved, to be paid"), "info"
    REFUSED = "refused", _l("refused"), "bad"
    DISPUTED = "disputed", _l("disputed"), "bad"
    PARTLY_PAID = "partly_paid", _l("partly paid"), "warn"
    PAID = "paid", _l("paid"), "good"


class DisputeState(Labelled):
    RAISED = "raised", _l("waits for an answer"), "warn"
    ANSWERED = "answered", _l("correction waits for a second person"), "warn"
    STANDS = "stands", _l("answered: the statement stands"), "neutral"
    CORRECTED = "corrected", _l("answered: corrected"), "good"
    RETURNED = "returned", _l("answer returned by a second person"), "neutral"


class InvoiceKind(Labelled):
    INVOICE = "invoice", _l("Invoice")
    CREDIT_NOTE = "credit_note", _l("Credit note")


class LineKind(Labelled):
    """Why a settlement holds a line: it takes a proof, or pays later for one that was taken before."""

    FIRST = "first", _l("settled for the first time")
    CARRIED = "carried", _l("carried over from an earlier settlement")
    POOLED = "pooled", _l("earned with all cohorts together")
    ADJUSTED = "adjusted", _l("worth another amount since an effect was taken back")
    CLAWED_BACK = "clawed_back", _l("taken back, settled first in")


def not_checked(statement: object) -> object | None:
    return SETTLEMENT_FLOW.why_not(A.STATEMENT_APPROVE, statement.settlement)  # type: ignore[attr-defined]


def not_approvable(statement: object) -> object | None:
    """Nobody agrees to a settlement that another municipality refused: it can only be discarded."""
    if statement.settlement.is_refused:  # type: ignore[attr-defined]
        return _l("Another municipality refused its statement: the settlement is prepared anew.")
    return not_checked(statement)


def not_all_approved(statement: object) -> object | None:
    """Nobody pays before every municipality has approved: a refusal may still change what the others owe."""
    return SETTLEMENT_FLOW.why_not(A.PAYMENT_RECEIVE, statement.settlement)  # type: ignore[attr-defined]


S = SettlementState
STANDING = (S.PREPARED, S.CHECKED, S.APPROVED, S.PAID)
WITH_PARTIES = (S.PREPARED, S.CHECKED)
OWED = (StatementState.APPROVED, StatementState.PARTLY_PAID, StatementState.DISPUTED)  # money may still come in
SETTLEMENT_FLOW = Flow(
    {
        A.SETTLEMENT_CHECK: step(S.PREPARED, to=S.CHECKED),
        A.SETTLEMENT_DISCARD: step(S.PREPARED, S.CHECKED, to=S.DISCARDED),
        A.STATEMENT_APPROVE: step(S.CHECKED),
        A.PAYMENT_RECEIVE: step(S.APPROVED, S.PAID),
    }
)
STATEMENT_FLOW = Flow(
    {
        A.STATEMENT_APPROVE: step(StatementState.OPEN, to=StatementState.APPROVED, unless=not_approvable),
        A.STATEMENT_REFUSE: step(StatementState.OPEN, to=StatementState.REFUSED, unless=not_checked),
        A.PAYMENT_RECEIVE: step(*OWED, unless=not_all_approved),
        A.STATEMENT_SET_OFF: step(*OWED, unless=not_all_approved),
        A.STATEMENT_DISPUTE: step(
            StatementState.APPROVED,
            StatementState.PARTLY_PAID,
            to=StatementState.DISPUTED,
            unless=not_all_approved,
        ),
    }
)
DISPUTE_FLOW = Flow(
    {
        A.DISPUTE_ANSWER: step(DisputeState.RAISED),
        A.DISPUTE_CONFIRM: step(DisputeState.ANSWERED, to=DisputeState.CORRECTED),
        A.DISPUTE_RETURN: step(DisputeState.ANSWERED, to=DisputeState.RETURNED),
    }
)
