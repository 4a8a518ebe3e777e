"""When things happened, counted back from today, so that the bond always stands mid-life."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core import clock

SETTLED_AFTER = timedelta(days=45)  # a half-year is settled and paid out some six weeks after it ended


@dataclass(frozen=True, slots=True)
class Timeline:
    """`start` is the first day of the last half-year that can have been settled by `today`."""

    start: date
    today: date

    @property
    def half_year_end(self) -> date:
        return half_year_after(self.start) - timedelta(days=1)

    def day(self, offset: int) -> date:
        """`offset` days after the start of delivery; negative is before it."""
        return self.start + timedelta(days=offset)

    def moment(self, offset: int, hour: int = 10, minute: int = 0) -> datetime:
        return clock.local(self.day(offset), hour, minute)

    @contextmanager
    def at(self, offset: int, hour: int = 10, minute: int = 0) -> Iterator[None]:
        with clock.at(self.moment(offset, hour, minute)):
            yield


def timeline() -> Timeline:
    today = clock.today()
    this_half = date(today.year, 1 if today.month <= 6 else 7, 1)
    start = half_year_before(this_half)
    if today - this_half < SETTLED_AFTER:
        start = half_year_before(start)
    return Timeline(start, today)


def half_year_after(day: date) -> date:
    return date(day.year, 7, 1) if day.month == 1 else date(day.year + 1, 1, 1)


def half_year_before(day: date) -> date:
    return date(day.year - 1, 7, 1) if day.month == 1 else date(day.year, 1, 1)
