"""A price per payer: our extension of replay/1 (README, "replay/1 with our extensions"). Amounts are minor units."""

from fractions import Fraction

import pytest

from app.pricing.terms import Effect, Payer, Tier
from tests.pricing.build import fact, only, settle

TOWNS = (Payer("x"), Payer("y"))
CHEAPER = {"y": 80}


def paid_by(effects: list[Effect], facts: list, **more) -> dict[str, int]:
    return only(settle(effects, facts, payers=TOWNS, rule="residence", **more)).payers


@pytest.mark.parametrize("kind", ["per_person", "per_unit", "fee"])
@pytest.mark.parametrize("most", [1, 2, None])
def test_the_payer_named_pays_its_own_price_and_the_others_the_price(kind, most):
    effect = Effect("job", kind, price=100, prices=CHEAPER, max_per_person=most)
    facts = [fact("job", "01-01", "a", payer="x"), fact("job", "01-02", "b", payer="y")]
    assert paid_by([effect], facts) == {"x": 100, "y": 80}


def test_what_is_refused_is_shown_at_the_price_of_its_own_payer():
    effect = Effect("job", "per_person", price=100, prices=CHEAPER)
    facts = [fact("job", f"01-0{n}", "b", payer="y") for n in (1, 2, 3)]
    statement = only(settle([effect], facts, payers=TOWNS, rule="residence"))
    assert (statement.gross, statement.reductions) == (80, {"max_per_person": 160})


def test_a_price_of_nothing_is_a_price():
    effect = Effect("job", "per_person", price=100, prices={"y": 0})
    assert paid_by([effect], [fact("job", "01-01", "b", payer="y")]) == {"x": 0, "y": 0}


def test_deadweight_and_limits_come_after_it():
    # y: 80 - 25 % = 60, of which its effect lets 50 through
    effect = Effect("job", "per_person", price=100, prices=CHEAPER, deadweight=Fraction("0.25"), max_amount=50)
    assert paid_by([effect], [fact("job", "01-01", "b", payer="y")]) == {"x": 0, "y": 50}


def test_each_tier_has_its_own_and_the_running_count_is_one_for_all_payers():
    # x takes the first unit at 100; y's three are the second unit at 90 and two beyond at 40
    tiers = (Tier(2, 100, prices={"y": 90}), Tier(None, 50, prices={"y": 40}))
    effect = Effect("job", "per_person", tiers=tiers, max_per_person=None)
    facts = [fact("job", "01-01", "a", payer="x"), fact("job", "01-02", "b", payer="y", quantity=3)]
    assert paid_by([effect], facts) == {"x": 100, "y": 90 + 2 * 40}


def test_best_of_goes_by_the_prices_of_the_payer_and_the_difference_is_paid_by_the_later_one():
    # for y level 1 is the dearer one, so its level 2 brings nothing; a moves: 150 - 100 is y's to pay
    group = [
        Effect("level1", "per_person", price=100, prices={"y": 200}, best_of="level"),
        Effect("level2", "per_person", price=150, best_of="level"),
    ]
    facts = [
        fact("level1", "01-01", "a", payer="x"),
        fact("level1", "01-01", "b", payer="y"),
        fact("level2", "02-01", "a", payer="y"),
        fact("level2", "02-01", "b", payer="y"),
    ]
    assert paid_by(group, facts) == {"x": 100, "y": 200 + 50}


def test_retroactive_units_are_paid_at_the_price_of_the_fact_that_passes():
    effect = Effect("days", "per_unit", price=10, prices={"y": 7}, after=5, retroactive=True)
    facts = [fact("days", "01-01", "a", payer="x", quantity=3), fact("days", "02-01", "a", payer="y", quantity=4)]
    assert paid_by([effect], facts) == {"x": 0, "y": 7 * 7}


def test_events_avoided_and_pooled_cost_what_their_payer_promised():
    # x: 20 of 100 at once; y: 5 of 100 misses 10 %, but pooled 25 of 200 reach 12 %: 5 x 30
    effect = Effect(
        "events",
        "difference",
        price=40,
        prices={"y": 30},
        threshold=Fraction("0.1"),
        pooled_threshold=Fraction("0.12"),
    )
    facts = [
        fact("events", "01-01", payer="x", treatment=80, control=100),
        fact("events", "01-01", payer="y", treatment=95, control=100),
    ]
    assert paid_by([effect], facts) == {"x": 800, "y": 150}
