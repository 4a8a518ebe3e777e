"""First in, first out, pure: every cent that goes out came in with something, and is counted once."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from app.treasury.trace import Link, Movement, links

A, B, C, D = (uuid.UUID(int=n) for n in range(1, 5))


def test_what_came_first_goes_first():
    flow = [Movement(A, 100, True), Movement(B, 50, True), Movement(C, 120, False), Movement(D, 10, False)]
    assert links(flow) == [Link(A, C, 100), Link(B, C, 20), Link(B, D, 10)]


def test_money_does_not_go_back_in_time():
    assert links([Movement(C, 70, False), Movement(A, 100, True), Movement(D, 40, False)]) == [Link(A, D, 40)]


@given(st.lists(st.tuples(st.integers(1, 10_000), st.booleans()), max_size=60))
def test_no_cent_is_lost_or_counted_twice(steps):
    flow, hand = [], 0
    for number, (amount, incoming) in enumerate(steps):
        amount = amount if incoming else min(amount, hand)
        if amount:
            flow.append(Movement(uuid.UUID(int=number), amount, incoming))
            hand += amount if incoming else -amount
    found = links(flow)
    for movement in flow:
        used = sum(link.amount_minor for link in found if movement.id in (link.use, link.source))
        assert used <= movement.amount_minor if movement.incoming else used == movement.amount_minor
    assert sum(m.amount_minor for m in flow if m.incoming) - sum(link.amount_minor for link in found) == hand
