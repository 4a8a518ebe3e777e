"""Volumes times prices against every cap, and money over the years, in whole cents (domain, sections 3 and 6)."""

from dataclasses import replace

from app.pricing.states import TableState
from app.proposals.budget import Forecast, budget_of, discounted, forecast_of
from tests.factories.calls import make_call
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme


def make_priced_call():
    """70 participants; 2 per person of one effect, no limit on another; 1,000.01 and 33.33 each."""
    programme = make_programme(cohort_size=70)
    caps = {"cap_contract_minor": 10_000_000, "cap_per_person_minor": 100_000}
    table = make_table(programme, state=TableState.DRAFT, effects=0, **caps)
    make_effect(table, "a", price_minor=100_001, max_per_person=2)
    make_effect(table, "b", price_minor=3_333, max_per_person=None, life_domain="home")
    return make_call(programme, table=table)


def test_the_budget_counts_in_cents_and_knows_every_cap(app):
    call = make_priced_call()
    one, two = call.table.effects
    budget = budget_of({str(one.id): 69, str(two.id): 3}, call)
    assert [line.ceiling for line in budget.lines] == [140, None]
    assert budget.total_minor == 69 * 100_001 + 3 * 3_333
    assert budget.cap_minor == 7_000_000  # 70 x 1,000.00 is less than the contract ceiling of 100,000.00
    assert budget.per_domain() == [("work", 6_900_069), ("home", 9_999)]
    assert budget.problems() == []
    assert budget_of({str(one.id): 70}, call).problems() == ["The plan costs more than the contract ceiling."]
    assert len(budget_of({str(one.id): 141}, call).problems()) == 2


def test_a_lot_has_the_caps_of_its_own_cohort(app):
    """A plan for twenty of the seventy cannot promise what seventy can reach."""
    call = make_priced_call()
    one, _two = call.table.effects
    budget = budget_of({str(one.id): 41}, call, 20)
    assert budget.lines[0].ceiling == 40
    assert budget.cap_minor == 2_000_000
    assert len(budget.problems()) == 2


def test_payments_over_time_lose_no_cent_and_the_discount_is_off_every_price(app):
    call = make_priced_call()
    one, two = call.table.effects
    budget = budget_of({str(one.id): 3, str(two.id): 1}, call)  # 3,000.03 and 33.33
    second = {"discount_bp": 250, "budget": [], "salt": ""}
    forecast = forecast_of(budget, {"2027": 33, "2028": 67}, second, [2026, 2027, 2028], None)
    assert sum(forecast.listed) == budget.total_minor == 303_336
    assert forecast.listed == [0, 100_101, 203_235]
    assert sum(forecast.paid) == 292_503 + 3_250  # 2.5 % off: 2,925.02925 and 32.49675
    assert not forecast.is_short


def test_half_a_cent_rounds_up():
    assert [discounted(amount, 5_000) for amount in (1, 2, 3)] == [1, 1, 2]
    assert discounted(1_000, None) == 1_000


def test_what_must_lie_ready_counts_payments_only_after_their_year(app):
    """An effect is proven before it is paid: money of the same year cannot pay for the work of that year."""
    forecast = Forecast([2026, 2027, 2028], [0] * 3, [0, 600, 600], [500, 500, 100], 1_000, True)
    assert forecast.needed_minor == 1_000  # 500; 1,000; 1,100 less 600
    assert not forecast.is_short
    assert replace(forecast, capital_minor=999).is_short
    assert replace(forecast, is_spread=False).needed_minor == 1_100
    assert not replace(forecast, capital_minor=None).is_short
