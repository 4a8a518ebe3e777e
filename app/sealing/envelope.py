"""Envelopes to a public key: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305, mode base."""

from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from app.sealing.errors import DoesNotOpen
from app.sealing.locked import bound

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PURPOSE = b"bewezen: envelope, 1"
PADDED_TO = 4096  # bytes: the size of an envelope tells little of what is in it
END = b"\x80"


class KeyPair(NamedTuple):
    """Raw X25519 keys, 32 bytes each."""

    private: bytes
    public: bytes


def make_pair() -> KeyPair:
    private = X25519PrivateKey.generate()
    return KeyPair(private.private_bytes_raw(), private.public_key().public_bytes_raw())


def seal(plaintext: bytes, public: bytes, *bound_to: object) -> bytes:
    """For whoever holds the private half of `public`; nobody else, the one who seals included, can open it again."""
    return SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), _info(bound_to))


def open_(sealed: bytes, private: bytes, *bound_to: object) -> bytes:
    """What was sealed. Raises `DoesNotOpen`."""
    try:
        return SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), _info(bound_to))
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None


def fits(private: bytes, public: bytes) -> bool:
    """Are these two halves of one pair?"""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == public


def padded(plaintext: bytes) -> bytes:
    """Filled up to the next multiple of `PADDED_TO` (ISO/IEC 7816-4)."""
    ended = plaintext + END
    return ended + bytes(-len(ended) % PADDED_TO)


def unpadded(filled: bytes) -> bytes:
    """Raises `DoesNotOpen` when it was not filled up by `padded`."""
    ended = filled.rstrip(b"\0")
    if not ended.endswith(END):
        raise DoesNotOpen
    return ended[: -len(END)]


def _info(bound_to: tuple[object, ...]) -> bytes:
    return PURPOSE + bound(bound_to)
