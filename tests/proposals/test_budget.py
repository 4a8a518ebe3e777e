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


def test_lots_together_never_ask_more_than_the_ceilings_of_the_bond(app):
    """Three lots of 23, 23 and 24 of 70: each its part of the contract ceiling and of the most effects, rounded down.
    Checked against the whole ceiling, two lots could ask twice what the contract pays."""
    programme = make_programme(cohort_size=70)
    table = make_table(
        programme, state=TableState.DRAFT, effects=0, cap_contract_minor=10_000_000, cap_per_person_minor=None
    )
    make_effect(table, "a", price_minor=100_000, max_per_person=None, max_count=100)
    call = make_call(programme, table=table)
    effect = call.table.effects[0]
    lots = [budget_of({str(effect.id): 33}, call, size) for size in (23, 23, 24)]
    assert [lot.cap_minor for lot in lots] == [3_285_714, 3_285_714, 3_428_571]
    assert sum(lot.cap_minor for lot in lots) <= 10_000_000
    assert [lot.lines[0].ceiling for lot in lots] == [32, 32, 34]
    assert [lot.part for lot in lots] == [(23, 70), (23, 70), (24, 70)]
    assert "part of this lot" in lots[0].problems()[1]
    assert lots[2].problems() == []
    whole = budget_of({str(effect.id): 100}, call)
    assert (whole.cap_minor, whole.part, whole.problems()) == (10_000_000, None, [])


def test_discount_and_budget_are_reckoned_together(app):
    """Costs below the listed price may still be above what the discount leaves."""
    call = make_priced_call()
    one, two = call.table.effects
    budget = budget_of({str(one.id): 3, str(two.id): 1}, call)  # 3,000.03 and 33.33
    costs = [{"organisation_id": "x", "year": 2026, "what": "", "amount_minor": 295_754}]
    second = {"discount_bp": 250, "budget": costs, "salt": ""}
    forecast = forecast_of(budget, {}, second, [2026, 2027], None)  # also when nothing is spread over years
    assert (forecast.listed_minor, forecast.after_minor, forecast.costs_minor) == (303_336, 295_753, 295_754)
    assert forecast.is_loss
    assert not forecast_of(budget, {}, second | {"discount_bp": 249}, [2026, 2027], None).is_loss
    assert not forecast_of(budget, {}, second | {"budget": []}, [2026, 2027], None).is_loss


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
