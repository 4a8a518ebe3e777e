"""Steps 7-12: caps, what becomes of what they cut, and the payers' parts. Source: replay/1, caps and fine print."""

from datetime import date
from fractions import Fraction

import pytest

from app.pricing.terms import Caps, Effect, Payer, Period
from tests.pricing.build import END, fact, only, settle

JUNE = date(2024, 6, 30)
H1 = Period(date(2024, 1, 1), JUNE, 100)
H2 = Period(date(2024, 7, 1), END, 100)
JOB = Effect("job", "per_person", price=80)
HOME = Effect("home", "per_person", price=80)
TWO = (Payer("x"), Payer("y"))


def paid_lines(valuation) -> list[tuple[object, int]]:
    return [(line.fact.key, line.paid) for line in valuation.lines]


# 7 cap per person


def test_the_cap_per_person_cuts_the_newest_facts_and_holds_over_statements():
    facts = [fact("home", "08-01", "a", key=2), fact("job", "01-01", "a", key=1), fact("job", "08-01", "b", key=3)]
    valuation = settle([JOB, HOME], facts, (JUNE, END), caps=Caps(per_person=100), lines=True)
    assert paid_lines(valuation) == [(1, 80), (2, 20), (3, 80)]
    assert [statement.reductions for statement in valuation.statements] == [{}, {"caps.per_person": 60}]


def test_on_one_date_the_later_in_the_file_loses_first():
    facts = [fact("job", "01-01", "a", key=1), fact("home", "01-01", "a", key=2)]
    assert paid_lines(settle([JOB, HOME], facts, caps=Caps(per_person=100), lines=True)) == [(1, 80), (2, 20)]
    assert paid_lines(settle([JOB, HOME], facts[::-1], caps=Caps(per_person=100), lines=True)) == [(2, 80), (1, 20)]


# 8 maximum count and amount per effect


def test_max_count_takes_the_newest_units_off_at_the_lines_average_amount():
    # 3 units stay of the 10 of the second line: 1005 x 3 / 10 = 301.5 -> 302 (half up); average, not price
    effect = Effect("days", "per_unit", price=201, deadweight=Fraction("0.5"), max_count=8)
    facts = [fact("days", "01-01", quantity=5), fact("days", "02-01", quantity=10)]
    statement = only(settle([effect], facts))
    assert statement.paid == 503 + 302  # 502.5 half up, and 302
    assert statement.reductions["effect.max_count"] == 1005 - 302


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_max_count_takes_the_newest_off_also_under_pro_rata(reduce):
    facts = [fact("job", "02-01", "b", key=2), fact("job", "01-01", "a", key=1), fact("job", "03-01", "c", key=3)]
    effect = Effect("job", "per_person", price=80, max_count=2)
    assert paid_lines(settle([effect], facts, caps=Caps(reduce=reduce), lines=True)) == [(1, 80), (2, 80), (3, 0)]


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_units_that_count_already_take_what_a_later_step_frees(reduce, lines):
    """Money cut later frees room within the same statement: the home is paid nothing, so its share of the person's
    cap goes to the two jobs, which are within their maximum count."""
    effects = [
        Effect("home", "per_person", price=80, max_amount=0),
        Effect("job", "per_person", price=80, max_count=2, max_per_person=2),
    ]
    facts = [fact("home", "01-01", "a", key=1), fact("job", "01-02", "a", key=2), fact("job", "01-03", "a", key=3)]
    valuation = settle(effects, facts, caps=Caps(per_person=100, reduce=reduce), lines=lines)
    assert valuation.paid == 100
    if lines:
        paid = [amount for _key, amount in paid_lines(valuation)]
        assert paid == ([0, 80, 20] if reduce == "latest_first" else [0, 50, 50])


def test_max_amount_is_for_the_whole_bond():
    effect = Effect("job", "per_person", price=80, max_amount=100)
    facts = [fact("job", "01-01", "a"), fact("job", "08-01", "b"), fact("job", "09-01", "c")]
    first, second = settle([effect], facts, (JUNE, END)).statements
    assert (first.paid, second.paid, second.reductions) == (80, 20, {"effect.max_amount": 140})


