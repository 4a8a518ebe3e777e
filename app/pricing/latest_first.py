"""Steps 7-12 under `reduce: latest_first`: the lines of a statement are served oldest first, so the newest lose."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.pricing.caps import (
    MAX_COUNT,
    PER_PERSON,
    PERIODS,
    Due,
    Limits,
    Rooms,
    cut_by_period,
    take_room,
    units_of,
    within,
)
from app.pricing.gross import Priced
from app.pricing.terms import Fact


@dataclass(slots=True)
class Served:
    """What became of the lines (minor units): sums per effect and payer, how often an amount was paid, cuts per rule.

    `carrying` are the lines that carry something over, which the next statements need; the sums hold them too.
    """

    paid: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    times: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    cuts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    carrying: list[Due] = field(default_factory=list)


def pay_latest_first(
    priced: Priced,
    places: Sequence[int],
    payer_of: Callable[[Fact], str],
    due_of: Callable[[int], Due],
    rooms: Rooms,
    period: int | None,
) -> Served:
    """Pay line by line what needs no explaining; an object per line would cost several times as much."""
    served = Served()
    paid, times, cuts = served.paid, served.times, served.cuts
    facts, amounts, units = priced.facts, priced.amount, priced.units
    person = None if rooms.per_person is None else rooms.person
    carries = rooms.carries and period is not None
    known: dict[tuple[str, str], Limits] = {}
    for place in places:
        amount = amounts[place]
        if not amount:
            continue
        fact = facts[place]
        key = fact.effect, payer_of(fact)
        limits = known.get(key)
        if limits is None:
            limits = known[key] = rooms.limits(key[0], None, key[1], period)
        who = person(fact.participant) if person is not None and fact.participant is not None else None
        met = limits if who is None else [(PER_PERSON, who), *limits]
        if carries and met[0][0] == PERIODS and not met[0][1].left and met[0][1].shown <= 0:
            # The period is full, and no limit stands before it: all of the line is carried.
            cuts[PERIODS] += amount
            times[0] += 1
            due = Due(place, key[0], fact.participant, key[1], units[place], amount, carried=amount)
            served.carrying.append(due)
            continue
        for rule, room in met:
            if room.left < (units[place] if rule == MAX_COUNT else amount):
                break
        else:
            for rule, room in met:
                taken = units[place] if rule == MAX_COUNT else amount
                room.left -= taken
                room.shown -= taken
            paid[key] += amount
            times[amount] += 1
            continue
        most, let, steps = within(met, amount, units[place], rooms.step, carries)
        for rule, before, after in steps:
            cuts[rule] += int(before - after)
        carried = cut_by_period(steps) if carries else 0
        if carried:
            due = due_of(place)
            due.carried = carried
            take_room(due, most, met, rooms, let)
            served.carrying.append(due)
        else:
            for rule, room in met:
                rooms.take(room, units_of(most, *let) if rule == MAX_COUNT else most)
        paid[key] += most
        times[most] += 1
    return served
