"""An appeal that is not decided in time is told to be late, once: to who decides it, who filed it, the intermediary."""

from contextlib import suppress
from datetime import date

from sqlalchemy import Select, select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.programmes.models import Programme
from app.verification import appeal_notices
from app.verification.appeal_models import Appeal
from app.verification.appeal_operations import decide_until
from app.verification.appeal_states import AppealState


def late_appeals(programme: Programme | None = None) -> list[tuple[Appeal, date]]:
    """Undecided, with the day by which each should have been decided: few of all bonds."""
    found: Select[Appeal] = select(Appeal).where(Appeal.state == AppealState.FILED).order_by(Appeal.created_at)
    if programme is not None:
        found = found.where(Appeal.programme_id == programme.id)
    filed = db.session.scalars(found).unique()
    ends = [(one, decide_until(one.created_at, one.programme)) for one in filed]
    return [(one, until) for one, until in ends if until < clock.today()]


def remind_of_late() -> int:
    """How many were told now; the worker calls it."""
    told = 0
    for one, until in late_appeals():
        if one.reminded_at is None:
            with suppress(NotNow):  # another worker was first
                _remind(one, until)
                told += 1
    return told


@operation
def _remind(appeal: Appeal, until: date) -> None:
    """Not now when another worker was first, or when it was decided meanwhile."""
    db.session.refresh(appeal)
    if appeal.reminded_at is not None or appeal.state != AppealState.FILED:
        raise NotNow("reminded already")
    appeal.reminded_at = clock.now()
    record(Action.APPEAL_REMIND, appeal, None)
    appeal_notices.tell_late(appeal, until)
