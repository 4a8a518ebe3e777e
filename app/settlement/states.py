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
    PAID = "paid", _l("paid"), "good"


class LineKind(Labelled):
    """Why a settlement holds a line: it takes a proof, or pays later for one that was taken before."""

    FIRST = "first", _l("settled for the first time")
    CARRIED = "carried", _l("carried over from an earlier settlement")
    POOLED = "pooled", _l("earned with all cohorts together")


def not_checked(statement: object) -> object | None:
    return SETTLEMENT_FLOW.why_not(A.STATEMENT_APPROVE, statement.settlement)  # type: ignore[attr-defined]


def not_all_approved(statement: object) -> object | None:
    """Nobody pays before every municipality has approved: a refusal may still change what the others owe."""
    return SETTLEMENT_FLOW.why_not(A.PAYMENT_RECEIVE, statement.settlement)  # type: ignore[attr-defined]


S = SettlementState
STANDING = (S.PREPARED, S.CHECKED, S.APPROVED, S.PAID)
WITH_PARTIES = (S.PREPARED, S.CHECKED)
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
        A.STATEMENT_APPROVE: step(StatementState.OPEN, to=StatementState.APPROVED, unless=not_checked),
        A.STATEMENT_REFUSE: step(StatementState.OPEN, to=StatementState.REFUSED, unless=not_checked),
        A.PAYMENT_RECEIVE: step(StatementState.APPROVED, to=StatementState.PAID, unless=not_all_approved),
    }
)
