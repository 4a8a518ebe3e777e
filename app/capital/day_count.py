"""Days of interest: `ACT/365F` counts real days of a 365-day year, `30E/360` months of 30 days (ISDA 2006, 4.16)."""

from datetime import date

YEAR = {"ACT/365F": 365, "30E/360": 360}


def days(convention: str, start: date, end: date) -> int:
    """Interest days from `start` to `end`; divide by `YEAR[convention]`. Adds up over adjoining spans."""
    if convention == "ACT/365F":
        return (end - start).days
    if convention == "30E/360":
        months = 12 * (end.year - start.year) + end.month - start.month
        return 30 * months + min(end.day, 30) - min(start.day, 30)
    raise ValueError(f"unknown day count {convention}")
