"""From proven effects to money: the one calculation behind settlements, replays and scenarios.

`value` is a pure function of the terms, the facts and the dates of the statements. Amounts are integers in minor units;
`gross` may be a fraction of one, because a line is rounded once, after deadweight. Statement n does not change when
facts of statement n+1 come in, except that pooled difference effects wait for the bond's last statement; so a live
settlement values the whole history up to its date and takes the last statement.

The order of operations (source: the format replay/1): 1 window and known ids, 2 requires, 3 once-only and maximum per
person, 4 best-of, 5 price or tier, 6 deadweight, discount of the plan and rounding (`gross`), 7 cap per person, 8 count
and amount per effect, 9 period cap, 10 payer's ceiling, 11 contract cap, 12 split over payers (`caps`, `pro_rata`), 13
VAT out (here).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from app.core.collector import collector_resting
from app.pricing.caps import PERIODS, Due, Room, Rooms, pay, pay_carried
from app.pricing.gross import Priced, Taken, Tell, price_facts, unheard
from app.pricing.latest_first import pay_latest_first
from app.pricing.rounding import Number, half_up
from app.pricing.statement import RULES, EffectSum, Line, Statement, Valuation
from app.pricing.terms import Fact, Terms

EACH = 10_000  # lines between two words about how far it is


def value(
    terms: Terms,
    facts: Iterable[Fact],
    settle_on: Sequence[date],
    *,
    lines: bool = False,
    final: bool = True,
    tell: Tell = unheard,
) -> Valuation:
    """What the facts are worth under the terms, statement by statement.

    `settle_on`: the dates of the statements; a fact belongs to the first one on or after its date. `final` is false
    while the bond still runs after the last date, so that nothing is pooled yet. `lines` explains each line. `tell`
    hears now and then how many facts were priced and then how many were paid: up to twice their number.
    Raises `ValueError` for a fact after the last date, `KeyError` for an effect or payer the terms do not know.
    """
    days = sorted(set(settle_on))
    with collector_resting():
        priced = price_facts(terms, facts if isinstance(facts, list) else list(facts), days, lines, final, tell)
        return _Settling(terms, priced, days, lines, tell).run()


class _Settling:
    """One run over the statements: the limits and the carried money live as long as it does."""

    def __init__(self, terms: Terms, priced: Priced, days: list[date], lines: bool, tell: Tell):
        self.terms, self.priced, self.days, self.tell = terms, priced, days, tell
        self.rooms = Rooms(terms)
        self.owed: list[Due] = []
        self.lines: list[Line] | None = [] if lines else None
        self.nets: dict[int, int] = {}
        self.tight = False
        self.paid_late = 0

    def run(self) -> Valuation:
        statements = [self._settle(number, day) for number, day in enumerate(self.days)]
        owed = sum(due.carried for due in self.owed) if self.rooms.carries else None
        return Valuation(statements, self.lines or [], self.paid_late, owed)

    def _settle(self, number: int, day: date) -> Statement:
        statement = Statement(day, payers={payer.id: 0 for payer in self.terms.payers})
        cuts = self.priced.cuts[number]
        period = self.rooms.period_on(day)
        late, self.owed, again = pay_carried(self.owed, self.rooms, period, self.lines is not None)
        cuts[PERIODS] += again
        self.paid_late += sum(due.paid for due in late)
        asked = self._sum_gross(statement, number)
        self._book(statement, cuts, late)
        if not self._pay_in_full(statement, number, asked, period):
            self._pay_within_limits(statement, cuts, number, period)
        self.rooms.show_again()
        cuts["vat"] += statement.paid - statement.net
        statement.reductions = {rule: cuts[rule] for rule in RULES if cuts.get(rule)}
        return statement

    def _sum_gross(self, statement: Statement, number: int) -> dict[str, int]:
        """Fill in the gross of each effect; returns what each asks after step 6."""
        asked = {}
        for effect in self.terms.effects:
            places = self.priced.places_of(effect.id, number)
            gross, units, amount = self.priced.gross, self.priced.units, self.priced.amount
            sums = EffectSum(sum(map(units.__getitem__, places)), sum(map(gross.__getitem__, places)))
            statement.effects[effect.id] = sums
            statement.gross += sums.gross
            asked[effect.id] = sum(map(amount.__getitem__, places))
        return asked

    def _pay_in_full(self, statement: Statement, number: int, asked: dict[str, int], period: int | None) -> bool:
        """When no limit binds every line is paid in full, and sums are enough. False when one binds.

        A limit that bound once is likely to bind again: then the sums are not tried any more.
        """
        if self.tight:
            return False
        rooms, total = self.rooms, sum(asked.values())
        places = self.priced.places_in(number)
        amounts = [self.priced.amount[place] for place in places]
        taken: list[tuple[Room | None, Number]] = [(rooms.contract, total)]
        taken += [(rooms.amounts.get(effect), amount) for effect, amount in asked.items()]
        taken += [(room, self._paid_units(effect, number)) for effect, room in rooms.counts.items()]
        if period is not None:
            taken.append((rooms.periods[period], total))
        by_payer = self._sum_payers(places, amounts)
        taken += [(rooms.payers.get(payer), amount) for payer, amount in by_payer.items()]
        if rooms.per_person is not None:
            taken += self._sum_people(places, amounts)
        if any(room is not None and room.left < amount for room, amount in taken):
            self.tight = True
            return False
        for room, amount in taken:
            if room is not None:
                room.left -= amount
                room.shown = room.left
        for effect, amount in asked.items():
            statement.effects[effect].paid += amount
        for payer, amount in by_payer.items():
            statement.payers[payer] += amount
        statement.paid += total
        statement.net += sum(self._net(amount) * times for amount, times in Counter(amounts).items())
        if self.lines is not None:
            for place in places:
                self._explain(statement, self._due(place))
        return True

    def _sum_payers(self, places: Sequence[int], amounts: list[int]) -> dict[str, int]:
        sums = {payer.id: 0 for payer in self.terms.payers}
        if self.rooms.weights is not None:
            for amount, times in Counter(amounts).items():
                for payer, part in zip(sums, self.rooms.uncut_parts(amount), strict=True):
                    sums[payer] += part * times
        elif self.terms.payer_rule == "single":
            sums[self.terms.payers[0].id] = sum(amounts)
        else:
            facts = self.priced.facts
            for place, amount in zip(places, amounts, strict=True):
                sums[facts[place].payer] += amount  # type: ignore[index]
        return sums

    def _sum_people(self, places: Sequence[int], amounts: list[int]) -> list[tuple[Room | None, Number]]:
        sums: dict[str, int] = defaultdict(int)
        facts = self.priced.facts
        for place, amount in zip(places, amounts, strict=True):
            who = facts[place].participant
            if who is not None:
                sums[who] += amount
        return [(self.rooms.person(who), amount) for who, amount in sums.items()]

    def _paid_units(self, effect: str, number: int) -> Number:
        units, amount = self.priced.units, self.priced.amount
        return sum(units[place] for place in self.priced.places_of(effect, number) if amount[place])

    def _pay_within_limits(
        self, statement: Statement, cuts: dict[str, Number], number: int, period: int | None
    ) -> None:
        """By sums where nobody asked for lines; line by line where each is explained or meets ceilings by weight."""
        places, rooms = self.priced.places_in(number), self.rooms
        by_line = self.lines is not None or (rooms.weights is not None and bool(rooms.payers))
        if self.terms.caps.reduce == "pro_rata":
            dues = self._pay_by_share(statement, cuts, places, period, by_line)
        elif by_line:
            dues = [self._due(place) for place in places]
            for due in dues:
                if due.amount:  # what is worth nothing takes no place in a maximum count either
                    pay(due, rooms, period)
            self._book(statement, cuts, dues)
        else:
            served = pay_latest_first(self.priced, places, self._payer, self._due, rooms, period)
            for rule, cut in served.cuts.items():
                cuts[rule] += cut
            for (effect, payer), amount in served.paid.items():
                self._book_sum(statement, effect, payer, amount)
            self._book_times(statement, served.times)
            dues = served.carrying
        for due in dues:
            if due.carried:
                due.period = period
                self.owed.append(due)

    def _pay_by_share(
        self, statement: Statement, cuts: dict[str, Number], places: Sequence[int], period: int | None, by_line: bool
    ) -> list[Due]:
        """Returns the lines as objects: all of them, or those that carry something over."""
        from app.pricing.pro_rata import pay_pro_rata  # a web worker that never needs numpy does not load it

        shares = pay_pro_rata(self.priced, places, self._payer, self.rooms, period)
        if by_line:
            line_of = {place: line for line, place in enumerate(shares.places)}
            dues = [self._due(place) for place in places]
            for due in dues:
                if due.place in line_of:
                    shares.explain(due, line_of[due.place], self.rooms)
            self._book(statement, cuts, dues)
            return dues
        for rule, column in shares.cuts.items():
            cuts[rule] += int(column.sum())
        for effect, amount in shares.effects.sums(shares.paid).items():
            statement.effects[effect].paid += amount
            statement.paid += amount
        if self.rooms.weights is None:
            for payer, amount in shares.payers.sums(shares.paid).items():
                statement.payers[payer] += amount
        self._book_times(statement, Counter(shares.paid.tolist()))
        carrying = [(line, self._due(shares.places[line])) for line in shares.carrying(self.rooms)]
        for line, due in carrying:
            shares.explain(due, line, self.rooms)
        return [due for _, due in carrying]

    def _book_sum(self, statement: Statement, effect: str, payer: str, amount: int) -> None:
        statement.effects[effect].paid += amount
        statement.paid += amount
        if self.rooms.weights is None:
            statement.payers[payer] += amount

    def _book_times(self, statement: Statement, times: Mapping[int, int]) -> None:
        """What only depends on the amount of a line: its net, and the parts of payers by weight."""
        if self.terms.vat_rate is None:
            statement.net += sum(amount * often for amount, often in times.items())
        else:
            statement.net += sum(self._net(amount) * often for amount, often in times.items())
        if self.rooms.weights is not None:
            for amount, often in times.items():
                for payer, part in zip(self.rooms.payer_ids, self.rooms.uncut_parts(amount), strict=True):
                    statement.payers[payer] += part * often

    def _payer(self, fact: Fact) -> str:
        """Who pays for a fact; under the rule weight all do, and this one is never read."""
        return fact.payer or "" if self.terms.payer_rule == "residence" else self.terms.payers[0].id

    def _due(self, place: int) -> Due:
        fact, amount = self.priced.facts[place], self.priced.amount[place]
        units = self.priced.units[place]
        return Due(place, fact.effect, fact.participant, self._payer(fact), units, amount, paid=amount)

    def _book(self, statement: Statement, cuts: dict[str, Number], dues: Sequence[Due]) -> None:
        for due in dues:
            for taken in due.steps:
                cuts[taken.rule] += taken.before - taken.after
            statement.effects[due.effect].paid += due.paid
            statement.paid += due.paid
            statement.net += self._net(due.paid)
            if self.rooms.weights is None:
                statement.payers[due.payer] += due.paid
            else:
                for payer, part in self._parts(due).items():
                    statement.payers[payer] += part
            if self.lines is not None:
                self._explain(statement, due)

    def _parts(self, due: Due) -> dict[str, int]:
        if self.rooms.weights is None:
            return {due.payer: due.paid}
        parts = due.parts or self.rooms.uncut_parts(due.paid)
        return dict(zip(self.rooms.payer_ids, parts, strict=True))

    def _net(self, paid: int) -> int:
        """Step 13, per line; equal amounts are computed once."""
        if self.terms.vat_rate is None:
            return paid
        net = self.nets.get(paid)
        if net is None:
            net = self.nets[paid] = half_up(Fraction(paid) / (1 + self.terms.vat_rate), self.terms.step)
        return net

    def _explain(self, statement: Statement, due: Due) -> None:
        assert self.lines is not None and self.priced.steps is not None
        carried = due.origin is not None
        steps = [Taken(PERIODS, 0, due.amount)] if carried else self.priced.steps[due.place]
        steps += due.steps
        if self.rooms.weights is not None and not due.parts:
            steps.append(Taken("split", due.paid, due.paid))
        net = self._net(due.paid)
        if self.terms.vat_rate is not None:
            steps.append(Taken("vat", due.paid, net))
        gross = 0 if carried else self.priced.gross[due.place]
        fact: Fact = self.priced.facts[due.place]
        pooled = due.place in self.priced.order
        if len(self.lines) % EACH == 0:
            self.tell(len(self.priced.facts) + len(self.lines))
        self.lines.append(Line(fact, statement.on, gross, due.paid, net, self._parts(due), steps, carried, pooled))
