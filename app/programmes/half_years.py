"""The half-years by which a bond is settled and reported (domain, section 8): to 30 June and to 31 December."""

from datetime import date


def half_year_ends(first: date, last: date) -> tuple[date, ...]:
    """30 June and 31 December from `first` on and before `last`, and `last` itself."""
    ends = [date(year, *end) for year in range(first.year, last.year + 1) for end in ((6, 30), (12, 31))]
    return (*(day for day in ends if first <= day < last), last)
