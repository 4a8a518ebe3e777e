"""What the worker does when its time has come."""

from sqlalchemy import select

from app.calls.models import Call
from app.calls.operations import close_call
from app.calls.states import CallState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db


def run_due() -> int:
    """Close every call whose deadline has passed; how many. Two workers at once close each call once."""
    due = select(Call).where(Call.state == CallState.PUBLISHED, Call.deadline <= clock.now())
    closed = 0
    for call in db.session.scalars(due).unique().all():
        try:
            close_call(call)
        except NotNow:
            continue  # the other worker was first
        closed += 1
    return closed
