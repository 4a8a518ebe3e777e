"""Minimums, the discount by formula, lots: who has which place (domain, section 6: price only after quality)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation import sensitivity
from app.evaluation.ranking import Rules, Weight, discount_points, places, sharing
from app.evaluation.states import Shortfall

PLAIN = Rules([Weight("approach", 60), Weight("risks", 40)])
WITH_DISCOUNT = Rules([Weight("approach", 50, 4), Weight("risks", 30), Weight("price", 20)], discount="price")


def test_below_the_minimum_of_a_criterion_there_is_a_total_and_no_place():
    rules = Rules([Weight("approach", 60, 5), Weight("risks", 40)])
    found = places({"a": {"approach": 4, "risks": 10}, "b": {"approach": 5, "risks": 1}}, rules)
    assert (found["a"].total_hundredths, found["a"].rank, found["a"].shortfall) == (640, None, Shortfall.CRITERION)
    assert (found["b"].total_hundredths, found["b"].rank) == (340, 1)  # first, although with less in all


def test_exactly_the_minimum_total_is_enough():
    rules = Rules(PLAIN.weights, minimum_total=700)
    found = places({"a": {"approach": 7, "risks": 7}, "b": {"approach": 7, "risks": 6}}, rules)
    assert found["a"].rank == 1
    assert (found["b"].rank, found["b"].shortfall) == (None, Shortfall.TOTAL)


@pytest.mark.parametrize(
    ("given_bp", "highest", "points"),
    [(1000, 1000, 10), (500, 1000, 5), (450, 1000, 5), (449, 1000, 4), (1, 1000, 0), (0, 1000, 0), (0, 0, 0)],
)
def test_the_formula_rounds_half_up(given_bp, highest, points):
    """10 x 450 / 1000 = 4.5 becomes 5."""
    assert discount_points(given_bp, highest, 10) == points


def test_nobody_gives_a_discount():
    found = places({"a": {"approach": 8, "risks": 8}}, WITH_DISCOUNT, {"a": 0})
    assert (found["a"].points["price"], found["a"].total_hundredths) == (0, 640)


def test_a_plan_below_the_minimum_of_quality_sets_no_highest_discount():
    """Else a bidder that cannot win could press the others down by an absurd offer."""
    quality = {"a": {"approach": 3, "risks": 9}, "b": {"approach": 8, "risks": 8}, "c": {"approach": 8, "risks": 7}}
    found = places(quality, WITH_DISCOUNT, {"a": 9000, "b": 100, "c": 50})
    assert (found["b"].points["price"], found["c"].points["price"]) == (10, 5)
    assert found["a"].rank is None


def test_a_discount_whose_seal_is_broken_has_no_place():
    quality = {"a": {"approach": 8, "risks": 8}, "b": {"approach": 5, "risks": 5}}
    found = places(quality, WITH_DISCOUNT, {"a": None, "b": 100})
    assert (found["a"].rank, found["a"].shortfall, found["b"].rank) == (None, Shortfall.SEAL, 1)


def test_lots_alone_tell_plans_apart_where_the_call_says_so():
    """720 both: by the heaviest criterion b would come first; here the lot puts a before b."""
    quality = {"a": {"approach": 6, "risks": 9}, "b": {"approach": 8, "risks": 6}}
    rules = Rules(PLAIN.weights, by_heaviest=False)
    assert set(sharing(places(quality, rules))) == {"a", "b"}
    found = places(quality, rules, drawn={"a": 1, "b": 2})
    assert (found["a"].rank, found["b"].rank, found["a"].is_drawn) == (1, 2, True)


points = st.integers(0, 10)
plans = st.dictionaries(
    st.sampled_from("abcdefgh"), st.fixed_dictionaries({"approach": points, "risks": points}), min_size=1, max_size=6
)
discounts = st.fixed_dictionaries({plan: st.integers(0, 3000) for plan in "abcdefgh"})
minimum = st.none() | st.integers(0, 10)


@st.composite
def rules_for(draw):
    with_discount = draw(st.booleans())
    weights = [Weight("approach", 50, draw(minimum)), Weight("risks", 30 if with_discount else 50, draw(minimum))]
    if with_discount:
        weights.append(Weight("price", 20))
    return Rules(
        weights,
        minimum_total=draw(st.none() | st.integers(0, 900)),
        discount="price" if with_discount else None,
        by_heaviest=draw(st.booleans()),
    )


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 100))
def test_the_formula_is_the_exact_fraction_rounded_half_up(given_bp, highest, most):
    exact = Fraction(most * min(given_bp, highest), highest)
    assert discount_points(given_bp, highest, most) == min(most, int(exact + Fraction(1, 2)))


@given(plans, discounts, rules_for())
def test_a_place_is_better_only_with_a_total_that_is_not_lower(quality, offered, rules):
    found = places(quality, rules, offered)
    ranked = [place for place in found.values() if place.rank is not None]
    assert all(
        one.total_hundredths >= other.total_hundredths for one in ranked for other in ranked if one.rank < other.rank
    )
    assert all((place.rank is None) == (place.shortfall is not None) for place in found.values())
    assert not ranked or min(place.rank for place in ranked) == 1
    assert found == places(dict(reversed(quality.items())), rules, offered)
    for plan, place in found.items():
        minimums = [one for one in rules.quality if one.minimum is not None]
        assert (place.shortfall == Shortfall.CRITERION) == any(quality[plan][one.key] < one.minimum for one in minimums)


@given(plans, discounts, rules_for())
def test_more_points_for_a_plan_never_cost_it_its_place(quality, offered, rules):
    found = places(quality, rules, offered)
    for plan, place in found.items():
        if place.rank is None or quality[plan]["approach"] == 10:
            continue
        better = {**quality, plan: {**quality[plan], "approach": quality[plan]["approach"] + 1}}
        after = places(better, rules, offered)[plan]
        assert after.rank is not None
        assert after.rank <= place.rank


@given(plans, discounts, rules_for(), st.sampled_from([tuple(range(11)), (0, 2, 4, 6, 8, 10)]))
def test_sensitivity_equals_ranking_everything_again(quality, offered, rules, scale):
    """The quick comparison finds exactly the steps that a whole new ranking finds."""
    quality = {
        plan: {key: min(scale, key=lambda s: abs(s - p)) for key, p in own.items()} for plan, own in quality.items()
    }
    now = sensitivity.firsts(places(quality, rules, offered))
    expected = set()
    for plan, own in quality.items():
        for weight in rules.quality:
            at = scale.index(own[weight.key])
            for to in (at - 1, at + 1):
                if 0 <= to < len(scale):
                    moved = {**quality, plan: {**own, weight.key: scale[to]}}
                    if sensitivity.firsts(places(moved, rules, offered)) != now:
                        expected.add((plan, weight.key, scale[to]))
    found = sensitivity.decisive(quality, rules, scale, offered)
    assert {(move.plan, move.criterion, move.after) for move in found} == expected
