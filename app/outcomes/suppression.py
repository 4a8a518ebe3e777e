"""Small numbers: which figures may be shown, so that nobody can work out a count of 1 to 4 behind them.

One decision covers every figure of every page at once, for the public, the parties and each municipality, which knows
its own residents: what one page hides no other page gives away, and neither does a subtraction of two of them.
The figures are offered in the order in which readers need them. One is shown only while there is, for each small
count and each reader, *another world*: one effect less here and one more there, where nothing that is shown tells the
two places apart.
Source: the domain, section 9. Pure: no database, no request; deterministic, so that a page always hides the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any

SMALLEST = 5  # the smallest count above zero that is shown
PAIRS = 40  # places compared per question in one group; when none of them will do, the count is taken to be found out

Move = tuple[int, int]  # one effect less in the first cell, one more in the second; NOWHERE: in none that is shown
NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as a reader may see it. `count` is None when hidden; `small` when that is because it is 1 to 4."""

    count: int | None
    small: bool = False
    amount_minor: int | None = None

    @property
    def hidden(self) -> bool:
        return self.count is None


def is_small(count: int) -> bool:
    return 0 < count < SMALLEST


def as_shown(count: int, told: bool, amount_minor: int | None = None) -> Figure:
    """A count as it is shown when it is `told`, else its mark."""
    return Figure(count, amount_minor=amount_minor) if told else Figure(None, small=is_small(count))


def shown(
    counts: Mapping[Any, int],
    owners: Mapping[Any, Any],
    offered: Sequence[tuple[Any, Collection[Any]]],
    guarded: Iterable[Collection[Any]] = (),
) -> frozenset[Any]:
    """The keys of `offered` that may be shown to everybody.

    `counts` of the finest cells and the owner of each, who knows its own. A figure is the sum of some cells. Besides
    the figures and the cells, the sums in `guarded` are kept as well, although no page shows them.
    """
    bit = {cell: 1 << place for place, cell in enumerate(cell for cell, n in counts.items() if n)}
    sizes = [counts[cell] for cell in bit]
    figures = {key: sum(bit[cell] for cell in set(cells) if cell in bit) for key, cells in offered}
    kept = {*bit.values(), *figures.values(), *(sum(bit[c] for c in set(cells) if c in bit) for cells in guarded)}
    readers = [_Reader(sizes, sum(bit.values()), list(figures.values()), kept)]
    for who in sorted(set(owners.values()), key=str):
        unknown = sum(mask for cell, mask in bit.items() if owners[cell] != who)
        readers.append(_Reader(sizes, unknown, list(figures.values()), kept))
    told = {key for key, cells in figures.items() if not cells}
    for key, cells in figures.items():
        if not cells or is_small(_total(sizes, cells)):
            continue
        found = [reader.worlds_with(cells) for reader in readers]
        if all(worlds is not None for worlds in found):
            told.add(key)
            for reader, worlds in zip(readers, found, strict=True):
                reader.read(cells, worlds or {})
    return frozenset(told)


def _places(cells: int) -> Iterator[int]:
    """The numbers of the cells in a set of cells, which is kept as the bits of a number."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def _total(sizes: Sequence[int], cells: int) -> int:
    return sum(sizes[place] for place in _places(cells))


class _Reader:
    """Somebody who does not know the cells in `unknown`, and reads everything that is shown.

    Of a hidden figure it reads the mark: 1 to 4, or at least 5 (a zero is no secret). `groups` are the cells that
    nothing shown tells apart; the first group is in no shown figure at all.
    """

    def __init__(self, sizes: Sequence[int], unknown: int, figures: Sequence[int], kept: Collection[int]) -> None:
        self.groups = [unknown]
        self.marks = [
            sum(1 << n for n, cells in enumerate(figures) if cells >> place & 1) for place in range(len(sizes))
        ]
        totals = [_total(sizes, cells) for cells in figures]
        self.not_less = sum(1 << n for n, total in enumerate(totals) if total in (1, SMALLEST))
        self.not_more = sum(1 << n for n, total in enumerate(totals) if total == SMALLEST - 1)
        forms = sorted({form & unknown for form in kept})
        found = {form: self._other_world(form, 0) for form in forms if is_small(_total(sizes, form))}
        # A small count without another world when nothing is shown yet is told by the marks; hiding more is no help.
        self.worlds = {form: world for form, world in found.items() if world is not None}

    def worlds_with(self, figure: int) -> dict[int, Move] | None:
        """The worlds that must replace others when `figure` is shown; None when a small count would be left bare."""
        found: dict[int, Move] = {}
        for form, move in self.worlds.items():
            less, more = (place != NOWHERE and figure >> place & 1 for place in move)
            if less != more:
                world = self._other_world(form, figure)
                if world is None:
                    return None
                found[form] = world
        return found

    def read(self, figure: int, worlds: Mapping[int, Move]) -> None:
        """From now on `figure` is shown."""
        self.worlds.update(worlds)
        first, *others = self.groups
        parts = [part for group in others for part in (group & ~figure, group & figure)]
        self.groups = [first & ~figure, *(part for part in (first & figure, *parts) if part)]

    def _other_world(self, form: int, figure: int) -> Move | None:
        """A move into or out of `form` that neither what is shown nor `figure` nor a mark betrays."""
        for number, group in enumerate(self.groups):
            for part in (group & ~figure, group & figure):
                inside, outside = part & form, part & ~form
                nowhere = [NOWHERE] if number == 0 and not part & figure else []
                pairs = product(_places(inside), chain(nowhere, _places(outside)))
                for one, other in islice(pairs, PAIRS):
                    for move in ((one, other), (other, one)):
                        if self._fits(*move):
                            return move
        return None

    def _fits(self, less: int, more: int) -> bool:
        fewer = self.marks[less] if less != NOWHERE else 0
        further = self.marks[more] if more != NOWHERE else 0
        return not (fewer & ~further & self.not_less or further & ~fewer & self.not_more)
