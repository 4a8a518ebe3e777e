"""Steps 7-11 under `reduce: pro_rata`: every line of the statement loses by its share.

One pass takes all lines through the steps, each limit shared out by the amounts that enter it (largest remainder, the
later in the file loses first). A later step may have cut what an earlier one let through; so what is left over passes
again, as far as every limit of the line has room. A pass that cuts anything fills a limit, so the passes end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from app.pricing.caps import (
    CEILING,
    CONTRACT,
    MAX_AMOUNT,
    MAX_COUNT,
    PER_PERSON,
    PERIODS,
    Due,
    Room,
    Rooms,
    of_units,
)
from app.pricing.gross import Taken
from app.pricing.rounding import Number, largest_remainder

STEPS = (PER_PERSON, MAX_COUNT, MAX_AMOUNT, PERIODS, CEILING, CONTRACT)


@dataclass(slots=True)
class _Share:
    """One line during the passes: what it still asks, and the cuts of its last pass."""

    due: Due
    limits: dict[str, Room]
    units: Number
    left: int
    now: int = 0
    each: Number = 0
    cuts: dict[str, int] = field(default_factory=dict)


def pay_pro_rata(dues: Sequence[Due], rooms: Rooms, period: int | None) -> None:
    """Take the lines of one statement, in date order, through steps 7-12."""
    shares = [_Share(due, dict(rooms.limits(due, period)), due.units, due.amount) for due in dues]
    for due in dues:
        due.paid = 0
    going = shares
    while going:
        for share in going:
            _again(share, rooms)
        for rule in STEPS:
            _take_step(rule, going, rooms)
        if not sum(_close_pass(share, rooms) for share in going):
            break
        going = [share for share in shares if share.left and all(room.left > 0 for room in share.limits.values())]
    for share in shares:
        _explain(share, rooms)


def _again(share: _Share, rooms: Rooms) -> None:
    for room, each in share.due.reserved:
        rooms.take(room, -each * share.due.carried)
    share.due.reserved, share.due.carried = [], 0
    share.cuts, share.now = {}, share.left


def _take_step(rule: str, going: list[_Share], rooms: Rooms) -> None:
    together: dict[int, list[_Share]] = {}
    for share in going:
        if rule in share.limits:
            together.setdefault(id(share.limits[rule]), []).append(share)
    for group in together.values():
        room = group[0].limits[rule]
        if rule == MAX_COUNT:
            _newest_units_off(group, room.left, rooms.step)
        elif sum(share.now for share in group) > room.left:
            asked = [share.now for share in group]
            for share, part in zip(group, largest_remainder(int(room.left), asked, rooms.step), strict=True):
                share.cuts[rule] = share.now - part
                share.now = part


def _newest_units_off(group: list[_Share], left: Number, step: int) -> None:
    for share in group:
        kept = min(share.units, max(left, 0))
        left -= kept
        after = of_units(share.now, kept, share.units, step)
        if after != share.now:
            share.cuts[MAX_COUNT] = share.now - after
            share.now = after
        share.each = Fraction(kept) / after if after else 0


def _close_pass(share: _Share, rooms: Rooms) -> int:
    """Count what this pass pays, and what it carries, in the limits the line passed; returns what passed."""
    due = share.due
    before, parts, steps = due.paid, due.parts, due.steps
    due.steps = []
    rooms.split(due, share.now)
    paid, due.paid = due.paid, before + due.paid
    due.parts = [one + other for one, other in zip(parts, due.parts, strict=True)] if parts else due.parts
    due.steps = steps
    share.left -= share.now
    due.carried = share.cuts.get(PERIODS, 0) if rooms.carries else 0
    for rule, room in share.limits.items():
        each = share.each if rule == MAX_COUNT else 1
        reserve = due.carried if rule in (PER_PERSON, MAX_COUNT, MAX_AMOUNT) else 0
        rooms.take(room, each * (paid + reserve))
        if rule == MAX_COUNT:
            share.units -= each * share.now
        if reserve:
            due.reserved.append((room, each))
    return share.now


def _explain(share: _Share, rooms: Rooms) -> None:
    now = share.due.amount
    for rule in STEPS:
        if share.cuts.get(rule):
            share.due.steps.append(Taken(rule, now, now - share.cuts[rule]))
            now -= share.cuts[rule]
    if rooms.weights is not None:
        share.due.steps.append(Taken("split", now, now))
        if now != share.due.paid:
            share.due.steps.append(Taken(CEILING, now, share.due.paid))
