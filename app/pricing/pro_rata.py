"""Steps 7-11 under `reduce: pro_rata`: every line of the statement loses by its share.

One pass takes all lines through the steps, each limit shared out by the amounts that enter it (largest remainder, the
later in the file loses first). A later step may have cut what an earlier one let through; so what is left over passes
again, as far as every limit of the line has room. A pass that cuts anything fills a limit, so the passes end.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from app.pricing.caps import (
    CEILING,
    CONTRACT,
    MAX_AMOUNT,
    MAX_COUNT,
    PER_PERSON,
    PERIODS,
    Due,
    Limits,
    Room,
    Rooms,
    of_units,
    take_room,
)
from app.pricing.gross import Taken
from app.pricing.rounding import Number, largest_remainder

STEPS = (PER_PERSON, MAX_COUNT, MAX_AMOUNT, PERIODS, CEILING, CONTRACT)


@dataclass(slots=True)
class _Share:
    """One line during the passes: what it still asks, and the cuts of its last pass in the order of the steps."""

    due: Due
    limits: Limits
    units: Number
    left: int
    now: int
    each: Number = 0
    cuts: tuple[tuple[str, int], ...] = ()

    def cut_to(self, rule: str, amount: int) -> None:
        self.cuts += ((rule, self.now - amount),)
        self.now = amount


def pay_pro_rata(dues: Sequence[Due], rooms: Rooms, period: int | None) -> None:
    """Take the lines of one statement, in date order, through steps 7-12."""
    shares = []
    for due in dues:
        due.paid = 0
        limits = rooms.limits(due.effect, due.participant, due.payer, period)
        shares.append(_Share(due, limits, due.units, due.amount, due.amount))
    going = shares
    while going:
        groups = _groups(going)
        for rule in STEPS:
            for room, group in groups[rule].items():
                _take_step(rule, room, group, rooms.step)
        if not sum([_close_pass(share, rooms) for share in going]):
            break
        going = [share for share in shares if share.left and all(room.left > 0 for _, room in share.limits)]
        for share in going:
            _again(share, rooms)
    for share in shares:
        if share.cuts or rooms.weights is not None:
            _explain(share, rooms)


def _groups(going: list[_Share]) -> dict[str, dict[Room, list[_Share]]]:
    """Who meets which limit, per step."""
    groups: dict[str, dict[Room, list[_Share]]] = {rule: defaultdict(list) for rule in STEPS}
    for share in going:
        for rule, room in share.limits:
            groups[rule][room].append(share)
    return groups


def _again(share: _Share, rooms: Rooms) -> None:
    for room, each in share.due.reserved:
        rooms.take(room, -each * share.due.carried)
    share.due.reserved, share.due.carried = (), 0
    share.cuts, share.now = (), share.left


def _take_step(rule: str, room: Room, group: list[_Share], step: int) -> None:
    if rule == MAX_COUNT:
        _newest_units_off(group, room.left, step)
        return
    asked = [share.now for share in group]
    if sum(asked) > room.left:
        for share, part in zip(group, largest_remainder(int(room.left), asked, step), strict=True):
            if part != share.now:
                share.cut_to(rule, part)


def _newest_units_off(group: list[_Share], left: Number, step: int) -> None:
    for share in group:
        kept = min(share.units, max(left, 0))
        left -= kept
        after = of_units(share.now, kept, share.units, step)
        if after != share.now:
            share.cut_to(MAX_COUNT, after)
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
    if share.cuts and rooms.carries:
        due.carried = dict(share.cuts).get(PERIODS, 0)
    if rooms.counts:
        share.units -= share.each * share.now
    take_room(due, paid, share.limits, rooms, share.each)
    return share.now


def _explain(share: _Share, rooms: Rooms) -> None:
    due = share.due
    now = due.amount
    for rule, cut in share.cuts:
        due.steps += (Taken(rule, now, now - cut),)
        now -= cut
    if rooms.weights is not None:
        due.steps += (Taken("split", now, now),)
        if now != due.paid:
            due.steps += (Taken(CEILING, now, due.paid),)
