"""Steps 7-12 under `reduce: pro_rata`: every line of the statement loses by its share.

One pass takes all lines through the steps, each limit shared out by the amounts that enter it (largest remainder, the
later in the file loses first). A later step may have cut what an earlier one let through; so what is left over passes
again, as far as every limit of the line has room; of a line that a full maximum count took in part, what its counted
units still lack. Each pass lets something more through, so the passes end. Where the period is full but its cut is
carried, what is left over passes steps 7-8 again, to be owed.

The lines stand in columns, because a million of them pass here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from app.pricing.caps import (
    CEILING,
    CONTRACT,
    MAX_AMOUNT,
    MAX_COUNT,
    PASSED,
    PER_PERSON,
    PERIODS,
    Due,
    Room,
    Rooms,
    of_units,
    units_of,
)
from app.pricing.columns import Column, Keys, amounts, largest_remainders, sums_of
from app.pricing.gross import Priced, Taken
from app.pricing.rounding import Number
from app.pricing.terms import Fact

STEPS = (PER_PERSON, MAX_COUNT, MAX_AMOUNT, PERIODS, CEILING, CONTRACT)


class _Limit:
    """One step: the room of each line (-1: none), and what each room has left in the reckoning of the passes.

    A room larger than all that is asked counts as just larger, so that the column stays small numbers.
    """

    __slots__ = ("left", "room_of", "rooms", "started")

    def __init__(self, keys: Keys, room_of: Callable[..., Room | None], asked: Column):
        found = [room_of(key) for key in keys.keys]
        self.rooms = [room for room in found if room is not None]
        places = iter(range(len(self.rooms)))
        self.room_of = np.array([-1 if room is None else next(places) for room in found], dtype=np.int64)[keys.column]
        enough = int(asked.sum()) + 1
        self.started = np.array([min(int(room.left), enough) for room in self.rooms], dtype=asked.dtype)
        self.left = self.started.copy()

    def take(self, lines: Column, taken: Column) -> None:
        room_of = self.room_of[lines]
        met = room_of >= 0
        np.subtract.at(self.left, room_of[met], taken[met])

    def is_open(self) -> Column:
        """Which lines find room."""
        return (self.room_of < 0) | (self.left > 0)[self.room_of] if self.rooms else self.room_of < 0

    def count(self) -> None:
        """Put what the passes took into the rooms themselves."""
        for room, taken in zip(self.rooms, (self.started - self.left).tolist(), strict=True):
            if taken:
                room.left -= taken
                room.shown = room.left


class _Asking(NamedTuple):
    """The lines of one pass, what each has `left`, and what it `asks` of that: less where a maximum count is full."""

    lines: Column
    left: Column
    asks: Column


@dataclass(slots=True)
class Shares:
    """The lines of one statement that ask for money, oldest first, a place per line in each column (minor units).

    `asked`: after step 6; `left`: what no pass has let through; `paid`: by all payers; `cuts`: per rule, in the last
    pass of the line. For a maximum count: `all_units` by place; by line, `units` that do not count yet, (units, amount)
    `let` through in the last pass, and the units `held` by what it carries; `parted`: the lines of which some units
    count and some do not. `parts`: under the rule weight, where a payer has a ceiling.
    """

    places: list[int]
    effects: Keys
    payers: Keys
    asked: Column
    left: Column
    paid: Column
    cuts: dict[str, Column]
    all_units: Sequence[Number]
    limits: dict[str, _Limit] = field(default_factory=dict)
    counts: dict[int, Room] = field(default_factory=dict)
    units: dict[int, Number] = field(default_factory=dict)
    let: dict[int, tuple[Number, int]] = field(default_factory=dict)
    held: dict[int, Number] = field(default_factory=dict)
    parted: set[int] = field(default_factory=set)
    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def carrying(self, rooms: Rooms) -> list[int]:
        """The lines that carry over what the period cut."""
        return np.flatnonzero(self.cuts[PERIODS]).tolist() if rooms.carries and PERIODS in self.cuts else []

    def lacks(self, line: int, asking: int, step: int) -> int:
        """What the units that count already still lack of their worth, when all of the line is `asking` so much."""
        if line not in self.parted:
            return 0 if self.units[line] else asking
        whole, asked = self.all_units[self.places[line]], int(self.asked[line])
        return max(0, of_units(asked, whole - self.units[line], whole, step) - (asked - asking))

    def count(self, line: int, units: Number) -> None:
        """So many units more count."""
        left = self.units[line] = self.units[line] - units
        if not left:
            self.parted.discard(line)
        elif units:
            self.parted.add(line)

    def explain(self, due: Due, line: int, rooms: Rooms) -> None:
        """Put into the line as an object what it is paid, why, and what it carries over."""
        now, due.paid, due.parts = due.amount, int(self.paid[line]), self.parts.get(line, ())
        for rule in STEPS:
            cut = int(self.cuts[rule][line]) if rule in self.cuts else 0
            if cut:
                due.steps += (Taken(rule, now, now - cut),)
                now -= cut
        if due.parts:
            due.steps += (Taken("split", now, now),)
            if now != due.paid:
                due.steps += (Taken(CEILING, now, due.paid),)
        if rooms.carries and PERIODS in self.cuts:
            due.carried = int(self.cuts[PERIODS][line])
        if due.carried:
            due.reserved = tuple(self._passed(line, due.carried))

    def _passed(self, line: int, carried: int) -> list[tuple[Room, Number]]:
        """The limits of steps 7-8 that the line has passed, with their room per minor unit."""
        met: list[tuple[Room, Number]] = []
        if line in self.counts:
            met.append((self.counts[line], units_of(1, self.held[line], carried)))
        for rule in PASSED:
            limit = self.limits.get(rule)
            if limit is not None and limit.room_of[line] >= 0:
                met.append((limit.rooms[limit.room_of[line]], 1))
        return met


def pay_pro_rata(
    priced: Priced, places: Sequence[int], payer_of: Callable[[Fact], str], rooms: Rooms, period: int | None
) -> Shares:
    """Take the lines of one statement, in date order, through steps 7-12."""
    shares = _columns(priced, places, payer_of)
    _find_limits(shares, priced, rooms, period)
    asking = _Asking(np.arange(len(shares.places)), shares.left, shares.left)
    while len(asking.lines):
        now = _pass_steps(shares, asking, STEPS, rooms.step)
        _close_pass(shares, asking.lines, now, rooms)
        if not now.any():
            break
        asking = _ask_again(shares, rooms)
    if rooms.carries and period is not None:
        _carry_more(shares, rooms)
    for limit in shares.limits.values():
        limit.count()
    rooms.touched.update(shares.counts.values())
    return shares


def _columns(priced: Priced, places: Sequence[int], payer_of: Callable[[Fact], str]) -> Shares:
    facts = priced.facts
    asking = [place for place in places if priced.amount[place]]
    asked = amounts([priced.amount[place] for place in asking])
    effects = Keys([facts[place].effect for place in asking])
    payers = Keys([payer_of(facts[place]) for place in asking])
    return Shares(asking, effects, payers, asked, asked.copy(), np.zeros_like(asked), {}, priced.units)


def _find_limits(shares: Shares, priced: Priced, rooms: Rooms, period: int | None) -> None:
    everyone = Keys([None])
    everyone.column = np.zeros(len(shares.places), dtype=np.int64)
    limits, asked = shares.limits, shares.asked
    if rooms.per_person is not None:
        people = Keys([priced.facts[place].participant for place in shares.places])
        limits[PER_PERSON] = _Limit(people, lambda who: None if who is None else rooms.person(who), asked)
    if rooms.amounts:
        limits[MAX_AMOUNT] = _Limit(shares.effects, rooms.amounts.get, asked)
    if period is not None:
        limits[PERIODS] = _Limit(everyone, lambda _: rooms.periods[period], asked)
    if rooms.payers and rooms.weights is None:
        limits[CEILING] = _Limit(shares.payers, rooms.payers.get, asked)
    if rooms.contract is not None:
        limits[CONTRACT] = _Limit(everyone, lambda _: rooms.contract, asked)
    if rooms.counts:
        for line, place in enumerate(shares.places):
            room = rooms.counts.get(priced.facts[place].effect)
            if room is not None:
                shares.counts[line], shares.units[line] = room, priced.units[place]


def _pass_steps(shares: Shares, asking: _Asking, rules: Iterable[str], step: int) -> Column:
    """What these steps let through of what the lines ask; what each of them cuts stands in `cuts`."""
    lines, now = asking.lines, asking.asks.copy()
    for rule in rules:
        if rule in shares.cuts:
            shares.cuts[rule][lines] = 0
    for rule in rules:
        if rule == MAX_COUNT and shares.counts:
            _newest_units_off(shares, asking, now, step)
        elif rule in shares.limits:
            _share_out(shares, rule, lines, now, step)
    return now


def _cut(shares: Shares, rule: str, lines: Column, cut: Column) -> None:
    if rule not in shares.cuts:
        shares.cuts[rule] = np.zeros_like(shares.asked)
    shares.cuts[rule][lines] = cut


def _share_out(shares: Shares, rule: str, lines: Column, now: Column, step: int) -> None:
    """Where a room lacks money, each line in it gets its share; `now` is brought down in place."""
    limit = shares.limits[rule]
    room_of = limit.room_of[lines]
    met = np.flatnonzero(room_of >= 0)
    entered = sums_of(room_of[met], now[met], len(limit.rooms))
    short = met[(entered > limit.left)[room_of[met]]]
    if len(short):
        parts = largest_remainders(now[short], room_of[short], entered, limit.left, step)
        _cut(shares, rule, lines[short], now[short] - parts)
        now[short] = parts


def _newest_units_off(shares: Shares, asking: _Asking, now: Column, step: int) -> None:
    """Bring `now` down, in place, to the units that count: first those that counted before, then the oldest lines'."""
    left = {room: max(room.left, 0) for room in set(shares.counts.values())}
    after = now.tolist()
    for at, line in enumerate(asking.lines.tolist()):
        room = shares.counts.get(line)
        if room is not None:
            units = shares.units[line]
            if not units:  # all of them count already: what an earlier step withheld of them needs no room here
                shares.let[line] = 0, after[at]
                continue
            kept = min(units, left[room])
            left[room] -= kept
            lacked = 0
            if line in shares.parted:
                lacks = shares.lacks(line, int(asking.left[at]), step)
                lacked = of_units(after[at], lacks, int(asking.asks[at]), step)
            new = of_units(after[at] - lacked, kept, units, step)
            after[at] = lacked + new
            shares.let[line] = kept if new else 0, after[at]
    kept_of = np.array(after, dtype=now.dtype)
    _cut(shares, MAX_COUNT, asking.lines, asking.left - asking.asks + now - kept_of)
    now[:] = kept_of


