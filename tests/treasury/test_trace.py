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
