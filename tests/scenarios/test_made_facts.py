"""From assumptions to facts, without chance: counts by largest remainder, follow-on effects, days, what is too late."""

from collections import Counter
from datetime import date

import pytest

from app.pricing.terms import Caps, Effect, Step
from app.scenarios.assumptions import in_order, months_after
from app.scenarios.made_facts import facts_of
from app.scenarios.outlook import work_out
from tests.scenarios.assume import FIRST, assume, terms

WORK = Effect("work", "per_person", price=100_000)
KEPT = Effect("kept", "per_person", price=50_000, requires=("work",))


def count(facts, effect):
    return Counter((fact.payer, fact.on) for fact in facts if fact.effect == effect)


def test_the_rate_is_of_the_whole_cohort_and_rounded_half_up_once():
    """50 % of 4 + 3 = 3.5, so 4: 2 and 1.71 by payer; the person over goes to the largest remainder, south."""
    facts = facts_of(assume(terms(), cohort=(4, 3)), "expected")
    assert count(facts, "work") == {("north", date(2026, 7, 1)): 2, ("south", date(2026, 7, 1)): 2}


def test_each_payers_people_are_spread_evenly_over_the_intakes():
    """7 over three intakes: 3, 2 and 2; each starts its own clock."""
    days = tuple(months_after(FIRST, 6 * number) for number in range(3))
    facts = facts_of(assume(terms(), cohort=(7, 0), intakes=days, work=(10_000, 10_000, 10_000)), "low")
    assert [number for _, number in sorted(count(facts, "work").items())] == [3, 2, 2]
    assert sorted(on for _, on in count(facts, "work")) == [date(2026, 7, 1), date(2027, 1, 1), date(2027, 7, 1)]


def test_an_uneven_intake_is_spread_by_its_weights():
    """7 by 0 : 2 : 5; a payer with 3 gets 0.86 and 2.14 of them, so 1 and 2."""
    days = tuple(months_after(FIRST, 6 * number) for number in range(3))
    all_of_them = {"work": (10_000, 10_000, 10_000), "weights": (0, 2, 5)}
    facts = facts_of(assume(terms(), cohort=(7, 3), intakes=days, **all_of_them), "low")
    found = sorted((payer, on, number) for (payer, on), number in count(facts, "work").items())
    second, third = date(2027, 1, 1), date(2027, 7, 1)
    assert found == [("north", second, 2), ("north", third, 5), ("south", second, 1), ("south", third, 2)]


def test_a_follow_on_effect_is_a_part_of_those_who_reached_the_one_before():
    """20 people: 50 % is 10; 50 % of those is 5, not 50 % of 20. And only those whom the engine will pay."""
    assumed = assume(terms(KEPT, WORK), cohort=(12, 8), kept=((5_000,) * 3, 1, 12))
    facts = facts_of(assumed, "expected")
    worked, kept = ({f.participant for f in facts if f.effect == effect} for effect in ("work", "kept"))
    assert (len(worked), len(kept)) == (10, 5) and kept < worked
    assert work_out(assumed)["expected"].paid == 10 * 100_000 + 5 * 50_000


def test_one_effect_says_nothing_of_another():
    """With the same first people for every effect a cap per person would bind for nearly all who reach any."""
    other = Effect("home", "per_person", price=100_000)
    facts = facts_of(assume(terms(WORK, other), cohort=(60, 40), home=(5_000,) * 3), "expected")
    worked, housed = ({f.participant for f in facts if f.effect == effect} for effect in ("work", "home"))
    assert len(worked) == len(housed) == 50
    assert 15 <= len(worked & housed) <= 35


def test_low_expected_and_high_use_their_own_rate():
    assumed = assume(terms(), cohort=(10, 0), work=(1_000, 4_000, 9_000))
    assert [len(facts_of(assumed, case)) for case in ("low", "expected", "high")] == [1, 4, 9]


def test_the_same_assumptions_make_the_same_facts():
    assumed = assume(terms(WORK, KEPT), cohort=(9, 8), kept=((5_000,) * 3, 1, 12))
    assert facts_of(assumed, "high") == facts_of(assumed, "high")


def test_what_is_proven_after_the_last_statement_is_left_out_and_counted():
    days = (FIRST, date(2028, 7, 1))
    assumed = assume(terms(), cohort=(4, 2), intakes=days, work=((10_000,) * 3, 1, 12))
    assert assumed.too_late == 3
    assert len(facts_of(assumed, "low")) == 3


def test_a_measured_effect_is_measured_per_payer_under_residence():
    """At 60 % of 50 points the value is 30: the second step, for the residents of each payer that has any."""
    score = Effect("score", "steps", steps=(Step(10, 1_000), Step(30, 7_000), Step(31, 9_000)))
    assumed = assume(terms(score), cohort=(4, 2), score=((6_000,) * 3, 50, 6))
    assert [(fact.payer, fact.value) for fact in facts_of(assumed, "low")] == [("north", 30), ("south", 30)]
    assert work_out(assumed)["low"].paid == 14_000
    assert len(facts_of(assume(terms(score), cohort=(4, 0), score=((6_000,) * 3, 50, 6)), "low")) == 1


def test_a_difference_shares_the_control_group_by_the_cohort():
    """31 events over 4 and 2 people: 21 and 10 by largest remainder; 50 % less is 10.5 and 5, rounded half up."""
    crimes = Effect("crimes", "difference", price=100)
    facts = facts_of(assume(terms(crimes), crimes=((5_000,) * 3, 31, 6)), "low")
    assert [(fact.control, fact.treatment) for fact in facts] == [(21, 10), (10, 5)]


def test_a_share_avoids_the_cost_of_the_participants():
    """40 % of 300.00 for each of 4 and 2 people."""
    saved = Effect("saved", "share", share=1)
    facts = facts_of(assume(terms(saved), saved=((4_000,) * 3, 300, 6)), "low")
    assert [fact.avoided for fact in facts] == [48_000, 24_000]


def test_no_payer_pays_above_its_ceiling():
    found = work_out(assume(terms(ceilings=(150_000, None)), work=(10_000,) * 3))["high"]
    assert found.per_year() == {("north", 2026): 150_000, ("south", 2026): 200_000} | {
        (payer, year): 0 for payer in ("north", "south") for year in (2027, 2028)
    }


def test_the_contract_cap_is_taken_by_the_engine():
    assert work_out(assume(terms(caps=Caps(contract=123)), work=(10_000,) * 3))["low"].paid == 123


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
        (date(2026, 12, 1), 0, date(2026, 12, 1)),
        (date(2026, 6, 15), 18, date(2027, 12, 15)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day, months, later):
    assert months_after(day, months) == later


def test_effects_come_after_those_they_require():
    assert [effect.id for effect in in_order(terms(KEPT, WORK))] == ["work", "kept"]
    circle = terms(Effect("a", "per_person", requires=("b",)), Effect("b", "per_person", requires=("a",)))
    with pytest.raises(ValueError, match="circle"):
        in_order(circle)
