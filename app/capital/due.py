"""What the worker does when its time has come: soft words about a round lapse on their last day."""

from sqlalchemy import select

from app.capital.interest import Interest
from app.capital.interest_operations import lapse_interest
from app.capital.states import InterestState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db


def run_due() -> int:
    """How many interests lapsed; two workers at once lapse each once."""
    due = select(Interest).where(Interest.state == InterestState.STATED, Interest.expires_on < clock.today())
    lapsed = 0
    for interest in db.session.scalars(due).unique().all():
        try:
            lapse_interest(interest)
        except NotNow:
            continue
        lapsed += 1
    return lapsed
