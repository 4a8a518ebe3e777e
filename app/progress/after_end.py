"""What an early end changes for progress, in the act that ends the bond: nothing is promised for after it."""

from typing import Any

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.extensions import db
from app.programmes.models import Programme
from app.progress.guarding import renew_milestones
from app.progress.models import CashLine
from app.progress.planning import first_and_last


def follow(programme: Programme) -> None:
    renew_milestones(programme)
    _remove_late_lines(programme)


def _remove_late_lines(programme: Programme) -> None:
    """Planned for a month in which such a line can no longer be planned; the trail keeps what it said."""
    for line in db.session.scalars(select(CashLine).filter_by(programme_id=programme.id)):
        if line.month > first_and_last(programme, line.kind)[1]:
            told: dict[str, Any] = {"kind": line.kind, "month": line.month, "amount": line.amount_minor}
            record(Action.CASH_LINE_REMOVE, line, None, **told)
            db.session.delete(line)
