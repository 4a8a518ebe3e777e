"""What exact money adds to what everybody may read: investors know what a settlement paid, to the cent, and every price
is published; of two hidden numbers the money may leave one pair only. (The auditor reads each number in the invoices.)

So each figure that is told, exactly or as a range, must leave *another world* (`worlds.py`) for every small count and
every reader: other counts that cost the same, and change nothing that is told. Figures are told in the order in which
readers need them, the totals of the bond first: rows are given up before totals, the finest first, and no row of a
municipality is told whose whole is withheld. What the money tells by itself, whatever the pages say, stands in the text
for the impact assessment. Source: the domain, section 9. Pure: no database, no request.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.intake.suppression import SMALLEST, Shown, is_small
from app.outcomes.worlds import FAR, Budget, Fact, Reader

WIDTHS = (10, 20, 50)  # of the ranges that stand for hidden larger figures
Prices = Mapping[int, int | None]  # by cell what one of them cost (minor units); None where not each cost the same


@dataclass(frozen=True, slots=True)
class Offered:
    """A figure that a page may show: of which cells; the larger figures that it is a row of (`wholes`, by key); what it
    cost (`amount_minor`, and one of each cell: `prices`, None where no page says it), whether that is cash of the whole
    bond (`is_cash`: only that is told to the cent), and between which amounts it may be said to lie, best first."""

    key: Any
    places: frozenset[int]
    wholes: Collection[Any] = ()
    amount_minor: int = 0
    prices: Prices | None = None
    is_cash: bool = False
    abouts: Sequence[tuple[int, int]] = ()


class Paid(NamedTuple):
    """What was paid for the effects of one cell (its number; None: not counted): in `cell`, that of the settlement."""

    cell: Any
    minor: int
    place: int | None


class Money:
    """All that was paid for the effects of a bond."""

    def __init__(self, counts: Sequence[int], paid: Sequence[Paid]) -> None:
        self.counts, self.paid = counts, paid
        of_cells = [(one.minor, counts[one.place]) for one in paid if one.place is not None]
        self.dearest = max((-(-minor // count) for minor, count in of_cells), default=0)

    def purses(self) -> list[Prices]:
        """By settlement: an investor reads what it paid, not who paid it."""
        settlements = {one.cell.settlement: None for one in self.paid}
        return [self.prices([one for one in self.paid if one.cell.settlement == which]) for which in settlements]

    def prices(self, spent: Iterable[Paid]) -> Prices:
        sums: dict[int, int] = {}
        for one in spent:
            if one.place is not None:
                sums[one.place] = sums.get(one.place, 0) + one.minor
        return {at: None if minor % self.counts[at] else minor // self.counts[at] for at, minor in sums.items()}

    def abouts(self, spent: Iterable[Paid], *, from_nothing: bool) -> list[tuple[int, int]]:
        """Ranges in steps of 1, 2 or 5 and zeros, in which one effect more or less, of any price, changes nothing."""
        amount, found = sum(one.minor for one in spent), []
        for step in (10**power * digit for power in range(2, 12) for digit in (1, 2, 5)):
            low = amount // step * step
            wide = step >= 4 * self.dearest and amount - low >= self.dearest and low + step - amount > self.dearest
            if wide and (low or from_nothing):
                found.append((low, low + step))
        return found[:3]


def beside_cash(
    told: Shown,
    counts: Sequence[int],
    owners: Sequence[Collection[Any]],
    offered: Sequence[Sequence[Offered]],
    kept: Iterable[Iterable[int]],
    purses: Sequence[Prices],
    rules: Sequence[Fact] = (),
) -> Shown:
    """`told` as it may be read beside exact money. `offered` in groups, what readers need most first: of each group the
    cash of the whole bond, then the counts. `owners` of a cell know it; `kept` are the sums of cells that nobody may
    work out when small; an investor knows what each of `purses` came to, and everybody the `rules` that no world
    breaks."""
    figures = [one for group in offered for one in group if one.places]
    readers = _readers(counts, owners, figures, [frozenset(form) for form in kept], purses, rules)
    decision = _Decision(counts, readers, {one.key: one.places for one in figures})
    for group in offered:
        known = [one for one in group if one.places]
        for one in known:
            decision.tell_cash(one)
        for one in known:
            if one.key in told.keys:
                decision.tell_count(one)
    for one in figures:
        decision.mark(one)
    for one in figures:
        decision.tell_range(one)
    for one in figures:
        decision.tell_about(one)
    empty = {one.key for group in offered for one in group if not one.places}
    return decision.shown(empty)


def _readers(
    counts: Sequence[int],
    owners: Sequence[Collection[Any]],
    figures: Iterable[Offered],
    kept: Collection[frozenset[int]],
    purses: Sequence[Prices],
    rules: Sequence[Fact],
) -> list[Reader]:
    """An investor; the public, of what the money does not tell investors by itself; and each owner, who knows its own.
    What the rules give away is kept from whoever does not know them: few read how many people take part.

    A figure that stays hidden is at least 1, since a zero is told."""
    budget = Budget()
    hidden = [_bounds(places, 1 - _sum(counts, places), FAR) for places in {one.places: None for one in figures}]
    small = {form: None for form in kept if is_small(_sum(counts, form))}
    known = [*hidden, *rules]
    cash = [fact for purse in purses for fact in _spent(purse)]
    investor = Reader(counts, [*known, *cash], small, budget)
    left = [form for form in small if form not in investor.world]
    readers = [investor, *(Reader(counts, facts, left, budget) for facts in ([*hidden, *cash], known))]
    kept_so_far = {form for reader in readers for form in reader.world}
    readers.append(Reader(counts, hidden, [form for form in small if form not in kept_so_far], budget))
    for who in sorted({who for some in owners for who in some}, key=str):
        own = frozenset(place for place, some in enumerate(owners) if who in some)
        rest = {form - own: None for form in kept}
        secrets = [form for form in rest if is_small(_sum(counts, form))]
        its = [_bounds([place], 0, 0) for place in own]
        owner = Reader(counts, [*known, *its], secrets, budget)
        rest_of_it = [form for form in secrets if form not in owner.world]
        readers += [owner, Reader(counts, [*hidden, *its], rest_of_it, budget)]
    return readers


class _Decision:
    """What is told so far, and the readers with the worlds that are left to them."""

    def __init__(self, counts: Sequence[int], readers: list[Reader], places: Mapping[Any, frozenset[int]]) -> None:
        self.counts, self.readers, self.places = counts, readers, places
        self.exact: set[frozenset[int]] = set()  # figures of the same cells are told alike
        self.marked: dict[frozenset[int], bool] = {}
        self.ranges: dict[frozenset[int], tuple[int, int] | None] = {}
        self.amounts: set[Any] = set()
        self.abouts: dict[Any, tuple[int, int]] = {}

    def tell_cash(self, one: Offered) -> None:
        """What the whole bond paid comes before the counts: councils want it to the cent, investors know it anyway."""
        if one.is_cash and one.prices is not None and self._agreed(list(_spent(one.prices))):
            self.amounts.add(one.key)

    def tell_count(self, one: Offered) -> None:
        wholes = [self.places[key] for key in one.wholes if key in self.places]
        if one.places in self.exact or any(whole not in self.exact for whole in wholes):
            return
        if self._agreed([_bounds(one.places, 0, 0)]):
            self.exact.add(one.places)

    def mark(self, one: Offered) -> None:
        """That a count is 1 to 4."""
        count = _sum(self.counts, one.places)
        if is_small(count) and one.places not in self.marked:
            self.marked[one.places] = self._agreed([_bounds(one.places, 1 - count, SMALLEST - 1 - count)])

    def tell_range(self, one: Offered) -> None:
        count = _sum(self.counts, one.places)
        if is_small(count) or one.places in self.exact or one.places in self.ranges:
            return
        ends = ((max(SMALLEST, count // width * width), count // width * width + width - 1) for width in WIDTHS)
        self.ranges[one.places] = self._first(ends, lambda low, high: [_bounds(one.places, low - count, high - count)])

    def tell_about(self, one: Offered) -> None:
        """Between which amounts an amount lies that is not told, where its count is told at least as a range."""
        prices, paid = one.prices, one.amount_minor
        if prices is None or one.key in self.amounts or not (one.places in self.exact or self.ranges.get(one.places)):
            return
        found = self._first(one.abouts, lambda low, high: list(_spent(prices, low - paid, high - paid)))
        if found:
            self.abouts[one.key] = found

    def _first(self, ends: Iterable[tuple[int, int]], said: Callable[[int, int], list[Fact]]) -> tuple[int, int] | None:
        return next(((low, high) for low, high in ends if self._agreed(said(low, high))), None)

    def _agreed(self, facts: list[Fact]) -> bool:
        """Whether every reader keeps a world for each small count when this is told; if so, it is."""
        found = []
        for reader in self.readers:
            worlds = reader.worlds_beside(facts)
            if worlds is None:
                return False
            found.append(worlds)
        for reader, worlds in zip(self.readers, found, strict=True):
            reader.keep(worlds)
            reader.learn(facts)
        return True

    def shown(self, empty: set[Any]) -> Shown:
        keys = {key for key, places in self.places.items() if places in self.exact}
        marked = {key for key, places in self.places.items() if self.marked.get(places)}
        ranges = {key: ends for key, places in self.places.items() if (ends := self.ranges.get(places))}
        told = Shown(frozenset(keys | empty), frozenset(marked), ranges, frozenset(self.amounts), self.abouts)
        return _tightened(told, self.counts, self.places)


def _tightened(told: Shown, counts: Sequence[int], figures: Mapping[Any, frozenset[int]]) -> Shown:
    """Each range as everybody can work it out from what is told of its parts and of what it is part of, so that no row
    contradicts itself. One that would name a number stays as it was."""
    said = {figures[key]: told.ranges.get(key, (1, SMALLEST - 1)) for key in {*told.ranges, *told.marked}}
    said |= {figures[key]: (_sum(counts, figures[key]),) * 2 for key in told.keys & figures.keys()}
    ranges = {}
    for key, (low, high) in told.ranges.items():
        mine = figures[key]
        least = max(ends[0] for places, ends in said.items() if places <= mine)
        most = min(ends[1] for places, ends in said.items() if mine <= places)
        ranges[key] = (least, most) if least < most else (low, high)
    return replace(told, ranges=ranges)


def _sum(counts: Sequence[int], places: Iterable[int]) -> int:
    return sum(counts[place] for place in places)


def _bounds(places: Iterable[int], low: int, high: int) -> Fact:
    return Fact(dict.fromkeys(places, 1), low, high)


def _spent(prices: Prices, low: int = 0, high: int = 0) -> Iterator[Fact]:
    """What an amount says of the cells behind it. Where not each of a cell cost the same, other numbers of them are not
    reckoned with."""
    yield Fact({place: price for place, price in prices.items() if price}, low, high)
    yield from (_bounds([place], 0, 0) for place, price in prices.items() if price is None)
