"""The worker's sign of life."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.notifications.models import WorkerSign

NAME = "worker"


@housekeeping
def sign_of_life() -> None:
    """One row for all workers: the question is whether any of them is alive."""
    now = clock.now()
    known = db.session.execute(update(WorkerSign).where(WorkerSign.name == NAME).values(seen_at=now))
    if not known.rowcount:  # type: ignore[attr-defined]
        try:
            with db.session.begin_nested():
                db.session.add(WorkerSign(name=NAME, seen_at=now))
        except IntegrityError:
            pass  # the other worker was first


def last_sign() -> datetime | None:
    return db.session.scalar(select(func.max(WorkerSign.seen_at)))
