"""By purpose, then first in, first out: every cent that goes out came in with something, and is counted once."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from app.treasury.trace import Link, Movement, Purse, left_and_borrowed, links

A, B, C, D = (uuid.UUID(int=n) for n in range(1, 5))


def cash(id, amount, purse=Purse.CAPITAL):
    return Movement(id, abs(amount), amount > 0, purse)


def test_each_purse_pays_for_what_it_was_meant_for():
    """Costs from capital, distributions from outcomes; an empty purse borrows from the other."""
    flow = [cash(A, 100), cash(B, 60, Purse.OUTCOMES), cash(C, -70, Purse.OUTCOMES), cash(D, -90)]
    assert links(flow) == [Link(B, C, 60), Link(A, C, 10), Link(A, D, 90)]


def test_what_came_first_goes_first():
    flow = [cash(A, 100), cash(B, 50), cash(C, -120), cash(D, -10)]
    assert links(flow) == [Link(A, C, 100), Link(B, C, 20), Link(B, D, 10)]


def test_money_does_not_go_back_in_time():
    assert links([cash(C, -70), cash(A, 100), cash(D, -40)]) == [Link(A, D, 40)]


def test_what_is_set_off_is_a_payment_from_then_on():
    """The receipt paid the set-off, the set-off the distribution; not the capital that is there as well. What is set
    off of one municipality takes nothing of another's."""
    one, other = uuid.UUID(int=11), uuid.UUID(int=12)
    came = [Movement(id, 50, True, Purse.CREDIT, party) for id, party in ((A, other), (B, one))]
    off = Movement(C, 20, False, Purse.CREDIT, one, sets_off=True)
    out = Movement(D, 20, False, Purse.OUTCOMES)
    capital = cash(uuid.UUID(int=5), 100)
    assert links([capital, *came, off, out]) == [Link(B, C, 20), Link(C, D, 20)]
    more = Movement(C, 80, False, Purse.CREDIT, one, sets_off=True)
    back = Movement(D, 60, False, Purse.CREDIT, other)
    assert links([*came, more, back]) == [Link(B, C, 50), Link(A, D, 50), Link(C, D, 10)]


def test_what_was_booked_back_is_no_source():
    """100 of A pay 70; A is booked back: the 70 are made of B, and the reversal takes nothing else."""
    flow = [cash(A, 100), cash(B, 80), cash(C, -70), Movement(D, 100, False, Purse.CAPITAL, undoes=A)]
    assert links(flow) == [Link(B, C, 70)]
    unused = [cash(A, 100), Movement(D, 100, False, Purse.CAPITAL, undoes=A), cash(B, 80), cash(C, -70)]
    assert links(unused) == [Link(B, C, 70)]


def test_what_came_back_goes_out_again_first():
    """C paid 70 from A and came back: the next payment is made of A, and C of nothing."""
    again = uuid.UUID(int=5)
    flow = [cash(A, 100), cash(B, 80), cash(C, -70), Movement(D, 70, True, Purse.CAPITAL, undoes=C), cash(again, -110)]
    assert links(flow) == [Link(A, again, 100), Link(B, again, 10)]


def test_in_sums_a_purse_that_is_empty_borrows_from_the_other():
    flow = [cash(A, 100), cash(B, 60, Purse.OUTCOMES), cash(C, -70, Purse.OUTCOMES), cash(D, -95)]
    left, borrowed = left_and_borrowed(flow)
    assert not any(left.values()) and borrowed == {C: 10}
    assert left_and_borrowed([*flow[:2], cash(D, -130)])[1] == {D: 30}


@given(st.lists(st.tuples(st.integers(1, 10_000), st.booleans(), st.sampled_from(Purse)), max_size=60))
def test_no_cent_is_lost_or_counted_twice(steps):
    flow, hand = [], 0
    for number, (amount, incoming, purse) in enumerate(steps):
        amount = amount if incoming else min(amount, hand)
        if amount:
            flow.append(Movement(uuid.UUID(int=number), amount, incoming, purse))
            hand += amount if incoming else -amount
    found = links(flow)
    for movement in flow:
        used = sum(link.amount_minor for link in found if movement.id in (link.use, link.source))
        assert used <= movement.amount_minor if movement.incoming else used == movement.amount_minor
    assert sum(m.amount_minor for m in flow if m.incoming) - sum(link.amount_minor for link in found) == hand
    came = {movement.id: movement for movement in flow if movement.incoming}
    meant = {movement.id: movement.purse for movement in flow}
    left, borrowed = left_and_borrowed(flow)
    for purse in Purse:
        used = sum(link.amount_minor for link in found if meant[link.source] == purse)
        assert left[purse] == sum(one.amount_minor for one in came.values() if one.purse == purse) - used
    for use in meant.keys() - came.keys():
        mine = [link.amount_minor for link in found if link.use == use and meant[link.source] != meant[use]]
        assert borrowed.get(use, 0) == sum(mine), "sums and cents tell the same"


