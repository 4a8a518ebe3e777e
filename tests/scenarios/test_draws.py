"""Many draws in vector form give, draw by draw and to the cent, what the engine gives (issue 3, "Looking ahead")."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from app.capital.terms import Tranche
from app.pricing.terms import Band, Caps, Effect, Period, Step, Tier
from app.scenarios import drawn_payments, drawn_returns
from app.scenarios.assumptions import months_after
from app.scenarios.draws import DRAWS, Dice
from app.scenarios.line_amounts import line_amounts
from app.scenarios.outlook import capital_of
from app.scenarios.simulation import BY_ENGINE, at_percent, simulate
from tests.scenarios.assume import FIRST, assume, terms

A_DRAW = 40
HALVES = (FIRST, months_after(FIRST, 6), months_after(FIRST, 12))
WIDE = (1_000, 5_000, 9_000)


def per_person(id, price, **more):
    return Effect(id, "per_person", price=price, **more)


CHAIN = (
    per_person("home", 60_000),
    per_person("home-6m", 160_000, requires=("home",), deadweight=Fraction(1, 8)),
    per_person("work", 333_33, deadweight=Fraction(333, 1000)),
)
# per case: the terms, and what each rule should cut or not
CASES = {
    "requirements and deadweight": terms(*CHAIN),
    "cap per person": terms(*CHAIN, caps=Caps(per_person=150_000)),
    "ceilings": terms(*CHAIN, ceilings=(700_000, 90_001)),
    "contract": terms(*CHAIN, caps=Caps(contract=777_777)),
    "periods": terms(*CHAIN, caps=Caps(periods=(Period(FIRST, date(2026, 12, 31), 123_456),))),
    "periods and person": terms(
        *CHAIN,
        ceilings=(900_000, 200_000),
        caps=Caps(
            per_person=170_000, contract=1_000_000, periods=(Period(date(2027, 1, 1), date(2027, 6, 30), 99_999),)
        ),
    ),
    "amount per effect, cap per person": terms(
        per_person("home", 60_000, max_amount=200_001), per_person("work", 90_000), caps=Caps(per_person=100_000)
    ),
    "count per effect": terms(per_person("home", 60_000, max_count=3), per_person("work", 90_000, max_amount=250_000)),
    "count of half units, ceiling": terms(
        Effect("days", "per_unit", price=777, max_count=Fraction(21, 2)), ceilings=(3_000, None)
    ),
    "whole euros": terms(*CHAIN, caps=Caps(per_person=170_000, contract=1_000_050), step=100),
    "tiers": terms(
        per_person("home", 0, tiers=(Tier(3, 90_000), Tier(5, 50_000, 70_000), Tier(None, 20_000))),
        caps=Caps(contract=400_000),
    ),
    "prices per payer": terms(
        per_person("home", 60_000, prices={"north": 70_000}),
        Effect("days", "per_unit", price=1_234, prices={"south": 999}),
        Effect("crimes", "difference", price=40_000, prices={"north": 30_000}),
        caps=Caps(per_person=72_000, contract=500_000),
    ),
    "tiers with prices per payer": terms(
        per_person("home", 0, tiers=(Tier(3, 90_000, prices={"south": 80_000}), Tier(None, 20_000)))
    ),
    "best of with prices per payer": terms(
        per_person("level-1", 70_000, best_of="level", prices={"south": 300_000}),
        per_person("level-2", 220_000, best_of="level"),
    ),
    "best of": terms(
        per_person("level-1", 70_000, best_of="level", deadweight=Fraction(1, 10)),
        per_person("level-3", 333_333, best_of="level", deadweight=Fraction(1, 10)),
        per_person("level-2", 220_000, best_of="level", deadweight=Fraction(1, 10)),
        caps=Caps(per_person=300_000),
    ),
    "units after a threshold": terms(
        Effect("days", "per_unit", price=1_234, after=3, retroactive=False), Effect("care", "fee", price=5_000)
    ),
    "VAT": terms(*CHAIN, caps=Caps(per_person=150_000, contract=900_000), vat_rate=Fraction(21, 100)),
    "VAT in whole euros": terms(*CHAIN, vat_rate=Fraction(9, 100), step=100),
    "one payer": terms(*CHAIN, rule="single", ceilings=(800_000, None)),
    "measured": terms(
        Effect("score", "steps", steps=(Step(20, 10_000), Step(60, 50_000)), between="linear"),
        Effect("points", "bands", bands=(Band(10, 50, 333), Band(50, 100, 1_000)), threshold=Fraction(30)),
        Effect("crimes", "difference", price=40_000, threshold=Fraction(1, 4)),
        Effect("avoided", "share", share=Fraction(333, 1000)),
        caps=Caps(contract=500_000, per_person=1),
    ),
}
GUESSES = {
    "home": (WIDE, 1, 6),
    "home_6m": (WIDE, 1, 12),
    "work": (WIDE, 1, 6),
    "days": (WIDE, 5, 9),
    "care": (WIDE, 2, 3),
    "level_1": (WIDE, 1, 3),
    "level_2": (WIDE, 1, 9),
    "level_3": (WIDE, 1, 6),
    "score": (WIDE, 100, 6),
    "points": (WIDE, 100, 6),
    "crimes": (WIDE, 31, 12),
    "avoided": (WIDE, 777, 12),
}


def drawn(name, seed=1, cohort=(5, 4)):
    found = assume(CASES[name], cohort=cohort, intakes=HALVES, **GUESSES)
    return found, Dice(found, seed).throw(A_DRAW)


@pytest.mark.parametrize("name", CASES)
def test_each_draw_is_worth_what_the_engine_says(name):
    assumed, draws = drawn(name)
    lines = line_amounts(assumed, 100)
    assert drawn_payments.why_not(assumed, lines) is None
    quick, exact = drawn_payments.in_vectors(assumed, lines, draws), drawn_payments.by_engine(assumed, draws, 100)
    assert exact.payers.sum() > 0
    assert np.array_equal(quick.payers, exact.payers)
    assert np.array_equal(quick.net, exact.net)


@pytest.mark.parametrize(
    ("name", "paid"),
    [("cap per person", "requirements and deadweight"), ("contract", "requirements and deadweight")],
)
def test_the_caps_of_these_cases_really_bind(name, paid):
    """A comparison in which no limit ever binds would prove nothing about limits."""
    capped, free = (drawn_payments.by_engine(*drawn(which), 100).payers.sum() for which in (name, paid))
    assert capped < free


REFUSED = {
    "prices with max_count": terms(per_person("work", 100, max_count=2, prices={"north": 90})),
    "prices with max_amount of a tier": terms(
        per_person("work", 0, tiers=(Tier(None, 100, 250, prices={"north": 90}),))
    ),
    "payer_rule: weight": terms(*CHAIN, rule="weight"),
    "caps.reduce: pro_rata": terms(*CHAIN, caps=Caps(contract=500_000, reduce="pro_rata")),
    "caps.overshoot: carried": terms(
        *CHAIN, caps=Caps(periods=(Period(FIRST, date(2026, 12, 31), 100_000),), overshoot="carried")
    ),
    "effect.max_count": terms(per_person("work", 100, max_count=2), caps=Caps(per_person=50)),
    "pooled_threshold": terms(Effect("crimes", "difference", price=1, pooled_threshold=Fraction(1, 10))),
    "share_after": terms(Effect("avoided", "share", share=Fraction(1, 2), share_after=Fraction(1, 4), until=1_000)),
    "int64": terms(per_person("work", 10**18)),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_the_vector_form_does_not_know_is_valued_by_the_engine_on_fewer_draws(reason):
    assumed = assume(REFUSED[reason], **GUESSES)
    assert drawn_payments.why_not(assumed, line_amounts(assumed, 100)) == reason
    if reason != "int64":
        found = simulate(assumed, 1)
        assert (found.not_vector, found.count) == (reason, BY_ENGINE)


def test_a_follow_on_effect_is_drawn_out_of_those_who_reached_the_one_before():
    _, draws = drawn("requirements and deadweight", cohort=(40, 30))
    first, later = draws.reached["home"], draws.reached["home-6m"]
    assert later.any() and not (later & ~first).any()


def test_every_level_and_chance_is_drawn_as_it_is_said():
    """1 in 4 low, 2 in 4 expected, 1 in 4 high; then the rate of the level, for each participant alone."""
    assumed = assume(terms(), cohort=(50, 0), work=(1_000, 5_000, 8_000))
    draws = Dice(assumed, 5).throw(DRAWS)
    levels = draws.levels["work"]
    for level, share in enumerate((0.25, 0.5, 0.25)):
        assert abs(float((levels == level).mean()) - share) < 0.02
    for level, rate in enumerate((0.1, 0.5, 0.8)):
        assert abs(float(draws.reached["work"][:, levels == level].mean()) - rate) < 0.01


def test_the_spread_of_one_rate_is_the_binomial_one():
    """70 people at 50 %: 5 % of draws are at most 28, half at most 35, 95 % at most 42 (binomial tables)."""
    assumed = assume(terms(), cohort=(40, 30))
    assert simulate(assumed, 20261122).total == (2_800_000, 3_500_000, 4_200_000)


def test_the_same_seed_gives_the_same_and_another_does_not():
    assumed = assume(terms(*CHAIN), cohort=(30, 20), **GUESSES)
    assert simulate(assumed, 7) == simulate(assumed, 7)
    assert simulate(assumed, 7) != simulate(assumed, 8)
    assert simulate(assumed, 7).count == 10_000


def test_without_chance_there_is_no_spread():
    assumed = assume(terms(), cohort=(3, 1), work=(10_000, 10_000, 10_000))
    assert simulate(assumed, 1).total == (400_000, 400_000, 400_000)
    nobody = assume(terms(), cohort=(3, 1), work=(0, 0, 0))
    assert simulate(nobody, 1).total == (0, 0, 0)


def test_a_percentile_is_the_nearest_rank():
    """Of 200 draws the 10th, 100th and 190th from below: amounts that were drawn, not means of two."""
    assert at_percent(np.arange(200)[::-1]) == (9, 99, 189)
    assert at_percent(np.array([7])) == (7, 7, 7)


MONEY = {
    "capped and open": (Tranche("s", 1, "return", irr_cap=Fraction(4, 100)), Tranche("j", 2, "return")),
    "capped twice": (
        Tranche("s", 1, "return", irr_cap=Fraction(0)),
        Tranche("j", 2, "return", irr_cap=Fraction(9, 100)),
    ),
    "loan before return": (
        Tranche("s", 1, "loan", rate=Fraction(525, 10_000)),
        Tranche("j", 2, "return", irr_cap=Fraction(1, 10)),
    ),
    "loan of months, grant": (
        Tranche("s", 2, "loan", rate=Fraction(3, 100), day_count="30E/360"),
        Tranche("j", 1, "grant"),
    ),
}


@pytest.mark.parametrize("name", MONEY)
@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize("calls", [1, 3])
def test_each_draw_gives_investors_what_the_waterfall_says(name, step, calls):
    days = tuple(months_after(FIRST, 6 * number) for number in range(calls))
    capital = capital_of(MONEY[name], {"s": 600_000, "j": 300_100}, {"s": 50_000}, days, step)
    assumed = assume(terms(*CHAIN, step=step), cohort=(6, 5), intakes=HALVES, capital=capital, **GUESSES)
    net = drawn_payments.by_engine(assumed, Dice(assumed, 3).throw(A_DRAW), 100).net
    quick, exact = drawn_returns.in_vectors(assumed, net), drawn_returns.by_engine(assumed, net)
    by_id = {one.tranche.id: one for one in quick}
    for one in exact:
        found = by_id[one.tranche.id]
        assert found.paid_in == one.paid_in
        assert found.distributed.tolist() == one.distributed.tolist()
        rates = [one.rate_of(draw) for draw in range(A_DRAW)]
        assert [found.rate_of(draw) for draw in range(A_DRAW)] == rates
        ordered = [rates[draw] for draw in found.by_rate]
        assert ordered == sorted(rates, key=lambda rate: Fraction(rate or -1))


def test_equal_ranks_are_handed_out_by_the_waterfall_itself():
    both = (Tranche("a", 1, "return"), Tranche("b", 1, "return"))
    capital = capital_of(both, {"a": 100_000, "b": 50_000}, {}, (FIRST,), 1)
    found = simulate(assume(terms(), capital=capital), 1)
    assert (found.not_vector, found.count) == ("equal rank", BY_ENGINE)
    assert [one.paid_in for one in found.tranches] == [100_000, 50_000]
