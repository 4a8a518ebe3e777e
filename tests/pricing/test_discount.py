"""A discount that a plan won with comes off every amount of its own lot: after deadweight, before the one rounding."""

from datetime import date
from fractions import Fraction

from app.pricing.gross import Taken
from app.pricing.terms import Caps, Effect, Fact, Payer, Terms
from app.pricing.valuation import value

DAY = date(2026, 6, 30)


def terms(**facts):
    effects = (
        Effect("work", "per_person", price=250_000, deadweight=Fraction(1, 5)),
        Effect("fee", "fee", price=1_001),
    )
    return Terms(effects=effects, payers=(Payer("city"),), payer_rule="residence", **facts)


def fact(participant, under, effect="work"):
    return Fact(effect, DAY, participant=participant, payer="city", under=under)


def test_each_fact_goes_under_its_own_lot():
    facts = [fact("a", "west"), fact("b", "east"), fact("c", "north")]
    found = value(terms(discounts={"west": Fraction(1, 10), "east": Fraction(1, 20)}), facts, [DAY], lines=True)
    assert [line.paid for line in found.lines] == [180_000, 190_000, 200_000]
    assert found.lines[0].steps == [
        Taken("price", 0, 250_000),
        Taken("deadweight", 250_000, 200_000),
        Taken("discount", 200_000, 180_000),
    ]
    assert found.statements[0].reductions == {"deadweight": 150_000, "discount": 30_000}


def test_it_is_rounded_once_half_up():
    """1,001 less 50 % is 500.5 cents: 501. Rounded half down, or a second time, it would be 500."""
    found = value(terms(discounts={None: Fraction(1, 2)}), [fact(None, None, "fee")], [DAY], lines=True)
    assert found.lines[0].steps == [
        Taken("price", 0, 1_001),
        Taken("discount", 1_001, Fraction(1001, 2)),
        Taken("rounding", Fraction(1001, 2), 501),
    ]


def test_caps_bind_what_is_left_after_it():
    """A ceiling is money of the payer: the discount leaves more room under it."""
    capped = terms(discounts={"west": Fraction(1, 10)}, caps=Caps(contract=360_000))
    found = value(capped, [fact("a", "west"), fact("b", "west")], [DAY])
    assert found.paid == 360_000
    assert "caps.contract" not in found.statements[0].reductions


def test_without_discounts_nothing_changes():
    facts = [fact("a", "west"), fact("b", None)]
    plain, other = value(terms(), facts, [DAY]), value(terms(discounts={"south": Fraction(1, 2)}), facts, [DAY])
    assert (plain.paid, plain.statements) == (other.paid, other.statements) and plain.paid == 400_000
