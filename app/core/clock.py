"""The one place that asks the time, and the calendars that terms are counted in.

Inside the portal time is UTC. A day on a document is a day at `LOCAL`, where all first users live.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import NullPool, create_engine, text

from app.extensions import db

LOCAL = ZoneInfo("Europe/Amsterdam")

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    return _stopped_at.get() or datetime.now(UTC)


# The wall clock of the database, not the moment at which a transaction began.
_DATABASE_SAYS = {
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')"),
    "postgresql": text(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
    ),
}


def database_now() -> datetime:
    """The time by the clock of the database: one clock for all processes of the portal, to judge by who is in time.

    Asked on a connection of its own, so that it waits for no lock and for no place among the connections that wait
    for one. Ask it once, before the act takes its turn.
    """
    stopped = _stopped_at.get()
    if stopped is not None:
        return stopped
    engine = db.engine.engine
    alone = create_engine(engine.url, poolclass=NullPool)
    with alone.connect() as connection:
        return datetime.fromisoformat(connection.scalar(_DATABASE_SAYS[engine.dialect.name]))


def today() -> date:
    """The day it is where the parties are."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day it was then where the parties are."""
    return moment.astimezone(LOCAL).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let it be `moment` (aware) inside the block. Only demonstration and tests may tell a false time."""
    if not (current_app.config["DEMO"] or current_app.testing):
        raise RuntimeError("the clock is only moved in demonstration and tests")
    token = _stopped_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped_at.reset(token)


def local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The moment, in UTC, at which it is `hour:minute` on `day` where the parties are."""
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first moment after `day` where the parties are, in UTC: a term that ends on `day` is over then."""
    return local(day + timedelta(days=1))


def easter(year: int) -> date:
    """Easter Sunday, Gregorian calendar (Meeus/Jones/Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    n = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + n + 90) // 25
    return date(year, month, (h - m + n + month + 19) % 32)


def public_holidays(year: int, jurisdiction: str) -> frozenset[date]:
    """Days on which a legal term cannot end.

    NL: Algemene termijnenwet art. 3 (Good Friday and Liberation Day included; King's Day moves off a Sunday).
    BE: Law of 4 January 1974 and royal decree of 18 April 1974 art. 1, the ten legal holidays.
    """
    sunday = easter(year)
    shared = {
        date(year, 1, 1),
        sunday,
        sunday + timedelta(days=1),
        sunday + timedelta(days=39),
        sunday + timedelta(days=49),
        sunday + timedelta(days=50),
        date(year, 12, 25),
    }
    if jurisdiction == "BE":
        own = {date(year, 5, 1), date(year, 7, 21), date(year, 8, 15), date(year, 11, 1), date(year, 11, 11)}
    else:
        kings_day = date(year, 4, 27)
        if kings_day.weekday() == 6:
            kings_day = date(year, 4, 26)
        own = {sunday - timedelta(days=2), kings_day, date(year, 5, 5), date(year, 12, 26)}
    return frozenset(shared | own)


def is_working_day(day: date, jurisdiction: str) -> bool:
    return day.weekday() < 5 and day not in public_holidays(day.year, jurisdiction)


@dataclass(frozen=True, slots=True)
class Counted:
    """A term of `days` calendar days from the day after `start`: `counted_to` is the last of them, `until` the day on
    which it ends after a weekend or holiday moved it."""

    start: date
    days: int
    counted_to: date
    until: date

    @property
    def is_moved(self) -> bool:
        return self.until != self.counted_to


# From how many days on a term holds at least two working days: NL Algemene termijnenwet art. 2, BE Regulation 1182/71
# art. 3(5).
HOLDS_TWO = {"NL": 3, "BE": 2}


def count_term(start: date, days: int, jurisdiction: str) -> Counted:
    """Count a term of `days` calendar days from the day after `start`.

    One that would end on a Saturday, Sunday or public holiday runs to the next working day (Regulation 1182/71
    art. 3(4); NL Algemene termijnenwet art. 1), and a short one until it holds two working days.
    """
    counted_to = start + timedelta(days=days)
    end = counted_to
    while not is_working_day(end, jurisdiction):
        end += timedelta(days=1)
    if days >= HOLDS_TWO[jurisdiction]:
        while working_days(start, end, jurisdiction) < 2:
            end += timedelta(days=1)
    return Counted(start, days, counted_to, end)


def working_days(start: date, end: date, jurisdiction: str) -> int:
    """How many working days lie after `start`, `end` included."""
    after = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_working_day(day, jurisdiction) for day in after)


def term_end(start: date, days: int, jurisdiction: str) -> date:
    """The last day of such a term."""
    return count_term(start, days, jurisdiction).until


def days_before(moment: datetime, days: int) -> datetime:
    """The same time of day, `days` earlier where the parties are, in UTC: summer time takes no hour away.

    A term that is counted back is not moved off a weekend (NL Algemene termijnenwet art. 1(2)): that would take time
    from those for whom it runs.
    """
    there = moment.astimezone(LOCAL)
    return (there - timedelta(days=days)).astimezone(UTC)
