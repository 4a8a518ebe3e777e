"""A sealed plan opens only with the right key, in its own row, unchanged (issue: sealed means unreadable)."""

import dataclasses
import uuid

import pytest

from app.proposals.content import make_content
from app.proposals.sealing import Seal, SealBroken, digest_of, open_, seal

PLAN = make_content({"approach": "Één aanpak", "team": "", "planning": "x" * 5_000, "risks": "€ 5"}, {"a": 3, "b": 0})
KEY = "the key of the portal"


def test_what_is_sealed_comes_back():
    mine = uuid.uuid4()
    sealed = seal(PLAN, mine, KEY)
    opened = open_(sealed, mine, KEY)
    assert opened["answers"] == PLAN["answers"]
    assert opened["volumes"] == {"a": 3}
    assert digest_of(opened) == sealed.digest


def test_nothing_of_the_plan_is_in_the_bytes():
    sealed = seal(PLAN, uuid.uuid4(), KEY)
    for word in ("Één aanpak", "xxxx", "approach", "volumes"):
        assert word.encode() not in sealed.ciphertext + sealed.wrapped_key


def test_the_same_plan_twice_shows_no_likeness():
    """A digest without salt would let a rival guess a small plan and compare."""
    mine = uuid.uuid4()
    one, other = seal(PLAN, mine, KEY), seal(PLAN, mine, KEY)
    assert one.digest != other.digest
    assert one.ciphertext != other.ciphertext
    assert one.wrapped_key != other.wrapped_key


def test_another_key_does_not_open():
    mine = uuid.uuid4()
    with pytest.raises(SealBroken):
        open_(seal(PLAN, mine, KEY), mine, KEY + "!")


def test_two_seals_that_change_places_do_not_open():
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    one, other = seal(PLAN, mine, KEY), seal(PLAN, theirs, KEY)
    with pytest.raises(SealBroken):
        open_(other, mine, KEY)
    with pytest.raises(SealBroken):
        open_(dataclasses.replace(one, ciphertext=other.ciphertext), mine, KEY)
    with pytest.raises(SealBroken):
        open_(dataclasses.replace(one, wrapped_key=other.wrapped_key), mine, KEY)


@pytest.mark.parametrize("part", ["ciphertext", "wrapped_key"])
def test_one_changed_bit_is_noticed(part):
    mine = uuid.uuid4()
    sealed = seal(PLAN, mine, KEY)
    for place in range(len(getattr(sealed, part))):
        changed = bytearray(getattr(sealed, part))
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            open_(dataclasses.replace(sealed, **{part: bytes(changed)}), mine, KEY)
        if place > 80:
            break


def test_an_older_seal_of_the_same_plan_does_not_fit_its_digest():
    """Somebody who can write in the database puts yesterday's draft back."""
    mine = uuid.uuid4()
    yesterday, today = seal(PLAN, mine, KEY), seal(PLAN, mine, KEY)
    with pytest.raises(SealBroken):
        open_(dataclasses.replace(yesterday, digest=today.digest), mine, KEY)


def test_empty_bytes_are_a_broken_seal():
    with pytest.raises(SealBroken):
        open_(Seal(b"", b"", ""), uuid.uuid4(), KEY)
