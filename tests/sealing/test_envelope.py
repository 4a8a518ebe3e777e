"""Envelopes: HPKE as in RFC 9180, bound to what they are for."""

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sealing import DoesNotOpen
from app.sealing.envelope import PADDED_TO, SUITE, make_pair, open_, padded, seal, unpadded

PAIR = make_pair()


def test_the_suite_answers_as_rfc_9180_appendix_a_2_1():
    """DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305, base mode, first message."""
    private = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"
    enc = "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
    ciphertext = "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
    opened = openssl.hpke._decrypt_with_aad(
        SUITE,
        bytes.fromhex(enc + ciphertext),
        X25519PrivateKey.from_private_bytes(bytes.fromhex(private)),
        b"Ode on a Grecian Urn",
        b"Count-0",
    )
    assert opened == b"Beauty is truth, truth beauty"


@settings(max_examples=40)
@given(st.binary(max_size=5_000), st.text(max_size=10))
def test_what_is_sealed_comes_back(plaintext, purpose):
    assert open_(seal(plaintext, PAIR.public, purpose, 1), PAIR.private, purpose, 1) == plaintext


@settings(max_examples=60)
@given(st.data())
def test_any_changed_byte_is_seen(data):
    sealed = bytearray(seal(b"a plan", PAIR.public, "plan", 1))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DoesNotOpen):
        open_(bytes(sealed), PAIR.private, "plan", 1)


def test_another_key_or_purpose_does_not_open():
    sealed = seal(b"a plan", PAIR.public, "plan", 1)
    for private, purpose in (
        (make_pair().private, ("plan", 1)),
        (PAIR.private, ("plan", 2)),
        (PAIR.private, ("discount", 1)),
        (PAIR.private, ()),
    ):
        with pytest.raises(DoesNotOpen):
            open_(sealed, private, *purpose)


def test_cut_short_and_no_key_at_all():
    sealed = seal(b"a plan", PAIR.public)
    for length in (0, 1, 31, 32, len(sealed) - 1):
        with pytest.raises(DoesNotOpen):
            open_(sealed[:length], PAIR.private)
    with pytest.raises(DoesNotOpen):
        open_(sealed, b"short")


def test_the_same_plan_sealed_twice_shows_no_likeness():
    one, other = seal(b"a plan", PAIR.public), seal(b"a plan", PAIR.public)
    assert one[:32] != other[:32] and one[32:] != other[32:]
    assert b"plan" not in one


@given(st.binary(max_size=9_000))
def test_padding_comes_off(plaintext):
    filled = padded(plaintext)
    assert len(filled) % PADDED_TO == 0 and len(filled) > len(plaintext)
    assert unpadded(filled) == plaintext


def test_a_plan_with_and_one_without_a_word_more_are_of_one_size():
    assert len(padded(b"")) == len(padded(b"x" * (PADDED_TO - 1))) == PADDED_TO
    assert len(padded(b"x" * PADDED_TO)) == 2 * PADDED_TO


@pytest.mark.parametrize("bad", [b"", b"\0" * 10, b"plan", b"plan\0\0"])
def test_what_was_not_padded_is_refused(bad):
    with pytest.raises(DoesNotOpen):
        unpadded(bad)
