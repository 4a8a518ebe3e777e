"""From assumptions to facts as the engine reads them, without chance: the same assumptions make the same list.

How many reach an effect is the rate of those who can, rounded half up once over the whole cohort, and shared out over
municipalities and intakes by largest remainder. Who they are follows a fixed mixed order (a hash of effect and
participant), so that reaching one effect says nothing of another, except that a follow-on effect is only for those who
reached what it requires.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from app.pricing.rounding import half_up, largest_remainder, plain
from app.pricing.terms import Effect, Fact
from app.scenarios.assumptions import BASIS_POINTS, CASES, PEOPLE, Assumptions, Batch, in_order

Reached = Mapping[str, Sequence[bool]]  # per effect: each participant
Levels = Mapping[str, int]  # per effect: the place in CASES of its rate


def facts_of(assumptions: Assumptions, case: str, minor_per_major: int = 100) -> list[Fact]:
    """The facts if every effect goes as in `case`."""
    level = CASES.index(case)
    reached = reached_in(assumptions, level)
    return expand(assumptions, reached, {effect.id: level for effect in assumptions.terms.effects}, minor_per_major)


def reached_in(assumptions: Assumptions, level: int) -> dict[str, list[bool]]:
    """Per effect that people reach: who does, at the rate of this level."""
    reached: dict[str, list[bool]] = {}
    for effect in in_order(assumptions.terms):
        if effect.kind in PEOPLE:
            could = [all(reached[needed][n] for needed in effect.requires) for n in range(assumptions.people)]
            reached[effect.id] = _choose(assumptions, effect, could, assumptions.guesses[effect.id].rates[level])
    return reached


def _choose(assumptions: Assumptions, effect: Effect, could: list[bool], rate_bp: int) -> list[bool]:
    able = [[n for n in range(cell.first, cell.end) if could[n]] for cell in assumptions.cells]
    weights = [len(people) for people in able]
    chosen = [False] * assumptions.people
    if not any(weights):
        return chosen
    number = half_up(Fraction(rate_bp * sum(weights), BASIS_POINTS), 1)
    for people, part in zip(able, largest_remainder(number, weights), strict=True):
        for n in sorted(people, key=lambda n: _mixed(effect.id, n))[:part]:
            chosen[n] = True
    return chosen


def _mixed(effect: str, person: int) -> bytes:
    return hashlib.sha256(f"{effect}:{person}".encode()).digest()


def expand(assumptions: Assumptions, reached: Reached, levels: Levels, minor_per_major: int = 100) -> list[Fact]:
    """The facts, in the order of the batches: what was reached by whom, and what was measured at which level."""
    return [
        fact
        for batch in assumptions.batches
        for fact in _of_batch(assumptions, batch, reached, levels, minor_per_major)
    ]


def _of_batch(
    assumptions: Assumptions, batch: Batch, reached: Reached, levels: Levels, minor_per_major: int
) -> Iterator[Fact]:
    effect = batch.effect
    payer = assumptions.terms.payers[batch.payer].id if assumptions.terms.payer_rule == "residence" else None
    if batch.cell is None:
        yield measured(assumptions, batch, levels[effect.id], minor_per_major)
        return
    units, who = assumptions.guesses[effect.id].units, reached[effect.id]
    for n in range(batch.cell.first, batch.cell.end):
        if who[n]:
            yield Fact(effect.id, batch.on, name_of(n), payer, quantity=units)


def name_of(person: int) -> str:
    """An invented participant."""
    return f"p{person + 1}"


def measured(assumptions: Assumptions, batch: Batch, level: int, minor_per_major: int) -> Fact:
    """The fact of a measured effect: its guess at this level, for the residents of one payer or for all."""
    terms, guess = assumptions.terms, assumptions.guesses[batch.effect.id]
    part = Fraction(guess.rates[level], BASIS_POINTS)
    residence = terms.payer_rule == "residence"
    fact = Fact(batch.effect.id, batch.on, payer=terms.payers[batch.payer].id if residence else None)
    people = assumptions.cohort[batch.payer] if residence else assumptions.people
    if batch.effect.kind in ("steps", "bands"):
        fact.value = plain(guess.units * part)
    elif batch.effect.kind == "share":
        fact.avoided = half_up(guess.units * minor_per_major * people * part, 1)
    else:
        cohort = assumptions.cohort if residence else (assumptions.people,)
        control = largest_remainder(guess.units, cohort)[batch.payer]
        fact.control, fact.treatment = control, control - half_up(control * part, 1)
    return fact
