"""From which sending the standstill counts, and until when."""

from datetime import date

from sqlalchemy import func, select

from app.awards.models import Letter
from app.awards.states import LetterState
from app.core import clock
from app.evaluation import queries
from app.evaluation.models import Evaluation
from app.evaluation.queries import Standstill
from app.extensions import db

# Where the standstill counts from the last letter that was sent (art. 11 of the Belgian Act of 17 June 2013); elsewhere
# from the decision's own sending (art. 2.127 Aw).
FROM_LAST_SENDING = frozenset({"BE"})


def standstill_of(evaluation: Evaluation) -> Standstill | None:
    """The standstill of the decision that stands; none while there is no decision."""
    sent_on = counted_from(evaluation)
    return None if sent_on is None else queries.standstill(evaluation, sent_on)


def counted_from(evaluation: Evaluation) -> date | None:
    """The day of the sending from which the standstill counts."""
    sent_at = evaluation.decided_at
    if sent_at is not None and evaluation.call.programme.jurisdiction in FROM_LAST_SENDING:
        again = select(func.max(Letter.last_sent_at)).where(Letter.evaluation_id == evaluation.id)
        sent_at = db.session.scalar(again.where(Letter.state == LetterState.SENT)) or sent_at
    return None if sent_at is None else clock.day_of(sent_at)