@given(st.lists(st.tuples(st.integers(1, 10_000), st.sampled_from(("in", "out", "undo"))), max_size=60))
def test_of_what_stands_each_cent_is_used_or_left_and_of_what_was_booked_back_none(steps):
    """Receipts, payments and their reversals in any order, never below zero: each payment that stands is wholly made of
    receipts that stand, and what these have left is what is on the account."""
    flow, hand, standing = [], 0, []
    for number, (amount, what) in enumerate(steps):
        purse, undone = list(Purse)[amount % 3], None
        incoming = what == "in"
        if what == "undo":
            undone = next((one for one in standing if not one.incoming or one.amount_minor <= hand), None)
            if undone is None:
                continue
            standing.remove(undone)
            amount, incoming, purse = undone.amount_minor, not undone.incoming, undone.purse
        amount = amount if incoming else min(amount, hand)
        if not amount:
            continue
        made = Movement(uuid.UUID(int=number), amount, incoming, purse, undoes=undone and undone.id)
        flow.append(made)
        standing += [] if undone else [made]
        hand += amount if incoming else -amount
    found = links(flow)
    stands = {one.id: one for one in standing}
    assert all(link.source in stands and link.use in stands and link.amount_minor > 0 for link in found)
    for one in standing:
        moved = sum(link.amount_minor for link in found if one.id in (link.source, link.use))
        assert moved <= one.amount_minor if one.incoming else moved == one.amount_minor
    came = sum(one.amount_minor for one in standing if one.incoming)
    assert came - sum(link.amount_minor for link in found) == hand


def paid_with_vat(id, minor, vat, **facts):
    return Movement(id, minor, True, Purse.OUTCOMES, vat_minor=vat, **facts)


def test_vat_is_paid_of_the_vat_that_municipalities_paid_and_the_rest_reaches_investors():
    """Capital of 100 and a payment of 121 with 21 of VAT: the 21 go to the tax authority though capital was first."""
    flow = [cash(A, 100), paid_with_vat(B, 121, 21), Movement(C, 21, False, Purse.VAT), cash(D, -150, Purse.OUTCOMES)]
    assert links(flow) == [Link(B, C, 21), Link(B, D, 100), Link(A, D, 50)]
    assert links([flow[0], flow[1], flow[3], flow[2]]) == [Link(B, D, 100), Link(A, D, 50), Link(B, C, 21)]


def test_vat_that_was_given_back_to_a_municipality_is_taken_of_the_next():
    """5 of VAT are owed no more when none is there: of the next 21 only 16 are kept for the tax authority."""
    freed = Movement(A, 5, False, Purse.VAT, frees=True)
    left, _borrowed = left_and_borrowed([freed, paid_with_vat(B, 121, 21)])
    assert (left[Purse.VAT], left[Purse.OUTCOMES]) == (16, 105)
    left, _borrowed = left_and_borrowed([paid_with_vat(B, 121, 21), freed])
    assert (left[Purse.VAT], left[Purse.OUTCOMES]) == (16, 105)
    back = Movement(C, 5, True, Purse.VAT)  # the tax authority gives it back
    assert left_and_borrowed([freed, back])[0][Purse.OUTCOMES] == 5


def test_the_guarantor_pays_what_the_distribution_says_and_gets_the_rest():
    """Of 60 of the guarantor 40 are paid out, to the tranche that it covers; the other part is of the capital of 30
    that nobody spent, and 20 go back."""
    one, back = uuid.UUID(int=11), uuid.UUID(int=12)
    came = [cash(A, 30), Movement(B, 60, True, Purse.GUARANTEE)]
    freed = Movement(one, 40, False, Purse.GUARANTEE, one, frees=True)
    out = [cash(C, -10, Purse.OUTCOMES), Movement(D, 40, False, Purse.GUARANTEE, one)]
    given = Movement(back, 20, False, Purse.GUARANTEE)
    assert links([*came, freed, *out, given]) == [Link(A, C, 10), Link(B, D, 40), Link(B, back, 20)]


def test_a_payment_of_vat_that_came_back_goes_out_as_vat_again():
    paid, again = Movement(B, 21, False, Purse.VAT), Movement(D, 21, False, Purse.VAT)
    back = Movement(C, 21, True, Purse.VAT, undoes=B)
    out = cash(uuid.UUID(int=5), -100, Purse.OUTCOMES)
    assert links([paid_with_vat(A, 121, 21), paid, back, out, again])[-1] == Link(A, D, 21)
    assert left_and_borrowed([paid_with_vat(A, 121, 21), paid, back])[0][Purse.VAT] == 21
