"""Steps 1-6 and 13: what each kind of effect is worth. Source: the format replay/1, effects, facts and fine print."""

import gc
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from app.pricing.terms import Band, Caps, Effect, Payer, Period, Step, Tier
from tests.pricing.build import END, day, fact, only, settle

JUNE = date(2024, 6, 30)


def job(**more) -> Effect:
    return Effect("job", "per_person", **{"price": 1000, **more})


# 1 window and known ids


def test_a_fact_belongs_to_the_first_statement_on_or_after_its_date():
    facts = [fact("job", "06-30", "a"), fact("job", "07-01", "b"), fact("job", "01-01", "c")]
    first, second = settle([job()], facts, (JUNE, END)).statements
    assert (first.on, first.paid, second.on, second.paid) == (JUNE, 2000, END, 1000)


def test_a_fact_after_the_last_statement_is_refused():
    with pytest.raises(ValueError, match="2024-12-31 is after the last statement"):
        settle([job()], [fact("job", "12-31", "a")], (JUNE,))


def test_an_effect_the_terms_do_not_know_is_refused():
    with pytest.raises(KeyError, match="dance"):
        settle([job()], [fact("dance", "01-01", "a")])


# 2 requires


def test_requires_is_met_by_any_fact_on_record_that_day_or_before_paid_or_not():
    # b's course is on the day of the job but later in the file; c's only comes after; d's course was itself refused.
    effects = [
        job(requires=("course",)),
        Effect("course", "per_person", price=10, requires=("intake",)),
        Effect("intake", "per_person", price=1),
    ]
    facts = [
        fact("job", "03-01", "b"),
        fact("job", "03-01", "c"),
        fact("job", "03-01", "d"),
        fact("course", "03-01", "b"),
        fact("course", "03-02", "c"),
        fact("course", "02-01", "d"),
    ]
    statement = only(settle(effects, facts))
    assert statement.effects["job"].gross == 2 * 1000
    assert statement.reductions["requires"] == 1000 + 3 * 10  # c's job; no one had an intake


def test_what_requires_refused_does_not_use_up_the_once_per_person():
    effects = [job(requires=("course",)), Effect("course", "per_person", price=0)]
    facts = [fact("job", "01-01", "a"), fact("course", "02-01", "a"), fact("job", "03-01", "a")]
    assert only(settle(effects, facts)).effects["job"].gross == 1000


# 3 once-only and maximum per person


@pytest.mark.parametrize(("most", "gross", "refused"), [(1, 1000, 5000), (2, 2000, 4000), (None, 6000, 0)])
def test_max_per_person_counts_units_by_date(most, gross, refused):
    facts = [fact("job", "03-01", "a", quantity=3), fact("job", "01-01", "a"), fact("job", "02-01", "a", quantity=2)]
    statement = only(settle([job(max_per_person=most)], facts))
    assert statement.gross == gross
    assert statement.reductions.get("max_per_person", 0) == refused  # price x refused units, no part of gross - paid
    assert statement.paid == gross


def test_once_only_holds_over_statements():
    first, second = settle([job()], [fact("job", "01-01", "a"), fact("job", "08-01", "a")], (JUNE, END)).statements
    assert (first.paid, second.paid, second.reductions) == (1000, 0, {"max_per_person": 1000})


def test_a_count_is_taken_as_distinct_people():
    statement = only(settle([job()], [fact("job", "01-01", quantity=40), fact("job", "02-01", quantity=2)]))
    assert (statement.gross, statement.effects["job"].quantity) == (42_000, 42)


# 4 best-of

GROUP = [
    Effect("level1", "per_person", price=700, best_of="level"),
    Effect("level2", "per_person", price=2200, best_of="level"),
    Effect("level3", "per_person", price=3300, best_of="level"),
]


def test_best_of_pays_the_difference_when_a_dearer_effect_is_proven_later():
    # a: 700, then 2,200 - 700 = 1,500, then 3,300 - 2,200 = 1,100: together the dearest, 3,300
    facts = [fact("level1", "01-01", "a"), fact("level2", "02-01", "a"), fact("level3", "03-01", "a")]
    statement = only(settle(GROUP, facts))
    assert [statement.effects[effect.id].gross for effect in GROUP] == [700, 1500, 1100]
    assert statement.reductions == {}


