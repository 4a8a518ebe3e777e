"""Days of interest: `ACT/365F` counts real days of a 365-day year, `30E/360` months of 30 days (ISDA 2006, 4.16)."""

from datetime import date

from flask_babel import lazy_gettext as _l

from app.core.flow import Labelled


class DayCount(Labelled):
    """How the days of interest of a loan are counted, in the words of `replay/1`."""

    ACT_365F = "ACT/365F", _l("real days, year of 365 (ACT/365F)")
    THIRTY_360 = "30E/360", _l("months of 30 days, year of 360 (30E/360)")


YEAR = {"ACT/365F": 365, "30E/360": 360}


def days(convention: str, start: date, end: date) -> int:
    """Interest days from `start` to `end`; divide by `YEAR[convention]`. Adds up over adjoining spans."""
    if convention == "ACT/365F":
        return (end - start).days
    if convention == "30E/360":
        months = 12 * (end.year - start.year) + end.month - start.month
        return 30 * months + min(end.day, 30) - min(start.day, 30)
    raise ValueError(f"unknown day count {convention}")
