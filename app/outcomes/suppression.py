"""Small numbers: what may be shown of a table of counts to somebody who may not see the people behind it.

Counts of 1 to 4 are hidden, and as many others as it takes that nobody can work a hidden one out from the rows,
columns and sums around it (secondary suppression). Payment divided by price gives the count, so a hidden count hides
its amount.
Source: the domain, section 9. Pure: no database, no request; deterministic, so that a page always hides the same.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SMALLEST = 5  # the smallest count above zero that is shown
TRIES = 400  # search steps per question; when they run out the count is taken to be found out, and more is hidden

Key = Hashable
Sum = tuple[Sequence[Any], Any]  # the parts, and the key of what they add up to


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell as a reader may see it. `count` is None when hidden; `small` when that is because it is 1 to 4."""

    count: int | None
    small: bool = False
    amount_minor: int | None = None

    @property
    def hidden(self) -> bool:
        return self.count is None


def hidden_keys(
    counts: Mapping[Any, int],
    sums: Iterable[Sum] = (),
    *,
    known: Collection[Any] = (),
    unpublished: Collection[Any] = (),
) -> set[Any]:
    """The keys of `counts` that must be hidden from the reader, `unpublished` ones included.

    `sums` are the additions that hold between the counts, totals included. `known` are counts the reader knows anyway
    (its own residents): never hidden, and reckoned with. `unpublished` ones are never shown, yet may be worked out:
    those of 1 to 4 are protected as well.
    """
    found = list(sums)
    hidden = set(unpublished) | {key for key, n in counts.items() if 0 < n < SMALLEST and key not in known}
    while True:
        puzzle = _Puzzle(counts, found, hidden, frozenset(unpublished))
        told = [key for key in counts if key in hidden and 0 < counts[key] < SMALLEST and puzzle.tells(key)]
        victims = {_victim(key, counts, found, hidden, known) for key in told} - {None}
        if not victims:
            return hidden
        hidden |= victims


def _victim(key: Any, counts: Mapping[Any, int], sums: list[Sum], hidden: set[Any], known: Collection[Any]) -> Any:
    """What to hide beside `key`: the smallest count above zero that stands in a sum with it, parts before totals."""
    beside: dict[Any, bool] = {}
    for parts, total in _sums_around(key, sums, hidden):
        for part in parts:
            beside.setdefault(part, False)
        beside.setdefault(total, True)
    free = [other for other in beside if other not in hidden and other not in known]
    return min(free, key=lambda other: (beside[other], counts[other] == 0, counts[other]), default=None)


def _sums_around(key: Any, sums: list[Sum], hidden: set[Any]) -> list[Sum]:
    """The sums that touch `key`, else those that touch what is hidden together with it."""
    reached, grown = {key}, True
    around: list[Sum] = []
    while grown and not any({*parts, total} - hidden for parts, total in around):
        grown = False
        for parts, total in sums:
            members = {*parts, total}
            if members & reached and (parts, total) not in around:
                around.append((parts, total))
                grown = True
        for parts, total in around:
            reached |= {*parts, total} & hidden
    return around


class _Puzzle:
    """What a reader can work out: each hidden count has a range, and every sum must come out.

    A count hidden for being small is known to be 1 to 4; one hidden to protect another is 0 or at least 5.
    """

    def __init__(self, counts: Mapping[Any, int], sums: list[Sum], hidden: set[Any], unpublished: frozenset[Any]):
        self.counts, self.unpublished = counts, unpublished
        self.top = sum(counts.values()) + 2 * SMALLEST
        self.start = {key: self._range(key) if key in hidden else (n, n) for key, n in counts.items()}
        self.sums = [(list(parts), total) for parts, total in sums if {*parts, total} & hidden]
        self.touching: dict[Any, list[int]] = {}
        for place, (parts, total) in enumerate(self.sums):
            for key in (*parts, total):
                self.touching.setdefault(key, []).append(place)
        self.base = dict(self.start)
        self._narrow(self.base, range(len(self.sums)))

    def _range(self, key: Any) -> tuple[int, int]:
        small = 0 < self.counts[key] < SMALLEST and key not in self.unpublished
        return (1, SMALLEST - 1) if small else (0, self.top)

    def tells(self, key: Any) -> bool:
        """Is the true count the only one possible?"""
        self.tries = TRIES
        low, high = self.base[key]
        others = [n for n in range(low, min(high, self.counts[key] + 2 * SMALLEST) + 1) if n != self.counts[key]]
        others.sort(key=lambda n: abs(n - self.counts[key]))
        return not any(self._fits({**self.base, key: (n, n)}, key) for n in others)

    def _fits(self, ranges: dict[Any, tuple[int, int]], moved: Any) -> bool:
        """Is there a way to fill in all counts within their ranges so that every sum comes out?"""
        self.tries -= 1
        if self.tries < 0 or not self._narrow(ranges, self.touching.get(moved, [])):
            return False
        open_keys = [key for key in self.touching if ranges[key][0] < ranges[key][1]]
        if not open_keys:
            return True
        key = min(open_keys, key=lambda k: ranges[k][1] - ranges[k][0])
        low, high = ranges[key]
        near = range(max(low, self.counts[key] - 2 * SMALLEST), min(high, self.counts[key] + 2 * SMALLEST) + 1)
        values = sorted({low, high, *near}, key=lambda n: abs(n - self.counts[key]))
        return any(self.tries > 0 and self._fits({**ranges, key: (n, n)}, key) for n in values)

    def _narrow(self, ranges: dict[Any, tuple[int, int]], places: Iterable[int]) -> bool:
        """Tighten the ranges by the sums at `places` until nothing moves; False when a sum cannot come out."""
        waiting = list(places)
        while waiting:
            parts, total = self.sums[waiting.pop()]
            low, high = sum(ranges[part][0] for part in parts), sum(ranges[part][1] for part in parts)
            bounds = {total: (low, high)}
            at_least, at_most = ranges[total]
            for part in parts:
                own_low, own_high = ranges[part]
                bounds[part] = (at_least - (high - own_high), at_most - (low - own_low))
            for key, (least, most) in bounds.items():
                tighter = self._within(key, max(ranges[key][0], least), min(ranges[key][1], most))
                if tighter[0] > tighter[1]:
                    return False
                if tighter != ranges[key]:
                    ranges[key] = tighter
                    waiting.extend(self.touching[key])
        return True

    def _within(self, key: Any, low: int, high: int) -> tuple[int, int]:
        """A count hidden only to protect another is not 1 to 4, and the reader knows it."""
        protects = self.start[key] == (0, self.top) and key not in self.unpublished
        if protects and 0 < low < SMALLEST:
            low = SMALLEST
        if protects and 0 < high < SMALLEST:
            high = 0
        return low, high