def test_best_of_refuses_a_cheaper_effect_later():
    facts = [fact("level2", "01-01", "a"), fact("level1", "02-01", "a"), fact("level1", "02-01", "b")]
    statement = only(settle(GROUP, facts))
    assert statement.gross == 2200 + 700
    assert statement.reductions == {"best_of": 700}


def test_best_of_holds_over_statements_and_never_reopens_one():
    facts = [fact("level1", "01-01", "a"), fact("level3", "08-01", "a")]
    first, second = settle(GROUP, facts, (JUNE, END)).statements
    assert (first.paid, second.paid) == (700, 2600)


def test_best_of_with_parts_of_a_unit_pays_what_the_dearest_is_worth():
    # half a level 2 is 1,100; a whole level 1 is only 700: refused; the other half of level 2 adds 1,100
    facts = [
        fact("level2", "01-01", "a", quantity=Fraction("0.5")),
        fact("level1", "02-01", "a"),
        fact("level2", "03-01", "a", quantity=Fraction("0.5")),
    ]
    statement = only(settle(GROUP, facts))
    assert (statement.gross, statement.reductions) == (2200, {"best_of": 700})


# 5 price or tier

TIERS = (Tier(2, 1000), Tier(3, 500, 400), Tier(None, 2000, 3000))


def test_tiers_are_marginal_by_running_count_and_a_maximum_lets_the_count_go_on():
    # units 1-2: 2 x 1000; unit 3: 500, at most 400; units 4-6: 3 x 2000, at most 3000 -> 2000 + 400 + 3000
    statement = only(settle([Effect("job", "per_person", tiers=TIERS)], [fact("job", "01-01", quantity=6)]))
    assert statement.gross == statement.paid == 5400
    assert statement.effects["job"].quantity == 6
    assert statement.reductions == {"tier": 100 + 3000}


def test_tiers_go_by_date_and_on_one_date_by_the_order_given():
    facts = [fact("job", "02-01", "late"), fact("job", "01-01", "x"), fact("job", "01-01", "y")]
    valuation = settle([Effect("job", "per_person", tiers=TIERS)], facts, lines=True)
    assert [(line.fact.participant, line.gross) for line in valuation.lines] == [
        ("x", 1000),
        ("y", 1000),
        ("late", 400),
    ]


def test_the_running_count_goes_on_over_statements():
    facts = [fact("job", "01-01", quantity=2), fact("job", "08-01", quantity=1)]
    first, second = settle([Effect("job", "per_person", tiers=TIERS)], facts, (JUNE, END)).statements
    assert (first.paid, second.paid) == (2000, 400)


def test_per_unit_is_price_times_quantity():
    facts = [fact("days", "01-01", "a", quantity=Fraction("2.5")), fact("days", "02-01", quantity=10)]
    statement = only(settle([Effect("days", "per_unit", price=333)], facts))
    assert statement.gross == Fraction("832.5") + 3330
    assert statement.paid == 833 + 3330  # each line is rounded half up by itself


@pytest.mark.parametrize(
    ("retroactive", "amounts"),
    [
        (False, [0, 0, 5, 10]),  # 20, then 30 reaches it with nothing beyond, then 5, then 10 units
        (True, [0, 30, 5, 10]),  # the second fact passes it: all thirty so far
    ],
)
def test_after_is_passed_when_the_running_units_of_a_person_reach_it(retroactive, amounts):
    effect = Effect("days", "per_unit", price=1, after=30, retroactive=retroactive)
    facts = [fact("days", f"0{n}-01", "a", quantity=q) for n, q in enumerate((20, 10, 5, 10), start=1)]
    facts.append(fact("days", "01-01", "b", quantity=29))
    valuation = settle([effect], facts, lines=True)
    assert [line.gross for line in valuation.lines if line.fact.participant == "a"] == amounts
    assert valuation.gross == sum(amounts)
    assert valuation.effects()["days"].quantity == sum(amounts)


STEPS = (Step(Fraction("0.5"), 100), Step(Fraction("0.6"), 300), Step(Fraction("0.8"), 400))


@pytest.mark.parametrize(
    ("between", "value", "amount"),
    [
        ("step", "0.49", 0),
        ("step", "0.5", 100),
        ("step", "0.59", 100),
        ("step", "0.9", 400),
        ("linear", "0.49", 0),
        ("linear", "0.5", 100),
        ("linear", "0.55", 200),  # half-way 100 and 300
        ("linear", "0.65", 325),  # a quarter of the way from 300 to 400
        ("linear", "0.8", 400),
        ("linear", "7", 400),
    ],
)
def test_steps(between, value, amount):
    effect = Effect("rate", "steps", steps=STEPS, between=between)
    assert settle([effect], [fact("rate", "01-01", value=Fraction(value))]).paid == amount