def _close_pass(shares: Shares, lines: Column, now: Column, rooms: Rooms) -> None:
    """Count what this pass pays, and what it carries, in the limits that each line passed."""
    shares.left[lines] -= now
    paid = _split(shares, lines, now, rooms) if rooms.weights is not None and rooms.payers else now
    shares.paid[lines] += paid
    carried = _carried(shares, lines, rooms)
    for rule, limit in shares.limits.items():
        limit.take(lines, paid + carried if rule in PASSED else paid)
    if shares.counts:
        for line, passed, given, owed in zip(*(c.tolist() for c in (lines, now, paid + carried, carried)), strict=True):
            if line in shares.counts:
                units = units_of(passed, *shares.let[line])
                shares.count(line, units)
                shares.counts[line].left -= units if given == passed else units_of(given, *shares.let[line])
                if owed:
                    shares.held[line] = units_of(owed, *shares.let[line])


def _carried(shares: Shares, lines: Column, rooms: Rooms) -> Column:
    """What the period cut and still owes."""
    if not rooms.carries or PERIODS not in shares.cuts:
        return np.zeros_like(shares.asked[lines])
    return shares.cuts[PERIODS][lines]


def _ask_again(shares: Shares, rooms: Rooms) -> _Asking:
    """The lines that still ask and find room in all their limits; what they carry no longer holds any."""
    if not rooms.carries or PERIODS not in shares.cuts:
        return _find_room(shares, shares.left, shares.limits, rooms.step)
    later = [rule for rule in shares.limits if rule not in PASSED]
    holding = np.flatnonzero((shares.cuts[PERIODS] > 0) & _is_open(shares, shares.left, later))
    held = _free(shares, holding)
    asking = _find_room(shares, shares.left, shares.limits, rooms.step)
    _hold(shares, np.setdiff1d(holding, asking.lines), held)
    return asking