class Grid:
    """Counts (and amounts) by row and column with their sums, as one reader may see them.

    `columns` that are `known` (a municipality's own residents) are shown in full; `exact` shows everything, to those
    who may see the rows themselves.
    """

    def __init__(
        self,
        rows: Sequence[Any],
        columns: Sequence[Any],
        cells: Mapping[tuple[Any, Any], tuple[int, int]],
        *,
        known: Collection[Any] = (),
        exact: bool = False,
    ) -> None:
        self.rows, self.columns = list(rows), list(columns)
        self._counts, self._amounts = self._sums_of(cells, 0), self._sums_of(cells, 1)
        own = {self._same(row, column) for row in [*self.rows, None] for column in self.columns if column in known}
        counts = {key: n for key, n in self._counts.items() if self._same(*key) == key}
        self._hidden = set() if exact else hidden_keys(counts, self._additions(), known=own)
        self._vague = self._vague_margins(own)

    def _sums_of(self, cells: Mapping[tuple[Any, Any], tuple[int, int]], at: int) -> dict[tuple[Any, Any], int]:
        sums = {(row, column): cells.get((row, column), (0, 0))[at] for row in self.rows for column in self.columns}
        for row in self.rows:
            sums[row, None] = sum(sums[row, column] for column in self.columns)
        for column in [*self.columns, None]:
            sums[None, column] = sum(sums[row, column] for row in self.rows)
        return sums

    def _same(self, row: Any, column: Any) -> tuple[Any, Any]:
        """With one row or one column only, its sums are the cells themselves and no second thing to hide."""
        row = self.rows[0] if len(self.rows) == 1 else row
        return row, self.columns[0] if len(self.columns) == 1 else column

    def _additions(self) -> list[Sum]:
        across = [([(row, column) for column in self.columns], (row, None)) for row in [*self.rows, None]]
        down = [([(row, column) for row in self.rows], (None, column)) for column in [*self.columns, None]]
        same = [([self._same(*part) for part in parts], self._same(*total)) for parts, total in [*across, *down]]
        return [(parts, total) for parts, total in same if total not in parts]

    def _vague_margins(self, own: set[tuple[Any, Any]]) -> set[tuple[Any, Any]]:
        """Sums of amounts over lines with a hidden part: with the prices at hand they would give the parts away.

        The sum of all stays: it is the cash that was paid, which the parties know.
        """
        margins = {total for parts, total in self._additions() if any(part in self._hidden for part in parts)}
        return margins - own - {self._same(None, None)}

    def figure(self, row: Any = None, column: Any = None) -> Figure:
        """One cell; without `row` or `column` the sum over them."""
        key = self._same(row, column)
        whole = row is None and column is None
        if key in self._hidden:
            amount = self._amounts[key] if whole else None
            return Figure(None, small=0 < self._counts[key] < SMALLEST, amount_minor=amount)
        return Figure(self._counts[key], amount_minor=None if key in self._vague else self._amounts[key])


def figures(
    counts: Mapping[Any, int], amounts: Mapping[Any, int] | None = None, *, exact: bool = False
) -> tuple[dict[Any, Figure], Figure]:
    """One list of counts, and its sum, as a reader may see them (`exact`: somebody who may see the rows)."""
    amounts = amounts or {}
    grid = Grid(list(counts), [0], {(key, 0): (n, amounts.get(key, 0)) for key, n in counts.items()}, exact=exact)
    return {key: grid.figure(key) for key in counts}, grid.figure()
