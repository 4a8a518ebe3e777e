"""What a capital call asks, and the least that it keeps to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _

from app.core import clock
from app.core.errors import Refused
from app.programmes.models import Programme
from app.treasury import notices
from app.treasury.in_hand import free_minor

# Since 22 November 2026; the terms of a round say nothing of it. Two weeks hold the ten working days that agreements of
# private funds use to give; no law sets a term.
LEAST_NOTICE_DAYS = 14
LEAST_PART_MINOR = 100  # to ask somebody for less than one euro costs more than it brings


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is asked of the investors. `amount_minor` of them all; `notice_days` calendar days before `due_on`;
    `after_end_because`: why, when the bond is over."""

    amount_minor: int
    purpose: str
    due_on: date
    notice_days: int = LEAST_NOTICE_DAYS
    after_end_because: str = ""


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


def bank_day_after(programme: Programme, on: date) -> date | None:
    """The first day after `on` on which banks work, where they are closed on `on`; money cannot come in before it."""
    if clock.is_working_day(on, programme.jurisdiction):
        return None
    while not clock.is_working_day(on, programme.jurisdiction):
        on += timedelta(days=1)
    return on


def is_over(programme: Programme) -> bool:
    """No effects accrue any more: by the calendar, or since the agreement was ended before its time."""
    return clock.today() > programme.tail_until


def check_reason(programme: Programme, facts: CallFacts) -> None:
    """Refused without a reason once the bond is over, or where the money would come in after that: capital is called
    for the work, and that is done."""
    if not is_over(programme) and facts.due_on > programme.tail_until and not facts.after_end_because.strip():
        ends = notices.day(programme.tail_until)
        raise Refused(_("The bond ends on %(day)s: let the money come in by then.", day=ends), "due_on")
    if is_over(programme) and not facts.after_end_because.strip():
        ended, unspent = notices.day(programme.tail_until), notices.shown(free_minor(programme.id), programme)
        message = _("The bond ended on %(day)s and %(unspent)s is unspent. Say why capital is still called.")
        raise Refused(message % {"day": ended, "unspent": unspent}, "after_end_because")
