"""Steps 7-12 under `reduce: pro_rata`: every line of the statement loses by its share.

One pass takes all lines through the steps, each limit shared out by the amounts that enter it (largest remainder, the
later in the file loses first). A later step may have cut what an earlier one let through; so what is left over passes
again, as far as every limit of the line has room. Each pass lets something more through, so the passes end. Where the
period is full but its cut is carried, what is left over passes steps 7-8 again, to be owed.

The lines stand in columns, because a million of them pass here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class Shares:
    """The lines of one statement that ask for money, oldest first, a place per line in each column (minor units).

    `asked`: after step 6; `left`: what no pass has let through; `paid`: by all payers; `cuts`: per rule, in the last
    pass of the line. By line, for a maximum count: `units` still asked, and (units, amount) `let` through by it in the
    last pass, and the units `held` by what it carries; `parts` under the rule weight where a payer has a ceiling.
    """

    places: list[int]
    effects: Keys
    payers: Keys
    asked: Column
    left: Column
    paid: Column
    cuts: dict[str, Column]
    limits: dict[str, _Limit] = field(default_factory=dict)
    counts: dict[int, Room] = field(default_factory=dict)
    units: dict[int, Number] = field(default_factory=dict)
    let: dict[int, tuple[Number, int]] = field(default_factory=dict)
    held: dict[int, Number] = field(default_factory=dict)
    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def carrying(self, rooms: Rooms) -> list[int]:
        """The lines that carry over what the period cut."""
        return np.flatnonzero(self.cuts[PERIODS]).tolist() if rooms.carries and PERIODS in self.cuts else []

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
    lines = np.arange(len(shares.places))
    while len(lines):
        now = shares.left[lines]
        for cut in shares.cuts.values():
            cut[lines] = 0
        for rule in STEPS:
            if rule == MAX_COUNT and shares.counts:
                _newest_units_off(shares, lines, now, rooms.step)
            elif rule in shares.limits:
                _share_out(shares, rule, lines, now, rooms.step)
        _close_pass(shares, lines, now, rooms)
        if not now.any():
            break
        lines = _ask_again(shares, rooms)
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
    return Shares(asking, effects, payers, asked, asked.copy(), np.zeros_like(asked), {})


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


def _newest_units_off(shares: Shares, lines: Column, now: Column, step: int) -> None:
    left = {room: max(room.left, 0) for room in set(shares.counts.values())}
    after = now.tolist()
    for at, line in enumerate(lines.tolist()):
        room = shares.counts.get(line)
        if room is not None:
            units = shares.units[line]
            if not units:  # all of them count already: what an earlier step withheld of them needs no room here
                shares.let[line] = 0, after[at]
                continue
            kept = min(units, left[room])
            left[room] -= kept
            after[at] = of_units(after[at], kept, units, step)
            shares.let[line] = kept, after[at]
    kept_of = np.array(after, dtype=now.dtype)
    _cut(shares, MAX_COUNT, lines, now - kept_of)
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
                shares.units[line] -= units_of(passed, *shares.let[line])
                shares.counts[line].left -= units_of(given, *shares.let[line])
                if owed:
                    shares.held[line] = units_of(owed, *shares.let[line])


def _carried(shares: Shares, lines: Column, rooms: Rooms) -> Column:
    """What the period cut and still owes."""
    if not rooms.carries or PERIODS not in shares.cuts:
        return np.zeros_like(shares.asked[lines])
    return shares.cuts[PERIODS][lines]


def _ask_again(shares: Shares, rooms: Rooms) -> Column:
    """The lines that still ask and find room in all their limits; what they carry no longer holds any."""
    lines = _find_room(shares, shares.left, shares.limits)
    carried = _carried(shares, lines, rooms)
    for rule in PASSED:
        if rule in shares.limits:
            shares.limits[rule].take(lines, -carried)
    if shares.counts:
        for line in lines.tolist():
            if line in shares.counts:
                shares.counts[line].left += shares.held.pop(line, 0)
    return lines


def _find_room(shares: Shares, asked: Column, rules: Iterable[str]) -> Column:
    """The lines that ask for something and find room in all these limits."""
    asking = asked > 0
    for rule in rules:
        asking &= shares.limits[rule].is_open()
    asking[[line for line, room in shares.counts.items() if room.left <= 0 and shares.units[line]]] = False
    return np.flatnonzero(asking)


def _carry_more(shares: Shares, rooms: Rooms) -> None:
    """What a full period alone keeps from being paid is owed, also where step 8 left room in step 7 after the passes.

    It is shared out as the passes would without the period, so that in the end each line is paid the same.
    """
    passed = [rule for rule in PASSED if rule in shares.limits]
    if shares.limits[PERIODS].left[:1].any() or not (passed or shares.counts):
        return
    owed = shares.cuts.setdefault(PERIODS, np.zeros_like(shares.asked))
    for line, units in shares.held.items():
        shares.units[line] -= units
    others = [rule for rule in shares.limits if rule != PERIODS]
    while len(lines := _find_room(shares, shares.left - owed, others)):
        now = (shares.left - owed)[lines]
        for rule, cut in shares.cuts.items():
            if rule != PERIODS:
                cut[lines] = 0
        for rule in (PER_PERSON, MAX_COUNT, MAX_AMOUNT):
            if rule == MAX_COUNT and shares.counts:
                _newest_units_off(shares, lines, now, rooms.step)
            elif rule in passed:
                _share_out(shares, rule, lines, now, rooms.step)
        if not now.any():
            break
        owed[lines] += now
        for rule in passed:
            shares.limits[rule].take(lines, now)
        for line, amount in zip(lines.tolist(), now.tolist(), strict=True):
            if line in shares.counts:
                units = units_of(amount, *shares.let[line])
                shares.held[line] = shares.held.get(line, 0) + units
                shares.units[line] -= units
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