def _free(shares: Shares, lines: Column) -> dict[int, Number]:
    """What these lines carry holds no room in steps 7-8; returns the units that it held."""
    for rule in PASSED:
        if rule in shares.limits:
            shares.limits[rule].take(lines, -shares.cuts[PERIODS][lines])
    held = {line: shares.held.pop(line) for line in lines.tolist() if line in shares.held}
    for line, units in held.items():
        shares.counts[line].left += units
    return held


def _hold(shares: Shares, lines: Column, held: dict[int, Number]) -> None:
    """What these lines carry holds its room again."""
    for rule in PASSED:
        if rule in shares.limits:
            shares.limits[rule].take(lines, shares.cuts[PERIODS][lines])
    for line in lines.tolist():
        if line in held:
            shares.held[line] = held[line]
            shares.counts[line].left -= held[line]


def _is_open(shares: Shares, left: Column, rules: Iterable[str]) -> Column:
    """Which lines have something left and find room in all these limits."""
    found = left > 0
    for rule in rules:
        found &= shares.limits[rule].is_open()
    return found


def _find_room(shares: Shares, left: Column, rules: Iterable[str], step: int) -> _Asking:
    """The lines that ask for something and find room in all these limits, and in a maximum count."""
    lines = np.flatnonzero(_is_open(shares, left, rules))
    asks = left[lines]
    if shares.counts:
        counts, units = shares.counts, shares.units
        places = [
            at for at, line in enumerate(lines.tolist()) if line in counts and counts[line].left <= 0 and units[line]
        ]
        asks[places] = [shares.lacks(int(lines[at]), int(asks[at]), step) for at in places]
        lines, asks = lines[asks > 0], asks[asks > 0]
    return _Asking(lines, left[lines], asks)


