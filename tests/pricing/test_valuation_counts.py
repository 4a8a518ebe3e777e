"""A maximum count that takes a part of a line off, beside a cap per person, and what is carried for a moment only.

Source: replay/1, steps 7 and 8, and the fine print: caps count what is finally paid, and money cut later frees its room
within the same statement.
"""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.pricing.terms import Caps, Effect, Fact, Payer, Period, Terms
from app.pricing.valuation import value
from tests.pricing.build import END, fact, settle

JUNE = date(2024, 6, 30)
NOTHING = Period(date(2024, 1, 1), JUNE, 0)
PLENTY = Period(date(2024, 7, 1), END, 10**9)
REDUCE = pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])


def job(price: int = 80, **most) -> Effect:
    return Effect("job", "per_person", price=price, max_per_person=None, **most)


@REDUCE
def test_one_fact_of_two_units_is_paid_what_two_facts_of_one_unit_are(reduce):
    """One unit counts and is worth 80, within the person's 100. The 60 that the cap per person cut before were the
    other unit's, and 20 more of that unit go with the maximum count."""
    caps = Caps(per_person=100, reduce=reduce)
    one = settle([job(max_count=1)], [fact("job", "01-01", "a", quantity=2)], caps=caps)
    two = settle([job(max_count=1)], [fact("job", "01-01", "a"), fact("job", "01-01", "a")], caps=caps)
    assert (one.paid, two.paid) == (80, 80)


@REDUCE
@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("carried", [False, True])
def test_room_that_is_freed_later_reaches_the_units_that_count(reduce, lines, carried):
    """Of the person's 120 the home may take nothing, and of the two units of `job` one counts, worth 80.

    Oldest first: 80 for the job, 40 for the care. By share: 60, 160 and 80 get 24, 64 and 32; half of the 64 is the
    unit that counts; so 56 are free again, for two lines that lack 48 each: 28 each, 60 and 60 in all.
    """
    home, care = Effect("home", "per_person", price=60, max_amount=0), Effect("care", "per_person", price=80)
    facts = [fact("home", "01-01", "a"), fact("job", "02-01", "a", quantity=2), fact("care", "03-01", "a")]
    facts.append(fact("job", "08-01", "b"))  # the one unit is paid or owed: none is left
    periods = (NOTHING, PLENTY) if carried else ()
    caps = Caps(per_person=120, reduce=reduce, periods=periods, overshoot="carried")
    valuation = settle([home, job(max_count=1), care], facts, (JUNE, END), caps=caps, lines=lines)
    assert [statement.paid for statement in valuation.statements] == ([0, 120] if carried else [120, 0])
    paid = {code: effect.paid for code, effect in valuation.effects().items()}
    assert paid == {"home": 0, "job": 80 if reduce == "latest_first" else 60, "care": 120 - paid["job"]}


@REDUCE
def test_a_unit_that_starts_to_count_later_is_paid_beside_the_one_that_counted_before(reduce):
    """b's unit is never paid, for x pays nothing: so both units of a count, and only its cap of 100 limits them."""
    payers = (Payer("x", ceiling=0), Payer("y"))
    facts = [fact("job", "01-01", "b", payer="x"), fact("job", "02-01", "a", payer="y", quantity=2)]
    caps = Caps(per_person=100, reduce=reduce)
    valuation = settle([job(max_count=2)], facts, payers=payers, rule="residence", caps=caps)
    assert valuation.statements[0].payers == {"x": 0, "y": 100}


@REDUCE
@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("limit", ["per_person", "max_amount", "max_count"])
def test_what_a_line_carries_is_paid_at_once_where_the_same_period_has_room_again(reduce, lines, limit):
    """x pays nothing of its 80, so all of the period's 80 is y's; y's own money, owed for a moment, is no hindrance."""
    payers = (Payer("x", ceiling=0), Payer("y"))
    homes = {"max_amount": {"max_amount": 80}, "max_count": {"max_count": 1}}.get(limit, {})
    effects = [job(), Effect("home", "per_person", price=80, **homes)]
    facts = [fact("job", "01-01", "a", payer="x"), fact("home", "02-01", "b", payer="y")]
    caps = Caps(
        per_person=80 if limit == "per_person" else None,
        periods=(Period(NOTHING.start, JUNE, 80), PLENTY),
        reduce=reduce,
        overshoot="carried",
    )
    first, second = settle(
        effects, facts, (JUNE, END), payers=payers, rule="residence", caps=caps, lines=lines
    ).statements
    assert (first.payers["y"], second.payers["y"]) == (80, 0)


PRICE = 8_000


@st.composite
def histories(draw) -> list[Fact]:
    """Oldest first: jobs in several units, care of one, and homes for which nothing may be paid."""
    row = st.tuples(st.sampled_from(["job", "job", "care", "home"]), st.sampled_from("abc"), st.integers(1, 4))
    rows = draw(st.lists(row, max_size=10))
    return [
        Fact(effect, date(2024, 1, 1) + timedelta(days=n), who, quantity=units if effect == "job" else 1)
        for n, (effect, who, units) in enumerate(rows)
    ]


def by_share(history: list[Fact], cap: int, most: int) -> dict[str, int]:
    """Each line gets something, so the oldest units count; each person gets all they are worth, up to the cap."""
    worth: dict[str, int] = defaultdict(int)
    for row in history:
        units = int(row.quantity)
        if row.effect == "job":
            units = min(units, most)
            most -= units
        worth[row.participant] += units * PRICE if row.effect != "home" else 0
    return {who: min(cap, amount) for who, amount in worth.items()}


def oldest_first(history: list[Fact], cap: int, most: int) -> dict[str, int]:
    """Line by line; a line for which nothing is left takes no unit."""
    paid: dict[str, int] = defaultdict(int)
    for row in history:
        units = min(int(row.quantity), most) if row.effect == "job" else 1
        amount = min(cap - paid[row.participant], units * PRICE) if row.effect != "home" else 0
        paid[row.participant] += amount
        if row.effect == "job" and amount:
            most -= units
    return paid


@settings(max_examples=300, deadline=None)
@given(histories(), st.integers(3_000, 40_000), st.integers(0, 12), st.booleans())
def test_each_person_gets_what_its_counted_units_are_worth_up_to_the_cap(history, cap, most, carried):
    """Reckoned again by other means, for both ways to reduce; the same when a full period first postpones all of it."""
    effects = (
        job(PRICE, max_count=most),
        Effect("care", "per_person", price=PRICE, max_per_person=None),
        Effect("home", "per_person", price=PRICE, max_per_person=None, max_amount=0),
    )
    for reduce, reckon in (("pro_rata", by_share), ("latest_first", oldest_first)):
        caps = Caps(per_person=cap, reduce=reduce, overshoot="carried", periods=(NOTHING, PLENTY) if carried else ())
        terms = Terms(effects, (Payer("city"),), caps=caps)
        valuation = value(terms, history, [JUNE, END], lines=True)
        paid: dict[str, int] = defaultdict(int)
        for line in valuation.lines:
            paid[line.fact.participant] += line.paid
        wanted = reckon(history, cap, most)
        assert {who: amount for who, amount in paid.items() if amount} == {w: a for w, a in wanted.items() if a}
        assert value(terms, history, [JUNE, END]).paid == valuation.paid
