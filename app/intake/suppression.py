"""Small numbers: which figures may be shown, so that nobody can work out a count of 1 to 4 behind them.

One decision covers every figure of every page at once, for the public, the parties and each municipality, which knows
its own residents: what one page hides no other page gives away, and neither does a subtraction of two of them.
The figures are offered in the order in which readers need them. One is shown only while there is, for each small
count and each reader, *another world*: one effect less here and one more there, where nothing that is shown tells the
two places apart. The mark of a hidden 1 to 4 tells something too, and is offered in the same way; last comes for every
larger figure that stays hidden a range, such as 10-19, so that the public still reads about how much there was.
Source: the domain, section 9. Pure: no database, no request; deterministic, so that a page always hides the same.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice, product
from math import inf
from typing import Any

SMALLEST = 5  # the smallest count above zero that is shown
PAIRS = 40  # places compared per question in one group; when none of them will do, the count is taken to be found out

Move = tuple[int, int]  # one effect less in the first cell, one more in the second; NOWHERE: in none that is shown
NOWHERE = -1
WIDTHS = (10, 50)  # of the ranges that stand for hidden larger figures


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure as a reader may see it. `count` is None when hidden; `small` when it says that it is 1 to 4."""

    count: int | None
    small: bool = False
    amount_minor: int | None = None
    between: tuple[int, int] | None = None  # where a hidden larger count lies, ends included
    amount_between: tuple[int, int] | None = None  # the same for its amount, in minor units
    of: str = field(default="", compare=False)  # what it counts, in the markup of a page

    @property
    def hidden(self) -> bool:
        return self.count is None

    @property
    def fewer_than(self) -> int | None:
        """A range that begins at the smallest count that is shown says no more than this, and is said so."""
        return self.between[1] + 1 if self.between and self.between[0] == SMALLEST else None


@dataclass(frozen=True, slots=True)
class Shown:
    """What was decided: the `keys` of figures that everybody may read; `marked` are hidden ones that may say "<5".

    Any other figure says only that it is hidden. A zero is no secret. Of `amounts` the amount may be read as well; of
    `abouts` it may be said between which amounts (minor units) it lies.
    """

    keys: frozenset[Any] = frozenset()
    marked: frozenset[Any] = frozenset()
    ranges: Mapping[Any, tuple[int, int]] = field(default_factory=dict)
    amounts: frozenset[Any] = frozenset()
    abouts: Mapping[Any, tuple[int, int]] = field(default_factory=dict)

    def figure(
        self, key: Any, count: int, *, known: bool = False, amount_minor: int | None = None, of: str = ""
    ) -> Figure:
        """A count as it is shown; `known` to a reader who sees the rows behind it."""
        if known or not count or key in self.keys:
            return Figure(count, amount_minor=amount_minor, of=of)
        told = amount_minor if key in self.amounts else None
        return Figure(None, small=key in self.marked, between=self.ranges.get(key), amount_minor=told, of=of)


def is_small(count: int) -> bool:
    return 0 < count < SMALLEST


def shown(
    counts: Mapping[Any, int],
    owners: Mapping[Any, Collection[Any]],
    offered: Sequence[tuple[Any, Collection[Any]]],
    guarded: Iterable[Collection[Any]] = (),
) -> Shown:
    """Which figures of `offered` may be shown to everybody.

    `counts` of the finest cells and the owners of each, who know their own. A figure is the sum of some cells. Besides
    the figures and the cells, the sums in `guarded` are kept as well, although no page shows them.
    """
    bit = {cell: 1 << place for place, cell in enumerate(cell for cell, n in counts.items() if n)}
    sizes = [counts[cell] for cell in bit]
    alike: dict[int, list[Any]] = {}  # keys whose figures are the same sum, decided once
    for key, cells in offered:
        alike.setdefault(_sum_of(bit, cells), []).append(key)
    keys, marked, ranges = set(alike.pop(0, ())), set(), {}
    kept = {*bit.values(), *alike, *(_sum_of(bit, cells) for cells in guarded)}
    readers = _readers(sizes, bit, owners, list(alike), kept)
    for figure, names in alike.items():
        if not is_small(_total(sizes, figure)) and _agreed(readers, partial(_Reader.worlds_with, figure=figure)):
            keys.update(names)
            for reader in readers:
                reader.split(figure)
    for number, (figure, names) in enumerate(alike.items()):
        total = _total(sizes, figure)
        if not is_small(total):
            continue
        # One effect more or less takes only a 4 out of 1 to 4: nobody can tell by the mark of a smaller one.
        if total < SMALLEST - 1 or _limited(readers, number, high=True):
            marked.update(names)
    for number, (figure, names) in enumerate(alike.items()):
        if keys.isdisjoint(names) and not is_small(total := _total(sizes, figure)):
            ranges.update(dict.fromkeys(names, found) if (found := _range(readers, number, total)) else {})
    said = {figure: _said(sizes, figure, names[0], keys, marked, ranges) for figure, names in alike.items()}
    for figure, names in alike.items():
        if names[0] in ranges:
            ranges.update(dict.fromkeys(names, _tightest(figure, said)))
    return Shown(frozenset(keys), frozenset(marked), ranges)


