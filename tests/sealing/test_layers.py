"""Any two of several officials open, in either order; one alone does not, whatever lies in the database."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sealing import DoesNotOpen
from app.sealing.envelope import make_pair, open_
from app.sealing.layers import peel, unwrap, wrap

CALL = make_pair()
PEOPLE = {name: make_pair() for name in ("a", "b", "c", "d")}


def wrapped(names, *purpose):
    return wrap(CALL.private, {name: PEOPLE[name].public for name in names}, *purpose)


@settings(max_examples=10)
@given(st.sampled_from(["ab", "abc", "abcd"]))
def test_every_ordered_pair_opens(names):
    layers = wrapped(names, "call 1")
    assert set(layers) == set(permutations(names, 2))
    for (outer, inner), layer in layers.items():
        left = peel(layer, PEOPLE[outer].private, outer, inner, "call 1")
        assert unwrap(left, PEOPLE[inner].private, outer, inner, "call 1") == CALL.private


def test_one_alone_gets_nothing_out_of_any_layer():
    """Also not of what the first one's own peeling left, and not by pretending to be the other one."""
    layers = wrapped("abc", "call 1")
    private = PEOPLE["a"].private
    for (outer, inner), layer in layers.items():
        if outer != "a":
            with pytest.raises(DoesNotOpen):
                peel(layer, private, outer, inner, "call 1")
            continue
        left = peel(layer, private, outer, inner, "call 1")
        assert CALL.private not in left
        for names in ((outer, inner), (inner, outer)):
            with pytest.raises(DoesNotOpen):
                unwrap(left, private, *names, "call 1")


def test_in_the_wrong_order():
    layer = wrapped("abc", "call 1")["a", "b"]
    with pytest.raises(DoesNotOpen):
        peel(layer, PEOPLE["b"].private, "a", "b", "call 1")
    with pytest.raises(DoesNotOpen):
        unwrap(layer, PEOPLE["b"].private, "a", "b", "call 1")  # the outer layer is still on it


def test_the_layer_of_another_pair_or_call_does_not_open():
    layers = wrapped("abc", "call 1")
    private = PEOPLE["a"].private
    for outer, inner, purpose in (("a", "c", "call 1"), ("a", "b", "call 2")):
        with pytest.raises(DoesNotOpen):
            peel(layers["a", "b"], private, outer, inner, purpose)
    left = peel(layers["a", "b"], private, "a", "b", "call 1")
    for outer, inner, purpose in (("c", "b", "call 1"), ("a", "b", "call 2")):
        with pytest.raises(DoesNotOpen):
            unwrap(left, PEOPLE["b"].private, outer, inner, purpose)
    with pytest.raises(DoesNotOpen):
        open_(left, PEOPLE["b"].private)


@settings(max_examples=30)
@given(st.data())
def test_any_changed_byte_is_seen(data):
    layer = bytearray(wrapped("ab", "call 1")["a", "b"])
    layer[data.draw(st.integers(0, len(layer) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DoesNotOpen):
        peel(bytes(layer), PEOPLE["a"].private, "a", "b", "call 1")