def _carry_more(shares: Shares, rooms: Rooms) -> None:
    """What a full period alone keeps from being paid is owed, also where step 8 left room in step 7 after the passes.

    It is shared out as the passes would without the period, so that in the end each line is paid the same.
    """
    passed = [rule for rule in PASSED if rule in shares.limits]
    if shares.limits[PERIODS].left[:1].any() or not (passed or shares.counts):
        return
    owed = shares.cuts.setdefault(PERIODS, np.zeros_like(shares.asked))
    for line, units in shares.held.items():
        shares.count(line, units)
    others = [rule for rule in shares.limits if rule != PERIODS]
    while len((asking := _find_room(shares, shares.left - owed, others, rooms.step)).lines):
        lines, now = asking.lines, _pass_steps(shares, asking, PASSED, rooms.step)
        for rule in shares.cuts.keys() & {CEILING, CONTRACT}:
            shares.cuts[rule][lines] = 0
        if not now.any():
            break
        owed[lines] += now
        for rule in passed:
            shares.limits[rule].take(lines, now)
        for line, amount in zip(lines.tolist(), now.tolist(), strict=True):
            if line in shares.counts:
                units = units_of(amount, *shares.let[line])
                shares.held[line] = shares.held.get(line, 0) + units
                shares.count(line, units)
                shares.counts[line].left -= units


def _split(shares: Shares, lines: Column, now: Column, rooms: Rooms) -> Column:
    """Step 12 where payers by weight have ceilings: each line is split anew, over all that passed so far."""
    paid = np.zeros_like(now)
    for at, line in enumerate(lines.tolist()):
        if now[at]:
            before = shares.parts.get(line)
            if before is not None:
                rooms.give_back(before)
            shares.parts[line] = parts = rooms.parts_of(int(shares.asked[line] - shares.left[line]))
            paid[at] = sum(parts) - sum(before or ())
    return paid
