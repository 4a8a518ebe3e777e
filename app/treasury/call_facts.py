"""What a capital call asks, and the least that it keeps to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused
from app.programmes.models import Programme
from app.treasury import notices

# Since 22 November 2026; the terms of a round say nothing of it. Two weeks hold the ten working days that agreements of
# private funds use to give; no law sets a term.
LEAST_NOTICE_DAYS = 14
LEAST_PART_MINOR = 100  # to ask somebody for less than one euro costs more than it brings


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is asked of the investors. `amount_minor` of them all; `notice_days` calendar days before `due_on`."""

    amount_minor: int
    purpose: str
    due_on: date
    notice_days: int = LEAST_NOTICE_DAYS


def check_parts(programme: Programme, amounts: Sequence[int], undrawn: Sequence[int]) -> None:
    """Refused where somebody would be asked for less than `LEAST_PART_MINOR` and still owe more after that."""
    if any(0 < amount < min(LEAST_PART_MINOR, left) for amount, left in zip(amounts, undrawn, strict=True)):
        least = notices.shown(LEAST_PART_MINOR, programme)
        raise Refused(_("Too little: nobody is asked for less than %(least)s.", least=least), "amount")


def check_notice(due_on: date, notice_days: int) -> None:
    if notice_days < LEAST_NOTICE_DAYS:
        raise Refused(_("Give at least %(days)d days of notice.", days=LEAST_NOTICE_DAYS), "notice_days")
    first = clock.today() + timedelta(days=notice_days)
    if due_on < first:
        raise Refused(
            _("With this notice the money is due on %(day)s at the earliest.", day=notices.day(first)), "due_on"
        )
