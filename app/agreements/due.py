"""What the worker does: with the day after its last one, a party that left has no part in the bond any more."""

from app.agreements.departures import end_part, gone
from app.extensions import db


def run_due() -> int:
    return sum(end_part(one) for one in list(db.session.scalars(gone())))
