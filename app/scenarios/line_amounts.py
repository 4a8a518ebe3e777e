"""What one line of each effect is worth before any limit (steps 1-6), asked of the engine once per possible line."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from app.pricing.gross import Priced, price_facts
from app.pricing.rounding import half_up
from app.pricing.terms import Effect, Fact, Payer, Terms
from app.scenarios.assumptions import CASES, PEOPLE, Assumptions, Batch
from app.scenarios.made_facts import measured, name_of


@dataclass(slots=True)
class LineAmounts:
    """Minor units. `once`: every line of the effect; `nth`: the first, second, … line of an effect with tiers.

    `best[effect][n]`: a line of an effect in a best-of group for somebody whose dearest so far is number n of `groups`
    (0: none yet), and `dearer[effect][n]` whether it is dearer. `measured[effect, payer]`: at each level.
    `count_limit`: what `max_count` units of the effect come to.
    """

    once: dict[str, int] = field(default_factory=dict)
    nth: dict[str, list[int]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    best: dict[str, list[int]] = field(default_factory=dict)
    dearer: dict[str, list[bool]] = field(default_factory=dict)
    measured: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    count_limit: dict[str, int] = field(default_factory=dict)

    def highest(self, effect: str) -> int:
        """The dearest line there can be."""
        levels = [amount for (of, _), amounts in self.measured.items() if of == effect for amount in amounts]
        return max([self.once.get(effect, 0), *self.nth.get(effect, ()), *self.best.get(effect, ()), *levels])


def line_amounts(assumptions: Assumptions, minor_per_major: int) -> LineAmounts:
    lines = LineAmounts()
    grouped: dict[str, list[Effect]] = {}
    for effect in assumptions.terms.effects:
        if effect.kind not in PEOPLE:
            _measured(lines, assumptions, effect, minor_per_major)
        elif effect.best_of is not None:
            grouped.setdefault(effect.best_of, []).append(effect)
        elif effect.tiers:
            lines.nth[effect.id] = _of_people(assumptions, effect, assumptions.people).amount
        else:
            line = _of_people(assumptions, effect, 1)
            lines.once[effect.id] = line.amount[0]
            if effect.max_count is not None:
                lines.count_limit[effect.id] = _worth_of_count(effect, line, assumptions.terms.step)
    for group, effects in grouped.items():
        _best(lines, assumptions, group, effects)
    return lines


def _of_people(assumptions: Assumptions, effect: Effect, count: int) -> Priced:
    units, day = assumptions.guesses[effect.id].units, assumptions.settle_on[-1]
    return _price(assumptions, [effect], [Fact(effect.id, day, name_of(n), quantity=units) for n in range(count)])


def _price(assumptions: Assumptions, effects: list[Effect], facts: list[Fact]) -> Priced:
    bare = tuple(replace(effect, requires=(), max_amount=None, max_count=None) for effect in effects)
    terms = Terms(bare, (Payer("one"),), step=assumptions.terms.step)
    return price_facts(terms, facts, [assumptions.settle_on[-1]], lines=False, final=False)


def _worth_of_count(effect: Effect, line: Priced, step: int) -> int:
    """As every line of the effect is alike, a maximum of units is a maximum of money."""
    units = line.units[0]
    return half_up(Fraction(line.amount[0] * (effect.max_count or 0)) / units, step) if units else 0


def _best(lines: LineAmounts, assumptions: Assumptions, group: str, effects: list[Effect]) -> None:
    """What each effect adds for somebody who has nothing yet, and for whom each of the group is the dearest so far."""
    lines.groups[group] = [effect.id for effect in effects]
    day = assumptions.settle_on[-1]
    for effect in effects:
        lines.best[effect.id], lines.dearer[effect.id] = [], []
        for before in (None, *effects):
            order = [effect] if before is None else [before, effect]
            facts = [Fact(e.id, day, "one", quantity=assumptions.guesses[e.id].units) for e in order]
            priced = _price(assumptions, list({e.id: e for e in order}.values()), facts)
            lines.best[effect.id].append(priced.amount[-1])
            lines.dearer[effect.id].append(priced.gross[-1] > 0)


def _measured(lines: LineAmounts, assumptions: Assumptions, effect: Effect, minor_per_major: int) -> None:
    for payer in assumptions.measured_payers:
        batch = Batch(assumptions.settle_on[-1], effect, payer, None)
        facts = [
            replace(measured(assumptions, batch, level, minor_per_major), payer=None) for level in range(len(CASES))
        ]
        lines.measured[effect.id, payer] = [_price(assumptions, [effect], [fact]).amount[0] for fact in facts]
