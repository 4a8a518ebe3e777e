"""What was owed in default comes in after all, or is taken back again. Called by the operation that books it."""

from app.access.actions import Action
from app.extensions import db
from app.treasury.default import InvestorDefault
from app.treasury.models import CapitalCallPart
from app.treasury.states import DEFAULT_FLOW, DefaultState


def cure_default(part: CapitalCallPart) -> None:
    """The whole of `part` came in: the investor paid late, and is in default no more. What lapsed stays lapsed."""
    found = _standing(part)
    if found is not None:
        DEFAULT_FLOW.advance(found, Action.CAPITAL_CALL_RECEIVE)


def reopen_default(part: CapitalCallPart) -> bool:
    """The money of `part` is not there after all: its default stands as it did before it came in; whether there is
    one."""
    found = _standing(part)
    if found is not None and found.state == DefaultState.CURED:
        DEFAULT_FLOW.advance(found, Action.TAKE_BACK_APPROVE)
        found.state = DefaultState.DECLARED if found.decided_at is None else DefaultState.CONFIRMED
    return found is not None


def _standing(part: CapitalCallPart) -> InvestorDefault | None:
    found = db.session.query(InvestorDefault).filter_by(part_id=part.id)
    return found.filter(InvestorDefault.state != DefaultState.REJECTED).one_or_none()
