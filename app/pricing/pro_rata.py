"""Steps 7-11 under `reduce: pro_rata`: every line of the statement loses by its share.

One pass takes all lines through the steps, each limit shared out by the amounts that enter it (largest remainder, the
later in the file loses first). A later step may have cut what an earlier one let through; so what is left over passes
again, as far as every limit of the line has room. A pass that cuts anything fills a limit, so the passes end.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

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
    now: int
    each: Number = 0
    cuts: dict[str, int] = field(default_factory=dict)


def pay_pro_rata(dues: Sequence[Due], rooms: Rooms, period: int | None) -> None:
    """Take the lines of one statement, in date order, through steps 7-12."""
    shares = []
    for due in dues:
        due.paid = 0
        limits = dict(rooms.limits(due.effect, due.participant, due.payer, period))
        shares.append(_Share(due, limits, due.units, due.amount, due.amount))
    met = {rule for limits in rooms.shared.values() for rule, _ in limits} | {PER_PERSON}
    going = shares
    while going:
        for rule in (rule for rule in STEPS if rule in met):
            _take_step(rule, going, rooms)
        if not sum(_close_pass(share, rooms) for share in going):
            break
        going = [share for share in shares if share.left and all(room.left > 0 for room in share.limits.values())]
        for share in going:
            _again(share, rooms)
    for share in shares:
        _explain(share, rooms)


def _again(share: _Share, rooms: Rooms) -> None:
    for room, each in share.due.reserved:
        rooms.take(room, -each * share.due.carried)
    share.due.reserved, share.due.carried = (), 0
    share.cuts, share.now = {}, share.left


def _take_step(rule: str, going: list[_Share], rooms: Rooms) -> None:
    together: dict[int, list[_Share]] = defaultdict(list)
    for share in going:
        room = share.limits.get(rule)
        if room is not None:
            together[id(room)].append(share)
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
    before, parts = due.paid, due.parts
    rooms.split(due, share.now)
    paid, due.paid = due.paid, before + due.paid
    due.steps = ()  # explained at the end, over all passes
    if parts:
        due.parts = tuple(one + other for one, other in zip(parts, due.parts, strict=True))
    share.left -= share.now
    due.carried = share.cuts.get(PERIODS, 0) if rooms.carries else 0
    for rule, room in share.limits.items():
        each = share.each if rule == MAX_COUNT else 1
        reserve = due.carried if rule in PASSED else 0
        rooms.take(room, each * (paid + reserve))
        if rule == MAX_COUNT:
            share.units -= each * share.now
        if reserve:
            due.reserved += ((room, each),)
    return share.now


def _explain(share: _Share, rooms: Rooms) -> None:
    due = share.due
    now = due.amount
    for rule, cut in share.cuts.items():  # in the order of the steps
        due.steps += (Taken(rule, now, now - cut),)
        now -= cut
    if rooms.weights is not None:
        due.steps += (Taken("split", now, now),)
        if now != due.paid:
            due.steps += (Taken(CEILING, now, due.paid),)
