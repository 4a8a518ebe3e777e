"""Ranking = sum of points x weight, in whole hundredths; ties by the heaviest criterion (domain, section 6)."""

from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.ranking import Place, Weight, rank

WEIGHTS = [Weight("approach", 60), Weight("risks", 40)]


def test_points_times_weight():
    places = rank({"a": {"approach": 8, "risks": 7}, "b": {"approach": 7, "risks": 9}}, WEIGHTS)
    assert places == {"a": Place(760, 2, False, None), "b": Place(780, 1, False, None)}  # 8x60+7x40, 7x60+9x40


def test_a_tie_goes_to_the_heaviest_criterion():
    """6x60+9x40 = 8x60+6x40 = 720: the plan with more points on Approach comes first, and the tie is told."""
    places = rank({"a": {"approach": 6, "risks": 9}, "b": {"approach": 8, "risks": 6}}, WEIGHTS)
    assert places == {"a": Place(720, 2, True, "approach"), "b": Place(720, 1, True, "approach")}


def test_the_heaviest_is_by_weight_and_not_by_position():
    """With 40 first and 60 second, 60 decides."""
    weights = [Weight("risks", 40), Weight("approach", 60)]
    places = rank({"a": {"approach": 6, "risks": 9}, "b": {"approach": 8, "risks": 6}}, weights)
    assert places["b"].rank == 1


def test_equal_weights_go_by_the_order_of_the_call():
    weights = [Weight("first", 50), Weight("second", 50)]
    places = rank({"a": {"first": 6, "second": 8}, "b": {"first": 8, "second": 6}}, weights)
    assert (places["b"].rank, places["b"].decided_by) == (1, "first")


def test_equal_in_everything_shares_a_place():
    alike = {"approach": 7, "risks": 7}
    places = rank({"a": alike, "b": dict(alike), "c": {"approach": 1, "risks": 1}}, WEIGHTS)
    assert [places[plan].rank for plan in "abc"] == [1, 1, 3]
    assert places["a"] == Place(700, 1, True, None)


plans = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.fixed_dictionaries({"approach": st.integers(0, 10), "risks": st.integers(0, 10)}),
    min_size=1,
    max_size=8,
)


@given(plans)
def test_ranking_does_not_depend_on_the_order_in_which_plans_came(points):
    backwards = dict(reversed(points.items()))
    assert rank(points, WEIGHTS) == rank(backwards, WEIGHTS)
    places = rank(points, WEIGHTS)
    for one in points:
        for other in points:
            if places[one].rank < places[other].rank:
                assert places[one].total_hundredths >= places[other].total_hundredths
    assert min(place.rank for place in places.values()) == 1
    assert all(0 <= place.total_hundredths <= 1000 for place in places.values())