def test_each_step_shows_the_cut_on_what_reaches_it():
    # gross 500; the effect lets 300 through, of which the contract lets 250: 200 and 50
    effect = Effect("job", "per_person", price=100, max_amount=300)
    facts = [fact("job", "01-01", who) for who in "abcde"]
    statement = only(settle([effect], facts, caps=Caps(contract=250)))
    assert statement.reductions == {"effect.max_amount": 200, "caps.contract": 50}


# Caps count what is finally paid


def test_money_cut_later_frees_no_room_in_an_earlier_statement():
    # June owes x's 80 and, within the person's 100, 20 of y's 80; the period has nothing, both are carried. December
    # loses x's 80 to its ceiling. The 60 that June cut from y are not paid after all.
    payers = (Payer("x", ceiling=0), Payer("y"))
    caps = Caps(per_person=100, periods=(Period(H1.start, H1.end, 0), H2), overshoot="carried")
    facts = [fact("job", "01-01", "a", payer="x"), fact("home", "02-01", "a", payer="y")]
    first, second = settle([JOB, HOME], facts, (JUNE, END), payers=payers, rule="residence", caps=caps).statements
    assert first.reductions == {"caps.per_person": 60, "caps.periods": 100}
    assert (second.payers, second.reductions) == ({"x": 0, "y": 20}, {"payer.ceiling": 80})


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_money_cut_later_frees_room_within_the_same_statement(reduce):
    # x pays at most 50 of its 80; so the person's cap of 100 has 50 left for y, not 20.
    payers = (Payer("x", ceiling=50), Payer("y"))
    facts = [fact("job", "01-01", "a", payer="x"), fact("home", "02-01", "a", payer="y")]
    caps = Caps(per_person=100, reduce=reduce)
    statement = only(settle([JOB, HOME], facts, payers=payers, rule="residence", caps=caps))
    assert statement.payers == {"x": 50, "y": 50}
    assert sum(statement.reductions.values()) == 160 - 100


def test_a_cap_counts_what_was_paid_and_not_what_was_asked_before():
    # June pays 30 of 80 (period cap, lost): December has 100 - 30 = 70 left in the effect's maximum.
    effect = Effect("job", "per_person", price=80, max_amount=100, max_count=5)
    caps = Caps(periods=(Period(H1.start, H1.end, 30),))
    facts = [fact("job", "01-01", "a"), fact("job", "08-01", "b")]
    assert [statement.paid for statement in settle([effect], facts, (JUNE, END), caps=caps).statements] == [30, 70]


def test_a_unit_that_was_never_paid_leaves_its_place_in_max_count():
    effect = Effect("job", "per_person", price=80, max_count=2)
    caps = Caps(periods=(Period(H1.start, H1.end, 80),))
    facts = [fact("job", "01-01", "a"), fact("job", "02-01", "b"), fact("job", "08-01", "c"), fact("job", "09-01", "d")]
    assert [statement.paid for statement in settle([effect], facts, (JUNE, END), caps=caps).statements] == [80, 80]


# 9 period caps


def test_period_caps_go_by_the_statements_date_and_outside_all_periods_there_is_none():
    facts = [fact("job", "06-15", "a"), fact("job", "06-15", "b")]
    caps = Caps(periods=(H1,))
    assert settle([JOB], facts, (JUNE,), caps=caps).paid == 100
    assert settle([JOB], facts, (END,), caps=caps).paid == 160  # proven in the period, stated after it


def test_overshoot_is_lost_unless_carried():
    facts = [fact("job", "01-01", "a"), fact("job", "01-01", "b"), fact("job", "08-01", "c")]
    first, second = settle([JOB], facts, (JUNE, END), caps=Caps(periods=(H1, H2))).statements
    assert (first.paid, second.paid) == (100, 80)
    first, second = settle([JOB], facts, (JUNE, END), caps=Caps(periods=(H1, H2), overshoot="carried")).statements
    assert (first.paid, second.paid) == (100, 100)  # 60 carried first, then 40 of the new 80
    assert (first.gross, second.gross) == (160, 80)  # carried money is never in gross again
    assert (first.reductions, second.reductions) == ({"caps.periods": 60}, {"caps.periods": 40})


