"""What one line of each effect is worth before any limit (steps 1-6), asked of the engine once per possible line."""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from app.pricing.gross import Priced, price_facts
from app.pricing.rounding import half_up
from app.pricing.terms import Effect, Fact, Terms
from app.scenarios.assumptions import CASES, PEOPLE, Assumptions, Batch
from app.scenarios.made_facts import measured, name_of

Line = tuple[str, int]  # an effect, and the place of a payer, for prices may differ per payer


@dataclass(slots=True)
class LineAmounts:
    """Minor units, by effect and payer. `once`: every line; `nth`: the first, second, … line of an effect with tiers.

    `best[line][n]`: a line of an effect in a best-of group for somebody whose dearest so far is number n of `groups`
    (0: none yet), and `dearer[line][n]` whether it is dearer. `measured[line]`: at each level. `count_limit`: what
    `max_count` units of an effect come to.
    """

    once: dict[Line, int] = field(default_factory=dict)
    nth: dict[Line, list[int]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    best: dict[Line, list[int]] = field(default_factory=dict)
    dearer: dict[Line, list[bool]] = field(default_factory=dict)
    measured: dict[Line, list[int]] = field(default_factory=dict)
    count_limit: dict[str, int] = field(default_factory=dict)

    def highest(self, effect: str) -> int:
        """The dearest line there can be."""
        found = [amount for of, amount in self.once.items() if of[0] == effect]
        for known in (self.nth, self.best, self.measured):
            found += [amount for of, amounts in known.items() if of[0] == effect for amount in amounts]
        return max(found, default=0)


def line_amounts(assumptions: Assumptions, minor_per_major: int) -> LineAmounts:
    lines = LineAmounts()
    grouped: dict[str, list[Effect]] = {}
    for effect in assumptions.terms.effects:
        if effect.kind in PEOPLE and effect.best_of is not None:
            grouped.setdefault(effect.best_of, []).append(effect)
        for payer in assumptions.measured_payers if effect.kind not in PEOPLE else _payers(assumptions):
            if effect.kind not in PEOPLE:
                _measured(lines, assumptions, effect, payer, minor_per_major)
            elif effect.best_of is None:
                _of_people(lines, assumptions, effect, payer)
    for group, effects in grouped.items():
        lines.groups[group] = [effect.id for effect in effects]
        for payer in _payers(assumptions):
            _best(lines, assumptions, effects, payer)
    return lines


def _payers(assumptions: Assumptions) -> range:
    return range(len(assumptions.terms.payers))


def _of_people(lines: LineAmounts, assumptions: Assumptions, effect: Effect, payer: int) -> None:
    units, day = assumptions.guesses[effect.id].units, assumptions.settle_on[-1]
    who = assumptions.terms.payers[payer].id
    number = assumptions.people if effect.tiers else 1
    facts = [Fact(effect.id, day, name_of(n), who, quantity=units) for n in range(number)]
    priced = _price(assumptions, [effect], facts)
    if effect.tiers:
        lines.nth[effect.id, payer] = priced.amount
        return
    lines.once[effect.id, payer] = priced.amount[0]
    if effect.max_count is not None:
        lines.count_limit[effect.id] = _worth_of_count(effect, priced, assumptions.terms.step)


def _price(assumptions: Assumptions, effects: list[Effect], facts: list[Fact]) -> Priced:
    bare = tuple(replace(effect, requires=(), max_amount=None, max_count=None) for effect in effects)
    terms = Terms(bare, assumptions.terms.payers, "residence", step=assumptions.terms.step)
    return price_facts(terms, facts, [assumptions.settle_on[-1]], lines=False, final=False)


def _worth_of_count(effect: Effect, line: Priced, step: int) -> int:
    """As every line of the effect is alike, a maximum of units is a maximum of money."""
    units = line.units[0]
    return half_up(Fraction(line.amount[0] * (effect.max_count or 0)) / units, step) if units else 0


def _best(lines: LineAmounts, assumptions: Assumptions, effects: list[Effect], payer: int) -> None:
    """What each effect adds for somebody who has nothing yet, and for whom each of the group is the dearest so far."""
    day, who = assumptions.settle_on[-1], assumptions.terms.payers[payer].id
    for effect in effects:
        line = effect.id, payer
        lines.best[line], lines.dearer[line] = [], []
        for before in (None, *effects):
            order = [effect] if before is None else [before, effect]
            facts = [Fact(e.id, day, "one", who, quantity=assumptions.guesses[e.id].units) for e in order]
            priced = _price(assumptions, list({e.id: e for e in order}.values()), facts)
            lines.best[line].append(priced.amount[-1])
            lines.dearer[line].append(priced.gross[-1] > 0)


def _measured(lines: LineAmounts, assumptions: Assumptions, effect: Effect, payer: int, minor_per_major: int) -> None:
    batch = Batch(assumptions.settle_on[-1], effect, payer, None)
    facts = [measured(assumptions, batch, level, minor_per_major) for level in range(len(CASES))]
    lines.measured[effect.id, payer] = [_price(assumptions, [effect], [fact]).amount[0] for fact in facts]
