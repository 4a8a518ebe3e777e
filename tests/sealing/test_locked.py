"""Locked under a passphrase: RFC 9106 (Argon2id), AES-256-GCM over the header and what the lock is for."""

import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sealing import DoesNotOpen, passphrase
from app.sealing.locked import HEAD, Cost, _key, bound, lock, unlock

CHEAP = Cost(8, 1, 1)
WORDS = passphrase.make()


def test_the_library_answers_as_rfc_9106_section_5_3():
    derived = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    )
    tag = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    assert derived.derive(b"\x01" * 32).hex() == tag


def test_the_library_we_use_answers_as_the_one_that_answers_as_the_rfc():
    ours = _key(WORDS, b"\x02" * 16, Cost(64, 3, 4))
    theirs = Argon2id(salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=64)
    assert ours == theirs.derive(passphrase.normal(WORDS).encode())


def test_many_at_once_at_the_real_cost_all_answer():
    """Two who hand in at the same moment: a library whose threads wait for each other would stop the whole portal."""
    locked = lock(b"secret", WORDS, Cost())
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(unlock, locked, WORDS) for _ in range(8)]
        assert [answer.result(timeout=300) for answer in answers] == [b"secret"] * 8


def test_the_cost_is_the_second_choice_of_rfc_9106_section_4():
    assert (Cost().memory_kib, Cost().rounds, Cost().lanes) == (65_536, 3, 4)


@settings(max_examples=25)
@given(st.binary(max_size=300), st.text(max_size=20))
def test_what_is_locked_comes_back(secret, purpose):
    assert unlock(lock(secret, WORDS, CHEAP, purpose, 7), WORDS, purpose, 7) == secret


def test_however_the_passphrase_is_typed():
    locked = lock(b"secret", WORDS, CHEAP)
    assert unlock(locked, f" {WORDS.lower().replace('-', ' ')} ") == b"secret"


def test_another_passphrase_or_purpose_does_not_open():
    locked = lock(b"secret", WORDS, CHEAP, "key of", "one")
    for words, purpose in ((passphrase.make(), ("key of", "one")), (WORDS, ("key of", "two")), (WORDS, ("key ofone",))):
        with pytest.raises(DoesNotOpen):
            unlock(locked, words, *purpose)


def test_purposes_are_not_run_together():
    assert bound(("ab", "c")) != bound(("a", "bc")) != bound(("abc",))


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_is_seen(data):
    """The header counts too: somebody who lowers the cost in the row gets nothing."""
    locked = bytearray(lock(b"secret", WORDS, CHEAP, "purpose"))
    fixed = set(range(4, 13))  # the cost: changed below, one by one
    place = data.draw(st.sampled_from([i for i in range(len(locked)) if i not in fixed]))
    locked[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DoesNotOpen):
        unlock(bytes(locked), WORDS, "purpose")


@pytest.mark.parametrize(
    "cost", [Cost(16, 1, 1), Cost(8, 2, 1), Cost(2**31, 1, 1), Cost(8, 2**31, 1), Cost(8, 1, 200), Cost(0, 0, 0)]
)
def test_a_changed_cost_is_refused_before_it_takes_the_server(cost):
    locked = lock(b"secret", WORDS, CHEAP)
    changed = locked[:4] + struct.pack(">IIB", cost.memory_kib, cost.rounds, cost.lanes) + locked[13:]
    with pytest.raises(DoesNotOpen):
        unlock(changed, WORDS)


def test_cut_short():
    locked = lock(b"secret", WORDS, CHEAP)
    for length in (0, 3, HEAD.size - 1, HEAD.size, len(locked) - 1):
        with pytest.raises(DoesNotOpen):
            unlock(locked[:length], WORDS)


def test_an_older_and_cheaper_lock_still_opens():
    assert unlock(lock(b"secret", WORDS, Cost(8, 1, 1)), WORDS) == unlock(lock(b"secret", WORDS, Cost(16, 2, 1)), WORDS)


def test_nothing_of_the_secret_stands_in_the_clear():
    locked = lock(b"a secret of some length", WORDS, CHEAP)
    assert b"secret" not in locked and WORDS.encode() not in locked
    assert lock(b"same", WORDS, CHEAP) != lock(b"same", WORDS, CHEAP)