def _said(
    sizes: Sequence[int],
    figure: int,
    key: Any,
    keys: Collection[Any],
    marked: Collection[Any],
    ranges: Mapping[Any, Any],
) -> tuple[int, float]:
    """What is said of a figure: no less than the first, no more than the second."""
    if key in keys:
        return _total(sizes, figure), _total(sizes, figure)
    return (1, SMALLEST - 1) if key in marked else ranges.get(key, (0, inf))


def _tightest(figure: int, said: Mapping[int, tuple[int, float]]) -> tuple[int, int]:
    """The range of a figure as everybody can work it out from what is said of its parts and of what it is part of: so
    it tells nothing new, and no row contradicts itself. One that would name a number stays as it was."""
    low = max(least for other, (least, _most) in said.items() if other & figure == other)
    high = min(most for other, (_least, most) in said.items() if other & figure == figure)
    least, most = said[figure]
    return (low, int(high)) if low < high else (least, int(most))


def _range(readers: Sequence["_Reader"], number: int, total: int) -> tuple[int, int] | None:
    """The narrowest range that lays no small count bare. Only at its ends does one effect more or less tell."""
    for width in WIDTHS:
        low, high = max(SMALLEST, total // width * width), total // width * width + width - 1
        if _limited(readers, number, low=total == low, high=total == high):
            return low, high
    return None


def _limited(readers: Sequence["_Reader"], number: int, *, low: bool = False, high: bool = False) -> bool:
    """Whether it may be said that a figure is no less (`low`) or no more (`high`) than it is; if so, it is said."""
    lows, highs = int(low) << number, int(high) << number
    if not _agreed(readers, partial(_Reader.worlds_limited, lows=lows, highs=highs)):
        return False
    for reader in readers:
        reader.lows |= lows
        reader.highs |= highs
    return True


def _sum_of(bit: Mapping[Any, int], cells: Iterable[Any]) -> int:
    return sum(bit[cell] for cell in set(cells) if cell in bit)


def _readers(
    sizes: Sequence[int],
    bit: Mapping[Any, int],
    owners: Mapping[Any, Collection[Any]],
    figures: Sequence[int],
    kept: set[int],
) -> list["_Reader"]:
    """Whoever knows no cell, and each owner, who knows its own."""
    marks = _Marks(sizes, figures)
    readers = [_Reader(sizes, sum(bit.values()), marks, kept)]
    for who in sorted(set(chain.from_iterable(owners.values())), key=str):
        unknown = sum(mask for cell, mask in bit.items() if who not in owners[cell])
        readers.append(_Reader(sizes, unknown, marks, kept))
    return readers


def _agreed(readers: Sequence["_Reader"], worlds_of: Callable[["_Reader"], dict[int, Move] | None]) -> bool:
    """Whether no reader would find a small count laid bare; if so, each goes on with the worlds that are left."""
    found = []
    for reader in readers:
        worlds = worlds_of(reader)
        if worlds is None:
            return False
        found.append(worlds)
    for reader, worlds in zip(readers, found, strict=True):
        reader.keep(worlds)
    return True


def _places(cells: int) -> Iterator[int]:
    """The numbers of the cells in a set of cells, which is kept as the bits of a number."""
    while cells:
        lowest = cells & -cells
        yield lowest.bit_length() - 1
        cells ^= lowest


def _total(sizes: Sequence[int], cells: int) -> int:
    return sum(sizes[place] for place in _places(cells))


class _Marks:
    """What the signs of hidden figures tell: at least 1 (a zero is shown), and of a marked one at most 4."""

    def __init__(self, sizes: Sequence[int], figures: Sequence[int]) -> None:
        self.of = [sum(1 << n for n, cells in enumerate(figures) if cells >> place & 1) for place in range(len(sizes))]
        self.ones = sum(1 << n for n, cells in enumerate(figures) if _total(sizes, cells) == 1)

    def fit(self, move: Move, lows: int, highs: int) -> bool:
        """Whether every sign stays the same in another world: `lows` are the figures that can be no less, `highs` those
        that can be no more."""
        less, more = move
        fewer = self.of[less] if less != NOWHERE else 0
        further = self.of[more] if more != NOWHERE else 0
        return not (fewer & ~further & lows or further & ~fewer & highs)


class _Reader:
    """Somebody who does not know the cells in `unknown`, and reads everything that is shown, marks as well.

    `groups` are the cells that nothing shown tells apart; the first group is in no shown figure at all. `forms` are the
    small sums by the world that keeps them: one figure breaks few worlds, and those of many sums at once.
    """

    def __init__(self, sizes: Sequence[int], unknown: int, marks: _Marks, kept: Collection[int]) -> None:
        self.groups = [unknown]
        self.marks, self.lows, self.highs = marks, marks.ones, 0
        self.forms: dict[Move, dict[int, None]] = {}
        self.world: dict[int, Move] = {}
        few = (form for form in {form & unknown for form in kept} if form.bit_count() < SMALLEST)
        small = sorted(form for form in few if is_small(_total(sizes, form)))
        # While nothing is shown, one effect more in a cell of the sum is always another world.
        self.keep({form: (NOWHERE, next(_places(form))) for form in small})

    def worlds_with(self, figure: int) -> dict[int, Move] | None:
        """The worlds that must replace others when `figure` is shown; None when a small count would be left bare."""
        limits = self.lows, self.highs
        return self._replaced(lambda move: _betrays(figure, move), lambda: self._parts(figure), limits)

    def worlds_limited(self, lows: int, highs: int) -> dict[int, Move] | None:
        """The same when more figures can be no less or no more: the mark of a hidden four, the ends of a range."""
        limits = self.lows | lows, self.highs | highs
        return self._replaced(lambda move: not self.marks.fit(move, *limits), lambda: self._parts(0), limits)

    def _replaced(
        self,
        breaks: Callable[[Move], bool],
        parts: Callable[[], list[tuple[int, bool]]],
        limits: tuple[int, int],
    ) -> dict[int, Move] | None:
        broken = [form for move, forms in self.forms.items() if forms and breaks(move) for form in forms]
        places = parts() if broken else []
        found: dict[int, Move] = {}
        for form in broken:
            world = self._other_world(form, places, limits)
            if world is None:
                return None
            found[form] = world
        return found

    def keep(self, worlds: Mapping[int, Move]) -> None:
        """From now on these worlds stand for these sums, instead of the ones before."""
        for form, move in worlds.items():
            before = self.world.get(form)
            if before is not None:
                del self.forms[before][form]
            self.world[form] = move
            self.forms.setdefault(move, {})[form] = None

    def split(self, figure: int) -> None:
        """From now on `figure` is shown."""
        self.groups = [part for part, _ in self._parts(figure)]

    def _parts(self, figure: int) -> list[tuple[int, bool]]:
        """The groups once `figure` is shown, and whether in none that is shown; one cell alone goes nowhere else."""
        first, *others = self.groups
        split = [first & figure, *(part for group in others for part in (group & ~figure, group & figure))]
        return [(first & ~figure, True), *((part, False) for part in split if part & (part - 1))]

    def _other_world(self, form: int, parts: Iterable[tuple[int, bool]], limits: tuple[int, int]) -> Move | None:
        """A move into or out of `form` that neither what is shown nor a mark betrays."""
        for part, nowhere in parts:
            inside = part & form
            outside = part ^ inside
            if not inside or not (outside or nowhere):
                continue
            others = chain([NOWHERE] if nowhere else [], _places(outside))
            for one, other in islice(product(islice(_places(inside), PAIRS), islice(others, PAIRS)), PAIRS):
                for move in ((one, other), (other, one)):
                    if self.marks.fit(move, *limits):
                        return move
        return None


def _betrays(figure: int, move: Move) -> bool:
    """Whether `figure` differs between the worlds before and after a move."""
    less, more = move
    return (less != NOWHERE and figure >> less & 1) != (more != NOWHERE and figure >> more & 1)