def test_carried_money_is_paid_oldest_first_to_the_same_payer_and_its_remainder_is_a_cut_again():
    periods = tuple(Period(date(2024, m, 1), date(2024, m, 28), 50) for m in (1, 2, 3))
    on = tuple(period.end for period in periods)
    facts = [
        fact("job", "01-01", "a", payer="y", key=1),
        fact("job", "01-02", "b", payer="x", key=2),
        fact("job", "02-01", "c", payer="y", key=3),
    ]
    caps = Caps(periods=periods, overshoot="carried")
    valuation = settle([JOB], facts, on, payers=TWO, rule="residence", caps=caps, lines=True)
    # January: a 50 of 80, b 0. February: a's 30, then 20 of b's 80, nothing of c. March: 50 of b's 60.
    assert [statement.payers for statement in valuation.statements] == [
        {"x": 0, "y": 50},
        {"x": 20, "y": 30},
        {"x": 50, "y": 0},
    ]
    cut = [statement.reductions["caps.periods"] for statement in valuation.statements]
    assert cut == [30 + 80, 60 + 80, 10 + 80]
    assert [line.carried for line in valuation.lines if line.fact.key == 2] == [False, True, True]


def test_nothing_carried_is_paid_outside_all_periods():
    july = Period(date(2024, 9, 1), END, 100)
    facts = [fact("job", "01-01", "a"), fact("job", "01-01", "b")]
    caps = Caps(periods=(H1, july), overshoot="carried")
    statements = settle([JOB], facts, (JUNE, date(2024, 8, 1), END), caps=caps).statements
    assert [statement.paid for statement in statements] == [100, 0, 60]
    assert statements[1].reductions == {}


def test_carried_money_goes_through_the_later_steps_and_what_they_cut_is_lost():
    facts = [fact("job", "01-01", "a"), fact("job", "01-01", "b")]
    caps = Caps(periods=(H1, H2), overshoot="carried", contract=120)
    first, second = settle([JOB], facts, (JUNE, END), caps=caps, vat_rate=Fraction(1)).statements
    assert (first.paid, second.paid, second.net) == (100, 20, 10)
    assert second.reductions == {"caps.contract": 40, "vat": 10}


def test_what_is_carried_keeps_its_room_in_the_caps_it_has_passed():
    # The person's 100 are 80 (carried whole, the period has nothing) and 20; later both are paid and no more.
    caps = Caps(per_person=100, periods=(Period(H1.start, H1.end, 0), H2), overshoot="carried")
    facts = [fact("job", "01-01", "a"), fact("home", "02-01", "a")]
    first, second = settle([JOB, HOME], facts, (JUNE, END), caps=caps).statements
    assert (first.paid, second.paid) == (0, 100)
    assert first.reductions == {"caps.per_person": 60, "caps.periods": 100}


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
@pytest.mark.parametrize("limit", ["caps.per_person", "effect.max_amount", "effect.max_count"])
def test_what_is_carried_leaves_no_room_for_what_comes_later(reduce, limit):
    """June pays nothing of two effects of 80 and carries what the limit lets through: 100, or one unit of 80. December
    pays that, and nothing of the third: the fine print's "money that is still owed keeps its room"."""
    caps = Caps(
        per_person=100 if limit == "caps.per_person" else None,
        periods=(Period(H1.start, H1.end, 0), Period(H2.start, H2.end, 10_000)),
        reduce=reduce,
        overshoot="carried",
    )
    most = {"effect.max_amount": {"max_amount": 100}, "effect.max_count": {"max_count": 1}}.get(limit, {})
    effect = Effect("job", "per_person", price=80, max_per_person=None, **most)
    facts = [fact("job", "01-01", "a"), fact("job", "02-01", "a"), fact("job", "08-01", "a")]
    first, second = settle([effect], facts, (JUNE, END), caps=caps).statements
    due = 80 if limit == "effect.max_count" else 100
    assert (first.paid, first.reductions) == (0, {limit: 160 - due, "caps.periods": due})
    assert (second.paid, second.reductions) == (due, {limit: 80})


