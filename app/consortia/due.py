"""What the worker does when the deadline of a call has passed."""

from sqlalchemy import or_, select

from app.calls.models import Call
from app.calls.states import CallState
from app.consortia.models import Consortium
from app.consortia.operations import lapse_consortium
from app.consortia.states import ConsortiumState
from app.core import clock
from app.core.errors import NotNow
from app.extensions import db


def run_due() -> int:
    """Tell every consortium that did not hand in; how many. Two workers at once tell each of them once."""
    due = (
        select(Consortium)
        .join(Call, Call.id == Consortium.call_id)
        .where(Consortium.state == ConsortiumState.FORMING, Call.deadline <= clock.now())
        .where(Call.state.in_([CallState.PUBLISHED, CallState.CLOSED]))
        .where(or_(Consortium.lapsed_at.is_(None), Consortium.lapsed_at < Call.deadline))
    )
    told = 0
    for consortium in db.session.scalars(due).unique().all():
        if consortium.call.standing_extension is not None:
            continue  # its deadline may still move
        try:
            lapse_consortium(consortium)
        except NotNow:
            continue  # the other worker was first
        told += 1
    return told