def test_every_steps_fact_is_computed_alone():
    facts = [fact("rate", "01-01", value=Fraction("0.5")), fact("rate", "02-01", value=Fraction("0.5"))]
    assert settle([Effect("rate", "steps", steps=STEPS)], facts).paid == 200


@pytest.mark.parametrize(
    ("threshold", "value", "amount"),
    [
        (None, 5, 0),  # below the first band
        (None, 12, 2 * 10),
        (15, 14, 0),  # below the threshold nothing
        (15, 15, 5 * 10),  # from it, all points from the first band's start
        (15, 25, 10 * 10 + 5 * 30),
        (15, 99, 10 * 10 + 10 * 30),  # nothing above the last band
    ],
)
def test_bands(threshold, value, amount):
    effect = Effect("points", "bands", bands=(Band(10, 20, 10), Band(20, 30, 30)), threshold=threshold)
    assert settle([effect], [fact("points", "01-01", value=value)]).paid == amount


def difference(**more) -> Effect:
    return Effect("events", "difference", price=1000, **{"threshold": Fraction("0.1"), **more})


def cohort(on: str, treatment: int, control: int):
    return fact("events", on, treatment=treatment, control=control)


@pytest.mark.parametrize(
    ("treatment", "avoided"),
    [(90, 10), (91, 0), (89, 11), (120, 0), (0, 100)],  # the threshold itself is enough; never below 0
)
def test_difference_pays_events_avoided_from_its_threshold(treatment, avoided):
    statement = only(settle([difference()], [cohort("01-01", treatment, 100)]))
    assert (statement.paid, statement.effects["events"].quantity) == (avoided * 1000, avoided)


def test_difference_without_threshold_pays_from_zero_and_never_below():
    facts = [cohort("01-01", 99, 100), cohort("02-01", 105, 100)]
    assert settle([difference(threshold=None)], facts).paid == 1000


def test_pooling_waits_for_the_last_statement_and_pools_every_cohort():
    # 95, 80 and 104 of 100: pooled 1 - 279/300 = 7 %; the first missed 10 % and has 5 avoided; the third has none.
    facts = [cohort("01-01", 95, 100), cohort("02-01", 80, 100), cohort("08-01", 104, 100)]
    effect = difference(pooled_threshold=Fraction("0.07"))
    valuation = settle([effect], facts, (JUNE, END), lines=True)
    assert [statement.paid for statement in valuation.statements] == [20_000, 5000]
    assert [statement.effects["events"].quantity for statement in valuation.statements] == [20, 5]
    pooled = [line for line in valuation.lines if line.statement == END and line.gross]
    assert [line.fact.on for line in pooled] == [day("01-01")]  # it carries its own fact's date


def test_pooling_fails_just_below_its_threshold_and_before_the_end():
    facts = [cohort("01-01", 95, 100), cohort("02-01", 80, 100), cohort("08-01", 104, 100)]
    assert settle([difference(pooled_threshold=Fraction("0.0701"))], facts).paid == 20_000
    assert settle([difference(pooled_threshold=Fraction("0.07"))], facts, final=False).paid == 20_000


def test_share_changes_after_the_gross_reaches_until_and_splits_the_fact_that_crosses():
    # 50 % of 1000 = 500; then 500 more of the 1000 until at 50 % uses 1000 of the 3000 avoided, 2000 x 10 % = 200
    effect = Effect("saved", "share", share=Fraction("0.5"), share_after=Fraction("0.1"), until=1000)
    facts = [fact("saved", "01-01", avoided=1000), fact("saved", "08-01", avoided=3000)]
    first, second = settle([effect], facts, (JUNE, END)).statements
    assert (first.paid, second.paid) == (500, 500 + 200)


def test_share_without_until():
    effect = Effect("saved", "share", share=Fraction("0.25"))
    assert settle([effect], [fact("saved", "01-01", avoided=1002)]).paid == 251  # 250.5 half up


def test_fee_is_price_times_count():
    statement = only(settle([Effect("start", "fee", price=250)], [fact("start", "01-01", quantity=4)]))
    assert (statement.paid, statement.effects["start"].quantity) == (1000, 4)


