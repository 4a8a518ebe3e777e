"""What holds for every table and every history. Source: the list of property tests in the brief of the engine."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.pricing.rounding import half_up, largest_remainder
from app.pricing.statement import RULES, Valuation
from app.pricing.terms import Band, Caps, Effect, Fact, Payer, Period, Step, Terms, Tier
from app.pricing.valuation import value

FIRST = date(2024, 1, 1)
SETTLE_ON = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
CUTS = ("deadweight", "rounding", "caps.per_person", "effect.max_count", "effect.max_amount")
REFUSALS = ("requires", "max_per_person", "best_of")
LATE_CUTS = ("caps.periods", "payer.ceiling", "caps.contract")
limits = st.none() | st.integers(0, 400)


@st.composite
def effects(draw) -> tuple[Effect, ...]:
    common = {
        "deadweight": st.sampled_from([0, Fraction("0.15"), Fraction(1, 3)]),
        "max_amount": limits,
        "max_count": st.none() | st.integers(0, 6),
    }

    def row(effect_id: str, kind: str, **keys) -> Effect:
        return Effect(
            effect_id, kind, price=draw(st.integers(0, 120)), **{k: draw(v) for k, v in (common | keys).items()}
        )

    tiers = (Tier(3, draw(st.integers(0, 90)), draw(limits)), Tier(None, draw(st.integers(0, 90))))
    return (
        row("once", "per_person"),
        row("often", "per_person", max_per_person=st.sampled_from([2, None]), requires=st.just(("once",))),
        row("good", "per_person", best_of=st.just("level"), deadweight=st.just(0)),
        row("better", "per_person", best_of=st.just("level"), deadweight=st.just(0)),
        row("tiers", "per_person", tiers=st.just(tiers), max_per_person=st.none()),
        row("days", "per_unit", after=st.integers(0, 4), retroactive=st.booleans()),
        row("fee", "fee", deadweight=st.just(0)),
        row("steps", "steps", steps=st.just((Step(2, 50), Step(5, 130))), between=st.sampled_from(["step", "linear"])),
        row("bands", "bands", bands=st.just((Band(0, 3, 10), Band(3, 8, 25))), threshold=st.sampled_from([None, 2])),
        row("events", "difference", threshold=st.just(Fraction("0.2")), pooled_threshold=st.just(Fraction("0.1"))),
        row("saved", "share", share=st.just(Fraction("0.3")), share_after=st.just(Fraction("0.1")), until=st.just(90)),
    )


@st.composite
def terms(draw) -> Terms:
    payers = tuple(Payer(name, draw(limits), draw(st.integers(1, 3))) for name in "xyz")
    periods = (Period(FIRST, SETTLE_ON[0], draw(st.integers(0, 300))), Period(SETTLE_ON[2], SETTLE_ON[3], 250))
    caps = Caps(
        draw(limits),
        draw(limits),
        draw(st.sampled_from([(), periods])),
        draw(st.sampled_from(["latest_first", "pro_rata"])),
        draw(st.sampled_from(["lost", "carried"])),
    )
    rule = draw(st.sampled_from(["weight", "residence"]))
    return Terms(draw(effects()), payers, rule, caps, draw(st.sampled_from([1, 10])), Fraction("0.21"))


@st.composite
def histories(draw) -> list[Fact]:
    """Facts of every kind on different days, so that no rule looks at the order of the file."""
    names = ["once", "often", "good", "better", "tiers", "days", "fee", "steps", "bands", "events", "saved"]
    one = st.tuples(
        st.sampled_from(names),
        st.sampled_from("abc"),
        st.sampled_from("xyz"),
        st.sampled_from([1, 1, 2, Fraction("0.5")]),
    )
    rows = draw(st.lists(one, max_size=25))
    days = draw(st.permutations(range(120)))
    return [
        Fact(effect, FIRST + timedelta(days=days[n]), None, payer, key=n, **measured(quantity))
        if effect in MEASURED
        else Fact(effect, FIRST + timedelta(days=days[n]), who, payer, quantity, key=n)
        for n, (effect, who, payer, quantity) in enumerate(rows)
    ]


MEASURED = ("steps", "bands", "events", "saved")


def measured(size) -> dict:
    """One number for every kind of measured fact; of 10 events at size 1 one is avoided, at 2 four."""
    return {"value": 3 * size, "avoided": int(200 * size), "control": 10, "treatment": 12 - 3 * size}


def facts_of(valuation: Valuation) -> list[tuple]:
    return [
        (
            s.on,
            s.gross,
            s.paid,
            s.net,
            s.payers,
            s.reductions,
            [(e.quantity, e.gross, e.paid) for e in s.effects.values()],
        )
        for s in valuation.statements
    ]


@settings(max_examples=250, deadline=None)
@given(terms(), histories())
def test_no_cent_appears_or_vanishes(terms, history):
    valuation = value(terms, history, SETTLE_ON, lines=True)
    owed = 0
    for statement in valuation.statements:
        lines = [line for line in valuation.lines if line.statement == statement.on]
        assert sum(statement.payers.values()) == statement.paid == sum(line.paid for line in lines)
        assert sum(effect.paid for effect in statement.effects.values()) == statement.paid
        assert sum(effect.gross for effect in statement.effects.values()) == statement.gross
        assert statement.net == sum(line.net for line in lines)
        for line in lines:
            assert sum(line.payers.values()) == line.paid
            assert line.net == half_up(Fraction(line.paid) / Fraction("1.21"), terms.step)
            amounts = [step for step in line.steps if step.rule not in ("requires", "max_per_person", "best_of")]
            for one, following in pairwise(amounts):
                assert one.after == following.before
            assert (amounts[-1].before if amounts else 0) == line.paid  # the last step is VAT
        # what came in new or carried over is paid, cut for good, or still owed
        cut = sum(statement.reductions.get(rule, 0) for rule in CUTS + LATE_CUTS)
        in_period = any(p.start <= statement.on <= p.end for p in terms.caps.periods)
        carries = terms.caps.overshoot == "carried" and in_period
        came = statement.gross + (owed if carries else 0)
        assert came == statement.paid + cut
        if carries:
            owed = statement.reductions.get("caps.periods", 0)


@settings(max_examples=250, deadline=None)
@given(terms(), histories(), st.booleans())
def test_what_was_taken_off_in_the_end_is_the_gross_less_what_was_paid(terms, history, lines):
    """Carried money counts once however often a period was full, and not at all once a later statement paid it."""
    valuation = value(terms, history, SETTLE_ON, lines=lines)
    cuts = valuation.cuts()
    # replay/1: the gross is what stands after the tier (step 5); VAT is in what is paid.
    apart = (*REFUSALS, "tier", "vat")
    assert valuation.gross - sum(cuts.values()) + sum(cuts.get(rule, 0) for rule in apart) == valuation.paid
    if lines:
        assert valuation.paid_late == sum(line.paid for line in valuation.lines if line.carried)


@settings(max_examples=250, deadline=None)
@given(terms(), histories())
def test_no_cap_is_ever_exceeded(terms, history):
    valuation = value(terms, history, SETTLE_ON, lines=True)
    effect_paid, person_paid, payer_paid = defaultdict(int), defaultdict(int), defaultdict(int)
    for line in valuation.lines:
        effect_paid[line.fact.effect] += line.paid
        if line.fact.participant is not None:
            person_paid[line.fact.participant] += line.paid
        for payer, part in line.payers.items():
            payer_paid[payer] += part
    unlimited = 10**12
    caps = terms.caps
    assert valuation.paid <= (unlimited if caps.contract is None else caps.contract)
    assert all(paid <= (unlimited if caps.per_person is None else caps.per_person) for paid in person_paid.values())
    for effect in terms.effects:
        assert effect_paid[effect.id] <= (unlimited if effect.max_amount is None else effect.max_amount)
    for payer in terms.payers:
        assert payer_paid[payer.id] <= (unlimited if payer.ceiling is None else payer.ceiling)
    for period in caps.periods:
        inside = [statement.paid for statement in valuation.statements if period.start <= statement.on <= period.end]
        assert sum(inside) <= period.amount
    assert all(amount % terms.step == 0 for statement in valuation.statements for amount in statement.payers.values())


@settings(max_examples=300, deadline=None)
@given(terms(), histories())
def test_a_line_is_cut_only_when_one_of_its_limits_is_used_up(terms, history):
    """In one statement: what a later step cuts is room for others, to the last whole step. What is carried uses up the
    limits that it passed, but no period. (Units leave fractions.)"""
    rows = tuple(replace(effect, max_count=None) for effect in terms.effects)
    terms = replace(terms, effects=rows, payer_rule="residence")
    valuation = value(terms, history, SETTLE_ON[-1:], lines=True)

    def carried(line) -> int:
        cut = next((step.before - step.after for step in line.steps if step.rule == "caps.periods"), 0)
        return cut if terms.caps.overshoot == "carried" else 0

    def used_up(limit: int | None, match, passed: bool = False) -> bool:
        taken = sum(line.paid + carried(line) * passed for line in valuation.lines if match(line))
        return limit is not None and limit - taken < terms.step

    ceilings = {payer.id: payer.ceiling for payer in terms.payers}
    period = terms.caps.periods[1].amount if terms.caps.periods else None
    table = terms.effect_by_id()
    for line in valuation.lines:
        if any(step.rule in (*CUTS[2:], *LATE_CUTS) for step in line.steps):
            fact = line.fact
            assert (
                used_up(terms.caps.contract, lambda other: True)
                or used_up(period, lambda other: True)
                or used_up(
                    terms.caps.per_person, lambda other, who=fact.participant: other.fact.participant == who, True
                )
                or used_up(ceilings[fact.payer], lambda other, payer=fact.payer: other.fact.payer == payer)
                or used_up(table[fact.effect].max_amount, lambda other, it=fact.effect: other.fact.effect == it, True)
            )


@settings(max_examples=100, deadline=None)
@given(terms(), histories(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(terms, history, shuffler):
    shuffled = list(history)
    shuffler.shuffle(shuffled)
    assert facts_of(value(terms, shuffled, SETTLE_ON[::-1])) == facts_of(value(terms, history, SETTLE_ON))


@settings(max_examples=100, deadline=None)
@given(terms(), histories(), st.integers(1, 3))
def test_a_statement_does_not_change_when_later_facts_come_in(terms, history, until):
    whole = value(terms, history, SETTLE_ON)
    early = [fact for fact in history if fact.on <= SETTLE_ON[until - 1]]
    assert facts_of(value(terms, early, SETTLE_ON[:until], final=False)) == facts_of(whole)[:until]


@settings(max_examples=100, deadline=None)
@given(terms(), histories(), st.data())
def test_more_facts_never_lower_the_gross(terms, history, data):
    history = [fact for fact in history if fact.effect not in MEASURED]
    kept = data.draw(st.lists(st.sampled_from(history), unique_by=id)) if history else []
    some, more = value(terms, kept, SETTLE_ON), value(terms, history, SETTLE_ON)
    assert some.gross <= more.gross
    for name in ("once", "often", "days", "fee"):
        assert some.effects()[name].gross <= more.effects()[name].gross


@settings(max_examples=150, deadline=None)
@given(terms(), histories())
def test_the_steps_of_all_lines_sum_to_the_gross_the_reductions_and_the_payments(terms, history):
    """What the explanation says is what the statement says, rule by rule."""
    valuation = value(terms, history, SETTLE_ON, lines=True)
    for statement in valuation.statements:
        lines = [line for line in valuation.lines if line.statement == statement.on]
        sums: dict[str, Fraction] = defaultdict(Fraction)
        for line in lines:
            assert sum(step.after - step.before for step in line.steps if step.rule not in REFUSALS) == line.net
            for step in line.steps:
                sums[step.rule] += step.before - step.after
        again = sums["caps.periods"]  # a carried line begins with what is owed: not a cut of this statement
        owed = sum(line.steps[0].after for line in lines if line.carried)
        still = statement.reductions.get("caps.periods", 0) - again - owed
        assert still >= 0  # what the same period cut before is owed still, without a line of its own
        for rule in set(RULES) - {"price", "tier", "best_of", "split", "caps.periods"}:
            assert sums[rule] == statement.reductions.get(rule, 0)
        priced = sum(line.gross for line in lines)
        assert priced == statement.gross


@settings(max_examples=100, deadline=None)
@given(terms(), histories())
def test_explaining_changes_nothing(terms, history):
    assert facts_of(value(terms, history, SETTLE_ON, lines=True)) == facts_of(value(terms, history, SETTLE_ON))


@settings(max_examples=100, deadline=None)
@given(terms(), histories())
def test_numbers_too_long_for_64_bits_are_shared_out_alike(terms, history):
    """Multiplying every amount by 10 ** 16 multiplies what is paid; a column that wrapped round would not."""
    big = 10**16

    def times(number: int | None) -> int | None:
        return None if number is None else number * big

    rows = tuple(
        replace(e, price=e.price * big, max_amount=times(e.max_amount), max_count=None, deadweight=0)
        for e in terms.effects
        if e.kind in ("per_person", "fee", "per_unit") and not e.tiers
    )
    small = tuple(replace(e, max_count=None, deadweight=0) for e in terms.effects if e.id in {row.id for row in rows})
    kept = [replace(fact, quantity=2) for fact in history if fact.effect in {row.id for row in rows}]
    caps = replace(terms.caps, reduce="pro_rata")
    huge_caps = replace(
        caps,
        per_person=times(caps.per_person),
        contract=times(caps.contract),
        periods=tuple(replace(period, amount=period.amount * big) for period in caps.periods),
    )
    payers = tuple(replace(payer, ceiling=times(payer.ceiling)) for payer in terms.payers)
    base = replace(terms, effects=small, caps=caps, vat_rate=None)
    huge = replace(base, effects=rows, caps=huge_caps, payers=payers, step=terms.step * big)
    few, many = value(base, kept, SETTLE_ON), value(huge, kept, SETTLE_ON)
    assert [s.paid * big for s in few.statements] == [s.paid for s in many.statements]
    assert [{p: part * big for p, part in s.payers.items()} for s in few.statements] == [
        s.payers for s in many.statements
    ]


@settings(max_examples=300, deadline=None)
@given(terms(), histories(), st.integers(0, 300), st.integers(0, 300))
def test_carried_money_is_conserved(terms, history, first, second):
    """With room enough in a last period, carrying pays in the end exactly what no period cap would have paid: to each
    payer, for each effect of whatever kind, within what limits a person, an effect's amount or its count."""
    periods = (
        Period(FIRST, SETTLE_ON[0], first),
        Period(SETTLE_ON[1], SETTLE_ON[1], second),
        Period(SETTLE_ON[2], SETTLE_ON[3], 10**9),
    )
    payers = tuple(replace(payer, ceiling=None) for payer in terms.payers)
    rule = replace(terms, payers=payers, payer_rule="residence")
    carrying = replace(rule, caps=replace(terms.caps, contract=None, periods=periods, overshoot="carried"))
    free = replace(rule, caps=replace(terms.caps, contract=None, periods=()))
    carried, never_cut = value(carrying, history, SETTLE_ON), value(free, history, SETTLE_ON)
    assert carried.gross == never_cut.gross
    assert {name: row.paid for name, row in carried.effects().items()} == {
        name: row.paid for name, row in never_cut.effects().items()
    }
    for payer in "xyz":
        assert sum(s.payers[payer] for s in carried.statements) == sum(s.payers[payer] for s in never_cut.statements)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=8), st.sampled_from([1, 5, 100]))
def test_shares_sum_to_the_whole_and_stay_within_a_step_of_their_weight(steps, weights, step):
    if not any(weights):
        return
    parts = largest_remainder(steps * step, weights, step)
    assert sum(parts) == steps * step
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(steps * step * weight, sum(weights))) < step


@given(st.fractions(0, 10**9), st.sampled_from([1, 5, 100]))
def test_half_up_is_the_nearest_step_and_up_on_a_half(amount, step):
    rounded = half_up(amount, step)
    assert rounded % step == 0
    assert -Fraction(step, 2) < rounded - amount <= Fraction(step, 2)