@pytest.mark.parametrize("lines", [True, False])
@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
@pytest.mark.parametrize("limit", ["max_count", "max_amount"])
def test_what_step_8_cut_leaves_the_persons_room_to_a_line_that_only_the_period_cuts(limit, reduce, lines):
    """Caps count what is finally paid, and money cut later frees its room within the same statement (fine print). The
    effect `once` may pay nothing, so all of the person's cap is for `often`: only the period cuts it, and it is owed.
    """
    once = Effect("once", "per_person", price=1, **{limit: 0})
    often = Effect("often", "per_person", price=1, requires=("once",))
    periods = (Period(H1.start, H1.end, 0), H2)
    caps = Caps(per_person=1, periods=periods, reduce=reduce, overshoot="carried")
    facts = [fact("once", "01-01", "a"), fact("often", "02-01", "a"), fact("once", "08-01", "b")]
    first, second = settle([once, often], facts, (JUNE, END), caps=caps, lines=lines).statements
    assert (first.paid, first.reductions) == (0, {f"effect.{limit}": 1, "caps.periods": 1})
    assert (second.paid, second.reductions) == (1, {f"effect.{limit}": 1})


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_what_is_carried_in_several_passes_keeps_one_place_in_max_count_for_each_unit(reduce):
    """The person's 100 are for two jobs of 80, one home of 80 that may pay nothing, and the period has no room. Two
    units of `job` are owed, cut to 100 by the person; of December's two jobs of others one is the last of at most 3."""
    job = Effect("job", "per_person", price=80, max_per_person=None, max_count=3)
    home = Effect("home", "per_person", price=80, max_amount=0)
    periods = (Period(H1.start, H1.end, 0), Period(H2.start, H2.end, 10_000))
    caps = Caps(per_person=100, periods=periods, reduce=reduce, overshoot="carried")
    facts = [fact("home", "01-01", "a"), fact("job", "02-01", "a"), fact("job", "03-01", "a")]
    facts += [fact("job", "08-01", "b"), fact("job", "09-01", "c")]
    first, second = settle([job, home], facts, (JUNE, END), caps=caps).statements
    assert (first.paid, first.reductions["caps.periods"]) == (0, 100)
    assert (second.paid, second.reductions) == (180, {"effect.max_count": 80})


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_what_is_carried_keeps_its_room_when_lines_are_shared_out_in_several_passes(reduce):
    """x can pay 10 of its 80, y has no ceiling. The person's 100 are shared anew over what the ceiling left, as far as
    the period of 60 lets it: whatever June pays and carries, December's new home finds the person's 100 in use."""
    payers = (Payer("x", ceiling=10), Payer("y"))
    caps = Caps(
        per_person=100,
        periods=(Period(H1.start, H1.end, 60), Period(H2.start, H2.end, 10_000)),
        reduce=reduce,
        overshoot="carried",
    )
    care = Effect("care", "per_person", price=80)
    facts = [fact("job", "01-01", "a", payer="x"), fact("home", "02-01", "a", payer="y")]
    facts += [fact("care", "08-01", "a", payer="y")]
    both = settle([JOB, HOME, care], facts, (JUNE, END), payers=payers, rule="residence", caps=caps)
    assert both.statements[0].paid == 60
    assert both.paid == 100
    assert sum(statement.payers["x"] for statement in both.statements) <= 10


def test_carried_money_that_is_finally_cut_frees_its_room_within_that_statement():
    # x can pay nothing: its carried 80 is lost in December, and the person's cap has its 100 for the new home.
    payers = (Payer("x", ceiling=0), Payer("y"))
    caps = Caps(per_person=100, periods=(Period(H1.start, H1.end, 0), H2), overshoot="carried")
    facts = [fact("job", "01-01", "a", payer="x"), fact("home", "08-01", "a", payer="y")]
    first, second = settle([JOB, HOME], facts, (JUNE, END), payers=payers, rule="residence", caps=caps).statements
    assert (first.paid, second.payers) == (0, {"x": 0, "y": 80})


# 10 and 11


def test_a_payers_ceiling_is_for_the_whole_bond_and_never_shifted_to_another():
    payers = (Payer("x", ceiling=100), Payer("y"))
    facts = [
        fact("job", "01-01", "a", payer="x"),
        fact("job", "08-01", "b", payer="x"),
        fact("job", "08-02", "c", payer="y"),
    ]
    first, second = settle([JOB], facts, (JUNE, END), payers=payers, rule="residence").statements
    assert (first.payers, second.payers) == ({"x": 80, "y": 0}, {"x": 20, "y": 80})
    assert second.reductions == {"payer.ceiling": 60}


