"""The draw is pure: the same seed and list give the same claims, with nothing but SHA-256 (domain, section 7)."""

import hashlib
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.verification.sampling import draw, is_within, list_digest, sample_size, stratum_digest, wilson


@pytest.mark.parametrize(
    "size, drawn",
    [(0, 0), (1, 1), (29, 29), (30, 30), (31, 30), (300, 30), (301, 31), (309, 31), (310, 31), (50_000, 5_000)],
)
def test_the_size_is_the_larger_of_thirty_and_a_tenth_rounded_up(size, drawn):
    assert sample_size(size, 30, 1_000) == drawn


def test_the_draw_is_what_anybody_makes_with_sha256():
    seed, ids = "ab" * 32, [uuid.UUID(int=number).hex for number in range(100)]
    by_hand = sorted(ids, key=lambda id: hashlib.sha256(f"{seed}:{id}".encode()).hexdigest())[:30]
    assert draw(seed, ids, 30) == by_hand
    assert draw("cd" * 32, ids, 30) != by_hand


@settings(max_examples=30)
@given(st.permutations([uuid.UUID(int=number).hex for number in range(20)]), st.integers(0, 25))
def test_the_order_of_the_list_does_not_matter(ids, number):
    assert draw("5eed", ids, number) == draw("5eed", sorted(ids), number)
    assert len(set(draw("5eed", ids, number))) == min(number, len(ids))


def test_each_claim_has_the_same_chance():
    """Over 600 seeds a claim of 60 is drawn 300 times on average; 5 standard deviations is 61."""
    ids = [uuid.UUID(int=number).hex for number in range(60)]
    times = dict.fromkeys(ids, 0)
    for seed in range(600):
        for id in draw(f"{seed:064x}", ids, 30):
            times[id] += 1
    assert all(239 <= found <= 361 for found in times.values())


def test_the_fingerprint_changes_with_every_claim_and_content():
    entries = [("a" * 32, "1"), ("b" * 32, "2")]
    changed = [entries[:1], [("a" * 32, "1"), ("b" * 32, "3")], [("a" * 32, "1"), ("c" * 32, "2")]]
    assert len({stratum_digest(one) for one in [entries, *changed]}) == 4
    assert list_digest([("x", "1"), ("y", "2")]) == list_digest([("y", "2"), ("x", "1")])
    assert list_digest([("x", "1")]) != list_digest([("x", "1"), ("y", "2")])


@pytest.mark.parametrize("faults, drawn, within", [(0, 30, True), (1, 30, True), (2, 30, False), (3, 60, True)])
def test_five_per_cent_is_counted_in_whole_claims(faults, drawn, within):
    assert is_within(faults, drawn, 500) is within


def test_no_tolerance_lets_no_fault_pass():
    assert is_within(0, 30, 0)
    assert not is_within(1, 5_000, 0)


@pytest.mark.parametrize(
    "faults, drawn, low, high",
    [(0, 30, 0.0, 0.1135), (1, 10, 0.0179, 0.4042), (3, 30, 0.0346, 0.2562), (30, 30, 0.8865, 1.0)],
)
def test_the_interval_is_that_of_wilson(faults, drawn, low, high):
    """Values of the published formula, worked out by hand to four digits (Brown, Cai and DasGupta, 2001, use it so)."""
    found = wilson(faults, drawn)
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
