"""Steps 1-6 of the order of operations: what each fact is worth before any limit.

Facts are handled per effect (or best-of group) in date order, on one date in the order given. What only looks at
one effect at a time needs no object per fact: results stand in lists, one place per fact.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import NamedTuple

from app.pricing.measured import banded, difference, pooled, shared, stepped
from app.pricing.rounding import Number, half_up, plain
from app.pricing.terms import Effect, Fact, Terms

Tell = Callable[[int], None]


def unheard(_priced: int) -> None:
    """Nobody waits to hear how far it is."""


class Taken(NamedTuple):
    """One step taken on a line: the rule, and the amount (minor units) before and after it."""

    rule: str
    before: Number
    after: Number


class Priced:
    """The facts in date order, with the units and gross of each, and its amount after deadweight and rounding.

    `starts[n]` is the place of the first fact of statement n. `order` holds, for a line added by pooling, the place of
    its fact. `cuts` sums per statement, by rule, what steps 2-6 took; `steps` explains each line when asked for.
    """

    __slots__ = ("amount", "cuts", "facts", "gross", "order", "places", "starts", "steps", "units")

    def __init__(self, facts: Sequence[Fact], settle_on: Sequence[date], lines: bool):
        self.facts = sorted(facts, key=attrgetter("on"))
        days = [fact.on for fact in self.facts]
        self.starts = [0, *(bisect_right(days, day) for day in settle_on)]
        if self.starts[-1] < len(days):
            raise ValueError(f"a fact of {days[-1]} is after the last statement")
        self.units: list[Number] = [0] * len(days)
        self.gross: list[Number] = [0] * len(days)
        self.amount: list[int] = [0] * len(days)
        self.places: dict[str, list[int]] = {}
        self.order: dict[int, int] = {}
        self.cuts: list[dict[str, Number]] = [defaultdict(int) for _ in settle_on]
        self.steps: list[list[Taken]] | None = [[] for _ in days] if lines else None

    def statement_of(self, place: int) -> int:
        return min(bisect_right(self.starts, place), len(self.starts) - 1) - 1

    def places_in(self, statement: int) -> Sequence[int]:
        """The lines of a statement, oldest first; on one date in the order given."""
        places = range(self.starts[statement], self.starts[statement + 1])
        if self.order and statement == len(self.starts) - 2:
            return sorted([*places, *self.order], key=lambda place: self.order.get(place, place))
        return places

    def places_of(self, effect: str, statement: int) -> list[int]:
        """The lines of one effect in a statement."""
        places = self.places[effect]
        first = bisect_left(places, self.starts[statement])
        if statement == len(self.starts) - 2:
            return places[first:]
        return places[first : bisect_left(places, self.starts[statement + 1])]

    def cut(self, place: int, rule: str, before: Number, after: Number) -> None:
        self.cuts[self.statement_of(place)][rule] += before - after
        self.note(place, rule, before, after)

    def note(self, place: int, rule: str, before: Number, after: Number) -> None:
        if self.steps is not None:
            self.steps[place].append(Taken(rule, before, after))

    def add_pooled(self, place: int, units: Number, gross: Number) -> int:
        """A line of the last statement for the fact at `place`; returns its own place."""
        self.facts.append(self.facts[place])
        for column in (self.units, self.gross, self.amount):
            column.append(0)
        if self.steps is not None:
            self.steps.append([])
        added = len(self.facts) - 1
        self.order[added] = place
        self.units[added], self.gross[added] = units, gross
        self.note(added, "price", 0, gross)
        return added


def price_facts(
    terms: Terms,
    facts: Sequence[Fact],
    settle_on: Sequence[date],
    lines: bool,
    final: bool,
    tell: Tell = unheard,
) -> Priced:
    """Price every fact. `final`: the last statement is the bond's last, so that difference effects are pooled there.
    `tell` hears after each effect how many facts have their price."""
    priced = Priced(facts, settle_on, lines)
    places = priced.places = {effect.id: [] for effect in terms.effects}
    for place, fact in enumerate(priced.facts):
        places[fact.effect].append(place)
    proven = _first_proven(terms, priced.facts, places)
    groups: dict[str, list[Effect]] = {}
    done = 0
    for effect in terms.effects:
        if effect.best_of is None:
            _price_effect(effect, places[effect.id], priced, proven, final)
            done += len(places[effect.id])
            tell(done)
        else:
            groups.setdefault(effect.best_of, []).append(effect)
    for group in groups.values():
        together = sorted(place for effect in group for place in places[effect.id])
        _price_best({effect.id: effect for effect in group}, together, priced, proven)
    for effect in terms.effects:
        if terms.discounts:
            _after_discount(effect, places[effect.id], priced, terms)
        else:
            _after_deadweight(effect, places[effect.id], priced, terms.step)
    return priced


def _first_proven(terms: Terms, facts: list[Fact], places: dict[str, list[int]]) -> dict[str, dict[str, date]]:
    """Per effect that another one requires: the first date on which it was on record, for each person."""
    proven: dict[str, dict[str, date]] = {}
    for needed in {needed for effect in terms.effects for needed in effect.requires}:
        first = proven[needed] = {}
        for place in places[needed]:
            fact = facts[place]
            if fact.participant is not None:
                first.setdefault(fact.participant, fact.on)
    return proven


def _price_effect(
    effect: Effect, places: list[int], priced: Priced, proven: dict[str, dict[str, date]], final: bool
) -> None:
    if effect.kind == "per_person":
        if effect.max_per_person == 1 and not (effect.requires or effect.tiers or effect.prices):
            _price_once(effect, places, priced)
        else:
            _price_people(effect, places, priced, proven)
    elif effect.kind == "per_unit" and effect.after:
        _price_after(effect, places, priced)
    elif effect.kind in ("per_unit", "fee"):
        for place in places:
            fact = priced.facts[place]
            _count(priced, place, fact.quantity, effect.price_for(fact.payer))
    elif effect.kind == "difference":
        _price_differences(effect, places, priced, final)
    else:
        _price_measured(effect, places, priced)


def _count(priced: Priced, place: int, units: Number, price: int) -> None:
    priced.units[place] = units
    priced.gross[place] = gross = price * units
    if priced.steps is not None:
        priced.note(place, "price", 0, gross)


def _price_once(effect: Effect, places: list[int], priced: Priced) -> None:
    """Once per person, one price: the common case, kept short because a million facts pass here."""
    facts, units, gross, price = priced.facts, priced.units, priced.gross, effect.price
    explained = priced.steps is not None
    taken: dict[str, Number] = {}
    for place in places:
        fact = facts[place]
        asked = fact.quantity
        who = fact.participant
        if who is not None:
            had = taken.get(who, 0)
            allowed = min(asked, 1 - had) if had or asked != 1 else 1
            if allowed != asked:
                priced.cut(place, "max_per_person", price * asked, price * allowed)
                if not allowed:
                    continue
            taken[who] = had + allowed
            asked = allowed
        units[place] = asked
        gross[place] = worth = price * asked
        if explained:
            priced.note(place, "price", 0, worth)


def _price_people(effect: Effect, places: list[int], priced: Priced, proven: dict[str, dict[str, date]]) -> None:
    """Steps 2, 3 and 5 for any other per-person effect."""
    prices = _Tiers(effect)
    taken: dict[str, Number] = {}
    for place in places:
        fact = priced.facts[place]
        units = fact.quantity
        if fact.participant is not None:
            if _lacks(effect, fact, proven):
                priced.cut(place, "requires", prices.worth(units, fact.payer), 0)
                continue
            units = _within_maximum(effect, fact, taken)
            if units != fact.quantity:
                before, after = (prices.worth(number, fact.payer) for number in (fact.quantity, units))
                priced.cut(place, "max_per_person", before, after)
                if not units:
                    continue
        if effect.tiers:
            _price_tiers(prices, units, place, priced)
        else:
            _count(priced, place, units, effect.price_for(fact.payer))


def _price_best(
    group: dict[str, Effect], places: list[int], priced: Priced, proven: dict[str, dict[str, date]]
) -> None:
    """Steps 2-5 for a best-of group: per person its dearest effect, and the difference when a dearer one comes.

    With parts of a unit, dearest is the effect whose units so far are worth most.
    """
    taken: dict[str, dict[str, Number]] = {effect: {} for effect in group}
    worths: dict[tuple[str, str], Number] = defaultdict(int)
    dearest: dict[str, Number] = {}
    for place in places:
        fact = priced.facts[place]
        effect, who = group[fact.effect], fact.participant or ""
        price = effect.price_for(fact.payer)
        if _lacks(effect, fact, proven):
            priced.cut(place, "requires", price * fact.quantity, 0)
            continue
        units = _within_maximum(effect, fact, taken[effect.id])
        if units != fact.quantity:
            priced.cut(place, "max_per_person", price * fact.quantity, price * units)
        if not units:
            continue
        worths[effect.id, who] += price * units
        worth, before = worths[effect.id, who], dearest.get(who)
        if before is not None and worth <= before:
            priced.cut(place, "best_of", price * units, 0)
            continue
        dearest[who] = worth
        gross = worth - (before or 0)
        if gross != price * units:
            priced.note(place, "best_of", price * units, gross)
        priced.units[place], priced.gross[place] = units, plain(gross)
        priced.note(place, "price", 0, gross)


def _lacks(effect: Effect, fact: Fact, proven: dict[str, dict[str, date]]) -> bool:
    """Whether something the effect requires was not on record for this person by the day of the fact."""
    return any(proven[needed].get(fact.participant or "", date.max) > fact.on for needed in effect.requires)


def _within_maximum(effect: Effect, fact: Fact, taken: dict[str, Number]) -> Number:
    """The units that the maximum per person still allows; counts them."""
    who, units = fact.participant or "", fact.quantity
    had = taken.get(who, 0)
    if effect.max_per_person is not None:
        units = min(units, effect.max_per_person - had)
    taken[who] = had + units
    return units


class _Tiers:
    """The prices of one effect by its running count."""

    __slots__ = ("effect", "room", "running", "tiers")

    def __init__(self, effect: Effect):
        self.effect = effect
        self.tiers = effect.tiers
        self.running: Number = 0
        self.room: list[Number | None] = [tier.max_amount for tier in effect.tiers]

    def split(self, units: Number) -> list[tuple[int, Number]]:
        """The next `units` of the running count: (number of the tier, units inside it)."""
        inside: list[tuple[int, Number]] = []
        at, end = self.running, self.running + units
        for number, tier in enumerate(self.tiers):
            upper = end if tier.up_to is None else min(end, tier.up_to)
            if upper > at:
                inside.append((number, upper - at))
                at = upper
        return inside

    def price_in(self, number: int, payer: str | None) -> int:
        tier = self.tiers[number]
        return tier.prices.get(payer or "", tier.price)

    def worth(self, units: Number, payer: str | None) -> Number:
        """What `units` would be priced at now, before any maximum of a tier."""
        if not self.tiers:
            return self.effect.price_for(payer) * units
        return sum(self.price_in(number, payer) * inside for number, inside in self.split(units))


def _price_tiers(prices: _Tiers, units: Number, place: int, priced: Priced) -> None:
    full: Number = 0
    gross: Number = 0
    for number, inside in prices.split(units):
        amount = prices.price_in(number, priced.facts[place].payer) * inside
        full += amount
        room = prices.room[number]
        if room is not None:
            amount = min(amount, room)
            prices.room[number] = room - amount
        gross += amount
    prices.running += units
    priced.units[place], priced.gross[place] = units, gross
    if units:
        priced.note(place, "tier", 0, full)
    if gross != full:
        priced.cut(place, "tier", full, gross)


def _price_after(effect: Effect, places: list[int], priced: Priced) -> None:
    """Units per person that must pass first; passed when the running units reach them."""
    running: dict[str | None, Number] = {}
    for place in places:
        fact = priced.facts[place]
        before = running.get(fact.participant, 0)
        now = running[fact.participant] = before + fact.quantity
        if now < effect.after:
            paid: Number = 0
        elif effect.retroactive:
            paid = now if before < effect.after else fact.quantity
        else:
            paid = now - max(before, effect.after)
        _count(priced, place, plain(paid), effect.price_for(fact.payer))


def _price_measured(effect: Effect, places: list[int], priced: Priced) -> None:
    so_far: Number = 0
    for place in places:
        fact = priced.facts[place]
        if effect.kind == "share":
            gross = shared(effect, fact.avoided or 0, so_far)
            units: Number = int(gross > 0)
        elif effect.kind == "steps":
            gross = stepped(effect, fact.value or 0)
            units = int(gross > 0)
        else:
            units, gross = banded(effect, fact.value or 0)
        so_far += gross
        priced.units[place], priced.gross[place] = units, plain(gross)
        priced.note(place, "price", 0, gross)


def _price_differences(effect: Effect, places: list[int], priced: Priced, final: bool) -> None:
    missed = []
    for place in places:
        fact = priced.facts[place]
        avoided = difference(effect, fact)
        if avoided is None:
            missed.append(place)
        _count(priced, place, avoided or 0, effect.price_for(fact.payer))
    if final and pooled(effect, [priced.facts[place] for place in places]):
        for place in missed:
            fact = priced.facts[place]
            avoided = plain(Fraction(fact.control or 0) - (fact.treatment or 0))
            if avoided > 0:
                places.append(priced.add_pooled(place, avoided, effect.price_for(fact.payer) * avoided))


def _after_deadweight(effect: Effect, places: list[int], priced: Priced, step: int) -> None:
    """Step 6, then the one rounding of the line; equal amounts are computed once."""
    gross, amount = priced.gross, priced.amount
    keep = 1 - effect.deadweight
    known: dict[Number, int] = {}
    for place in places:
        worth = gross[place]
        rounded = known.get(worth)
        if rounded is None:
            rounded = known[worth] = half_up(worth * keep, step)
        amount[place] = rounded
        if rounded != worth:
            kept = worth * keep
            if keep != 1:
                priced.cut(place, "deadweight", worth, kept)
            if rounded != kept:
                priced.cut(place, "rounding", kept, rounded)


def _after_discount(effect: Effect, places: list[int], priced: Priced, terms: Terms) -> None:
    """Step 6 where a plan won with a discount on the table: it comes off after deadweight, before the one rounding."""
    keep = 1 - effect.deadweight
    for place in places:
        worth = priced.gross[place]
        kept = worth * keep
        left = kept * (1 - terms.discounts.get(priced.facts[place].under, 0))
        priced.amount[place] = rounded = half_up(left, terms.step)
        for rule, before, after in (("deadweight", worth, kept), ("discount", kept, left), ("rounding", left, rounded)):
            if before != after:
                priced.cut(place, rule, before, after)