def test_a_count_of_nothing_is_legal():
    assert settle([job()], [fact("job", "01-01", quantity=0)]).paid == 0


# 6 deadweight and the one rounding


def test_deadweight_is_taken_off_the_gross_and_the_line_is_rounded_half_up_once():
    # 1002 - 25 % = 751.5 -> 752, twice: 1504; the sum 2004 - 25 % = 1503 would be one cent less
    effect = job(price=1002, deadweight=Fraction("0.25"))
    statement = only(settle([effect], [fact("job", "01-01", "a"), fact("job", "01-01", "b")]))
    assert statement.gross == 2004
    assert statement.paid == 2 * 752
    assert statement.reductions == {"deadweight": 501, "rounding": -1}


def test_rounding_to_whole_euros_leaves_gross_exact():
    facts = [fact("job", "01-01", who) for who in "abc"]
    statement = only(settle([job(price=12_350)], facts, step=100))
    assert (statement.gross, statement.paid) == (3 * 12_350, 3 * 12_400)
    assert statement.reductions == {"rounding": -150}


# 13 VAT


def test_vat_comes_out_of_each_line_half_up():
    # 1000 / 1.21 = 826.446 -> 826 per line; 3000 / 1.21 = 2479.3 -> 2479 would be wrong
    statement = only(settle([job()], [fact("job", "01-01", who) for who in "abc"], vat_rate=Fraction("0.21")))
    assert (statement.paid, statement.net) == (3000, 3 * 826)
    assert statement.reductions == {"vat": 3000 - 3 * 826}


def test_vat_nets_are_rounded_to_the_step():
    statement = only(settle([job(price=100_000)], [fact("job", "01-01", "a")], step=100, vat_rate=Fraction("0.21")))
    assert statement.net == 82_600  # 826.446 euro


# lines and statements


def test_a_line_explains_itself_and_carries_the_callers_key():
    claim = fact("job", "01-01", "a", key="claim-7")
    again = fact("job", "02-01", "a", key="claim-8")
    caps = Caps(per_person=600)
    effect = job(deadweight=Fraction("0.1"))
    valuation = settle([effect], [claim, again], caps=caps, vat_rate=Fraction("0.2"), lines=True)
    first, second = valuation.lines
    assert (first.fact.key, second.fact.key) == ("claim-7", "claim-8")
    assert [tuple(step) for step in first.steps] == [
        ("price", 0, 1000),
        ("deadweight", 1000, 900),
        ("caps.per_person", 900, 600),
        ("vat", 600, 500),
    ]
    assert [tuple(step) for step in second.steps] == [("max_per_person", 1000, 0), ("vat", 0, 0)]
    assert (first.gross, first.paid, first.net, first.payers) == (1000, 600, 500, {"city": 600})


def test_lines_are_only_made_when_asked_for():
    assert settle([job()], [fact("job", "01-01", "a")]).lines == []


def test_all_payers_stand_in_every_statement():
    payers = (Payer("one"), Payer("two"))
    statement = only(settle([job()], [fact("job", "01-01", "a", payer="two")], payers=payers, rule="residence"))
    assert list(statement.payers.items()) == [("one", 0), ("two", 1000)]


# what the run leaves behind


def test_a_run_leaves_nothing_that_only_a_search_for_circles_would_free():
    """The collector rests while it runs: a circle among a million lines would stay in memory until it looked again."""
    carried = Caps(
        periods=(Period(date(2024, 1, 1), JUNE, 1500), Period(date(2024, 7, 1), END, 1500)), overshoot="carried"
    )
    facts = [fact("job", "01-01", f"person {number}") for number in range(5)]

    def run():
        for reduce in ("latest_first", "pro_rata"):
            assert settle([job()], facts, (JUNE, END), caps=replace(carried, reduce=reduce)).statements[1].paid

    run()  # what is imported at first use makes circles of its own
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.disable()
    try:
        run()
        gc.collect()
        assert not [one for one in gc.garbage if type(one).__module__.startswith("app.pricing")]
    finally:
        gc.enable()
        gc.set_debug(0)
        gc.garbage.clear()


def test_the_collector_is_on_again_also_after_a_fault():
    settle([job()], [fact("job", "01-01", "a")])
    assert gc.isenabled()
    with pytest.raises(KeyError):
        settle([job()], [fact("dance", "01-01", "a")])
    assert gc.isenabled()
