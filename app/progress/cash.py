"""The cash plan: what the bond's account holds at the end of each month, from what is known and what is planned.

Pure. Amounts in minor units; what comes in adds, what goes out takes off. Money that is due before the first month is
still expected, so it stands in the first month.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from app.progress.states import COMES_IN, CashKind


@dataclass(frozen=True, slots=True)
class Expected:
    """Money that will move. `certain`: it is owed or promised already, and no plan; `source` says by what."""

    kind: CashKind
    on: date
    amount_minor: int
    source: str
    certain: bool = False

    @property
    def signed_minor(self) -> int:
        return self.amount_minor if self.kind in COMES_IN else -self.amount_minor


@dataclass(slots=True)
class Month:
    """`first` is the first day; `moved` by kind. `closing` below zero: the money does not suffice."""

    first: date
    opening: int
    moved: dict[CashKind, int] = field(default_factory=lambda: dict.fromkeys(CashKind, 0))
    flows: list[Expected] = field(default_factory=list)

    @property
    def closing(self) -> int:
        return self.opening + sum(amount if kind in COMES_IN else -amount for kind, amount in self.moved.items())


def next_first(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def months_of(opening: int, expected: Iterable[Expected], first: date, last: date) -> list[Month]:
    """From the month of `first` to the month of `last`, or of the last money that is expected."""
    flows = sorted(expected, key=lambda one: one.on)
    end = max([last, *(one.on for one in flows)])
    months = [Month(first.replace(day=1), opening)]
    for one in flows:
        while one.on >= next_first(months[-1].first):
            _open_next(months)
        months[-1].moved[one.kind] += one.amount_minor
        months[-1].flows.append(one)
    while next_first(months[-1].first) <= end:
        _open_next(months)
    return months


def _open_next(months: list[Month]) -> None:
    months.append(Month(next_first(months[-1].first), months[-1].closing))


def first_short(months: Sequence[Month], within: int | None = None) -> Month | None:
    """The first month that ends below zero, of the first `within`."""
    return next((month for month in months[:within] if month.closing < 0), None)


def spread(amount_minor: int, months: Sequence[date]) -> list[tuple[date, int]]:
    """An amount over months (their first days) as evenly as whole cents allow, the first a little fuller."""
    if not months or amount_minor <= 0:
        return []
    each, rest = divmod(amount_minor, len(months))
    return [(month, each + (at < rest)) for at, month in enumerate(months) if each + (at < rest)]
