"""What the worker does when its time has come: warn of a day on which bank and books differ, once."""

from app.bank import notices
from app.bank.models import BankBalance
from app.bank.reconciling import Day, newest_days
from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db


def run_due() -> int:
    """How many bonds were warned of."""
    unsound = [day for day in newest_days() if not day.is_sound and day.balance.warned_at is None]
    for day in unsound:
        warn(day)
    return len(unsound)


@housekeeping
def warn(day: Day) -> None:
    """The intermediary and the auditor of the bond hear of it; the other worker may have been first."""
    balance = db.session.get_one(BankBalance, day.balance.id)
    if balance.warned_at is None:
        balance.warned_at = clock.now()
        notices.tell_difference(day)