def test_the_contract_cap_is_for_the_whole_bond():
    facts = [fact("job", "01-01", "a"), fact("job", "08-01", "b")]
    first, second = settle([JOB], facts, (JUNE, END), caps=Caps(contract=90)).statements
    assert (first.paid, second.paid, second.reductions) == (80, 10, {"caps.contract": 70})


def test_caps_let_only_whole_steps_through():
    statement = only(
        settle([Effect("job", "per_person", price=300)], [fact("job", "01-01", "a")], step=100, caps=Caps(contract=250))
    )
    assert statement.paid == 200


# reduce: pro_rata


def test_pro_rata_cuts_each_line_by_its_share_with_the_largest_remainder():
    # 100 over 50, 80 and 80: 23.8, 38.1, 38.1 -> 24, 38, 38
    facts = [fact("small", "01-01", "a", key=1), fact("job", "02-01", "b", key=2), fact("job", "03-01", "c", key=3)]
    caps = Caps(contract=100, reduce="pro_rata")
    valuation = settle([Effect("small", "per_person", price=50), JOB], facts, caps=caps, lines=True)
    assert paid_lines(valuation) == [(1, 24), (2, 38), (3, 38)]


def test_pro_rata_on_equal_remainders_the_later_in_the_file_loses_first():
    facts = [fact("job", "01-01", "a", key=1), fact("job", "01-01", "b", key=2), fact("job", "01-01", "c", key=3)]
    assert paid_lines(settle([JOB], facts, caps=Caps(contract=100, reduce="pro_rata"), lines=True)) == [
        (1, 34),
        (2, 33),
        (3, 33),
    ]


def test_pro_rata_weighs_by_the_amounts_that_enter_the_step():
    # a's 160 enter the contract's step as 100 (cap per person), beside b's 80: 90 over 100 and 80 is 50 and 40
    facts = [fact("job", "01-01", "a"), fact("home", "01-01", "a"), fact("job", "01-01", "b", key="b")]
    caps = Caps(per_person=100, contract=90, reduce="pro_rata")
    valuation = settle([JOB, HOME], facts, caps=caps, lines=True)
    assert dict(paid_lines(valuation))["b"] == 40
    assert only(valuation).reductions == {"caps.per_person": 60, "caps.contract": 90}


def test_pro_rata_carries_each_lines_cut():
    facts = [fact("job", "01-01", "a", payer="x"), fact("job", "01-01", "b", payer="y")]
    caps = Caps(periods=(H1, H2), reduce="pro_rata", overshoot="carried")
    first, second = settle([JOB], facts, (JUNE, END), payers=TWO, rule="residence", caps=caps).statements
    assert (first.payers, second.payers) == ({"x": 50, "y": 50}, {"x": 30, "y": 30})


# 12 split over payers


def test_weights_are_normalised_and_the_largest_remainder_gets_the_odd_cent_ties_to_the_first():
    payers = (Payer("x", weight=Fraction("0.5")), Payer("y", weight=Fraction("0.5")), Payer("z", weight=2))
    # 101 by 1 : 1 : 4 -> 16.83, 16.83, 67.33 -> 17, 17, 67
    statement = only(settle([Effect("e", "fee", price=101)], [fact("e", "01-01")], payers=payers, rule="weight"))
    assert statement.payers == {"x": 17, "y": 17, "z": 67}
    statement = only(settle([Effect("e", "fee", price=1)], [fact("e", "01-01")], payers=TWO, rule="weight"))
    assert statement.payers == {"x": 1, "y": 0}


@pytest.mark.parametrize("reduce", ["latest_first", "pro_rata"])
def test_under_weight_a_payers_ceiling_cuts_its_own_part_and_the_other_pays_no_more(reduce):
    payers = (Payer("x", ceiling=30), Payer("y"))
    facts = [fact("job", "01-01", "a"), fact("job", "02-01", "b")]
    statement = only(settle([JOB], facts, payers=payers, rule="weight", caps=Caps(reduce=reduce)))
    assert statement.payers == {"x": 30, "y": 80}
    assert statement.reductions == {"payer.ceiling": 50}


def test_parts_are_whole_steps():
    statement = only(settle([Effect("e", "fee", price=500)], [fact("e", "01-01")], payers=TWO, rule="weight", step=100))
    assert statement.payers == {"x": 300, "y": 200}
