"""Steps 7-12: the limits on what is paid, and the split over the payers.

A limit counts what is *finally* paid. So each line, oldest first, takes the least that any limit has left after the
lines before it (`Room.left`): money cut at a later step leaves room for the next line of the same statement, and an
earlier statement is never reopened. To explain the cut step by step, `Room.shown` counts what each step let through.
Money a period cap cut and that is still owed (`carried`) keeps its room in the limits it has already passed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from app.pricing.gross import Taken
from app.pricing.rounding import Number, down, half_up, largest_remainder, plain, whole_weights
from app.pricing.terms import Terms

PER_PERSON, MAX_COUNT, MAX_AMOUNT = "caps.per_person", "effect.max_count", "effect.max_amount"
PERIODS, CEILING, CONTRACT = "caps.periods", "payer.ceiling", "caps.contract"
PASSED = (PER_PERSON, MAX_COUNT, MAX_AMOUNT)


class Room:
    """What one limit has left: minor units, or units for `effect.max_count`."""

    __slots__ = ("left", "shown")

    def __init__(self, left: Number):
        self.left = left
        self.shown = left


Limits = list[tuple[str, Room]]


@dataclass(slots=True)
class Due:
    """A line that asks for `amount` (minor units, whole steps) for `units`; afterwards, what became of it.

    `carried` is what a period cap cut and is still owed; `reserved` the limits of steps 7-8 it keeps room in, with the
    room per minor unit. `origin` is the line in which carried money was first asked, `period` the number of the period
    that cut it.
    """

    place: int
    effect: str
    participant: str | None
    payer: str
    units: Number
    amount: int
    origin: "Due | None" = None
    period: int | None = None
    paid: int = 0
    parts: tuple[int, ...] = ()
    carried: int = 0
    steps: tuple[Taken, ...] = ()
    reserved: tuple[tuple[Room, Number], ...] = ()


class Rooms:
    """Every limit of the terms, kept over all statements."""

    def __init__(self, terms: Terms):
        step = self.step = terms.step
        self.carries = terms.caps.overshoot == "carried"
        self.per_person = None if terms.caps.per_person is None else down(terms.caps.per_person, step)
        self.persons: dict[str, Room] = {}
        self.counts = {e.id: Room(e.max_count) for e in terms.effects if e.max_count is not None}
        self.amounts = {e.id: Room(down(e.max_amount, step)) for e in terms.effects if e.max_amount is not None}
        self.spans = [(period.start, period.end) for period in terms.caps.periods]
        self.periods = [Room(down(period.amount, step)) for period in terms.caps.periods]
        self.payers = {p.id: Room(down(p.ceiling, step)) for p in terms.payers if p.ceiling is not None}
        self.contract = None if terms.caps.contract is None else Room(down(terms.caps.contract, step))
        self.touched: set[Room] = set()
        self.known_parts: dict[int, tuple[int, ...]] = {}
        self.shared: dict[tuple[str, str, int | None, bool], Limits] = {}
        self.payer_ids = [payer.id for payer in terms.payers]
        self.weights = whole_weights([payer.weight for payer in terms.payers]) if terms.payer_rule == "weight" else None

    def period_on(self, day: date) -> int | None:
        """The number of the period that a statement of `day` belongs to; None outside all periods."""
        return next((number for number, (start, end) in enumerate(self.spans) if start <= day <= end), None)

    def limits(self, effect: str, participant: str | None, payer: str, period: int | None, new: bool = True) -> Limits:
        """The limits a line meets, in the order of the steps; money that is not new has passed steps 7 and 8."""
        key = effect, payer, period, new
        shared = self.shared.get(key)
        if shared is None:
            shared = self.shared[key] = self._without_person(*key)
        if self.per_person is None or participant is None or not new:
            return shared
        return [(PER_PERSON, self.person(participant)), *shared]

    def _without_person(self, effect: str, payer: str, period: int | None, new: bool) -> Limits:
        met = [
            (MAX_COUNT, self.counts.get(effect) if new else None),
            (MAX_AMOUNT, self.amounts.get(effect) if new else None),
            (PERIODS, None if period is None else self.periods[period]),
            (CEILING, self.payers.get(payer) if self.weights is None else None),
            (CONTRACT, self.contract),
        ]
        return [(rule, room) for rule, room in met if room is not None]

    def person(self, participant: str) -> Room:
        room = self.persons.get(participant)
        if room is None:
            room = self.persons[participant] = Room(self.per_person or 0)
        return room

    def take(self, room: Room, amount: Number) -> None:
        room.left -= amount
        self.touched.add(room)

    def show_again(self) -> None:
        """At the end of a statement: what the steps of the next one show starts from what is finally left."""
        for room in self.touched:
            room.shown = room.left
        self.touched.clear()

    def split(self, due: Due, amount: int) -> None:
        """Step 12: the payers' parts of `amount`; under the rule weight a payer's ceiling cuts its own part."""
        due.paid = amount
        if self.weights is None:
            return
        due.parts = self.parts_of(amount)
        due.paid = sum(due.parts)
        due.steps += (Taken("split", amount, amount),)
        if due.paid != amount:
            due.steps += (Taken(CEILING, amount, due.paid),)

    def parts_of(self, amount: int) -> tuple[int, ...]:
        """Under the rule weight: what each payer pays of `amount`, counted in the ceilings."""
        parts = self.uncut_parts(amount)
        if not self.payers:
            return parts
        cut = list(parts)
        for number, payer in enumerate(self.payer_ids):
            room = self.payers.get(payer)
            if room is not None:
                cut[number] = int(min(cut[number], room.left))
                self.take(room, cut[number])
        return tuple(cut)

    def uncut_parts(self, amount: int) -> tuple[int, ...]:
        """What each payer would pay of `amount` without ceilings; equal amounts are shared out once."""
        parts = self.known_parts.get(amount)
        if parts is None:
            assert self.weights is not None
            parts = self.known_parts[amount] = tuple(largest_remainder(amount, self.weights, self.step))
        return parts

    def give_back(self, parts: Sequence[int]) -> None:
        """These parts are not paid after all."""
        for payer, part in zip(self.payer_ids, parts, strict=True):
            room = self.payers.get(payer)
            if room is not None:
                self.take(room, -part)


def pay(due: Due, rooms: Rooms, period: int | None) -> None:
    """Take one line through steps 7-12."""
    limits = rooms.limits(due.effect, due.participant, due.payer, period, due.origin is None)
    if rooms.weights is None and takes_all(limits, due.amount, due.units):
        due.paid = due.amount
        return
    most, let, due.steps = within(limits, due.amount, due.units, rooms.step, rooms.carries)
    due.carried = cut_by_period(due.steps) if rooms.carries else 0
    if rooms.weights is None:
        due.paid = most
    else:
        rooms.split(due, most)
    take_room(due, due.paid, limits, rooms, let)


def takes_all(limits: Limits, amount: int, units: Number) -> bool:
    """Count a line in all its limits where each has room for the whole of it; else count nothing."""
    for rule, room in limits:
        if room.left < (units if rule == MAX_COUNT else amount):
            return False
    for rule, room in limits:
        taken = units if rule == MAX_COUNT else amount
        room.left -= taken
        room.shown -= taken
    return True


def cut_by_period(steps: tuple[Taken, ...]) -> int:
    for rule, before, after in steps:
        if rule == PERIODS:
            return int(before - after)
    return 0


Let = tuple[Number, int]  # the units a maximum count lets through, and their amount


def within(limits: Limits, amount: int, units: Number, step: int, carries: bool) -> tuple[int, Let, tuple[Taken, ...]]:
    """What the limits leave of one line when only final payments count: (minor units, units let through, cuts).

    Each step shows the cut it makes on the lines as they reach it, but never below what is paid in the end. So the
    steps explain the line, and end exactly where it ends. A maximum count takes units off, and with them their part of
    what the cap per person withheld: the units that stay find its whole room. Where the period's cut is carried, the
    steps before it cut nothing that would be paid but for the period: that is owed.
    """
    most, counted, kept = amount, 0, units
    period: Room | None = None
    for rule, room in limits:
        if rule == MAX_COUNT:
            if room.left < units:
                kept = room.left
                most = min(most, of_units(amount, kept, units, step))
            counted = most
        elif rule == PERIODS:
            period = room
        elif room.left < most:
            most = int(room.left)
    least = most
    if period is not None and period.left < most:
        most = int(period.left)
    if not carries:
        least = most
    now = amount
    steps: tuple[Taken, ...] = ()
    for rule, room in limits:
        before = now
        if rule == MAX_COUNT:
            shown = min(units, max(room.shown, 0))
            if now != least:
                now = max(least, min(now, of_units(amount, shown, units, step)))
            room.shown -= shown
        else:
            if rule == PERIODS:
                least = most
            if now != least:
                now = max(least, min(now, int(room.shown)))
            room.shown -= now
        if now != before:
            steps += (Taken(rule, before, now),)
    return most, (kept, counted), steps


def of_units(amount: int, kept: Number, units: Number, step: int) -> int:
    if kept >= units:
        return amount
    return half_up(Fraction(amount) * kept / units, step) if kept else 0


def units_of(amount: int, kept: Number, counted: int) -> Number:
    """The units in `amount` where `kept` units are worth `counted`."""
    if amount == counted or not amount:
        return kept if amount else 0
    return plain(Fraction(kept) * amount / counted) if counted else 0


def take_room(due: Due, paid: int, limits: Limits, rooms: Rooms, let: Let) -> None:
    """Count what a line is paid in its limits, and what is carried in those of steps 7-8, which it has passed."""
    carried = due.carried
    for rule, room in limits:
        taken = paid
        if carried and rule in PASSED:
            taken += carried
            due.reserved += ((room, units_of(1, *let) if rule == MAX_COUNT else 1),)
        rooms.take(room, units_of(taken, *let) if rule == MAX_COUNT else taken)


def free_reserved(due: Due, rooms: Rooms, amount: int) -> None:
    """Carried money that was cut for good holds no room any longer."""
    for room, each in due.reserved:
        rooms.take(room, -each * amount)


def pay_carried(owed: list[Due], rooms: Rooms, period: int | None, all_lines: bool) -> tuple[list[Due], list[Due], int]:
    """Pay what earlier periods carried over, oldest first: (payments, what stays owed, remainders cut again).

    Nothing carried is paid outside all periods, nor in the period that cut it. Unless `all_lines` are wanted, what
    finds the period empty is only added up.
    """
    if period is None:
        return [], owed, 0
    payments, still_owed, remainders = [], [], 0
    room = rooms.periods[period]
    for origin in owed:
        if origin.period != period and (all_lines or room.left > 0 or room.shown > 0):
            payment = Due(
                origin.place, origin.effect, origin.participant, origin.payer, 0, origin.carried, origin, period
            )
            pay(payment, rooms, period)
            if origin.reserved:
                free_reserved(origin, rooms, origin.carried - payment.carried - payment.paid)
            origin.carried = payment.carried
            payments.append(payment)
        else:
            remainders += origin.carried
        if origin.carried:
            still_owed.append(origin)
    return payments, still_owed, remainders
