"""Terms: Regulation 1182/71 art. 3, Algemene termijnenwet (NL), Law of 4 January 1974 (BE)."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.core import clock

# Easter Sundays from published calendars.
EASTERS = [
    date(2000, 4, 23),
    date(2008, 3, 23),
    date(2024, 3, 31),
    date(2025, 4, 20),
    date(2026, 4, 5),
    date(2038, 4, 25),
]


@pytest.mark.parametrize("sunday", EASTERS)
def test_easter(sunday):
    assert clock.easter(sunday.year) == sunday


def test_a_term_of_twenty_days_counts_from_the_day_after():
    # Sent on Monday 2 March 2026: day 1 is 3 March, day 20 is Sunday 22 March, so it runs to Monday 23 March.
    assert clock.term_end(date(2026, 3, 2), 20, "NL") == date(2026, 3, 23)
    assert clock.term_end(date(2026, 3, 3), 20, "NL") == date(2026, 3, 23)
    assert clock.term_end(date(2026, 3, 4), 20, "NL") == date(2026, 3, 24)


def test_a_term_does_not_end_on_a_holiday_of_the_country():
    # Good Friday 3 April 2026 is a holiday for terms in the Netherlands, not in Belgium; then the Easter weekend.
    assert clock.term_end(date(2026, 3, 19), 15, "NL") == date(2026, 4, 7)
    assert clock.term_end(date(2026, 3, 19), 15, "BE") == date(2026, 4, 3)


def test_kings_day_moves_off_a_sunday():
    assert date(2025, 4, 26) in clock.public_holidays(2025, "NL")  # 27 April 2025 is a Sunday
    assert date(2025, 4, 27) not in clock.public_holidays(2025, "NL")


def test_ten_holidays_in_belgium():
    assert len(clock.public_holidays(2026, "BE")) == 12  # the ten, with the Sundays of Easter and Whitsun


def test_local_midnight_follows_summer_time():
    assert clock.local(date(2026, 7, 1)) == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert clock.local(date(2026, 1, 1)) == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_only_demonstration_and_tests_tell_a_false_time():
    app = Flask("production")
    app.config["DEMO"] = False
    with app.app_context(), pytest.raises(RuntimeError), clock.at(datetime(2020, 1, 1, tzinfo=UTC)):
        pass
    app.testing = True
    with app.app_context(), clock.at(datetime(2020, 1, 1, 12, tzinfo=UTC)):
        assert clock.today() == date(2020, 1, 1)


def test_the_database_tells_its_own_time_also_while_another_writes(both: Flask) -> None:
    """Who waits for the pen must not be late by waiting: the question needs no lock."""
    from datetime import timedelta

    from app.extensions import db

    with db.engine.engine.connect().execution_options(writing=True) as writing, writing.begin():
        if writing.dialect.name == "postgresql":
            writing.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
        told = clock.database_now()
        assert told.tzinfo is not None
        assert abs(told - datetime.now(UTC)) < timedelta(minutes=5)


def test_the_database_goes_by_a_stopped_clock_too(app: Flask) -> None:
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with clock.at(moment):
        assert clock.database_now() == moment
