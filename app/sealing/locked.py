"""A secret locked under a passphrase: Argon2id (RFC 9106) makes the key, AES-256-GCM locks.

What it cost to make the key is written in front of the secret, so that a lock of last year opens when the cost has
been raised meanwhile.
"""

import secrets
import struct
import threading
from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.sealing import passphrase as words
from app.sealing.errors import DoesNotOpen

HEAD = struct.Struct(">4sIIB16s12s")  # format, memory (KiB), rounds, lanes, salt, nonce
FORMAT = b"BwL1"
KEY_BYTES = 32
HIGHEST_MEMORY_KIB, HIGHEST_ROUNDS, HIGHEST_LANES = 1024 * 1024, 64, 16  # a changed row must not take the whole server
_turn = threading.BoundedSemaphore(2)  # each takes its memory and cores; a rush must not take them all


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one try of a passphrase: memory in KiB, rounds, lanes. Not less than RFC 9106, section 4, second choice,
    where people's secrets are at stake."""

    memory_kib: int = 64 * 1024
    rounds: int = 3
    lanes: int = 4


def lock(secret: bytes, passphrase: str, cost: Cost, *bound_to: object) -> bytes:
    """`secret` for whoever has the passphrase, and knows what it is for."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    head = HEAD.pack(FORMAT, cost.memory_kib, cost.rounds, cost.lanes, salt, nonce)
    return head + AESGCM(_key(passphrase, salt, cost)).encrypt(nonce, secret, head + bound(bound_to))


def unlock(locked: bytes, passphrase: str, *bound_to: object) -> bytes:
    """The secret. Raises `DoesNotOpen`."""
    if len(locked) < HEAD.size:
        raise DoesNotOpen
    head = locked[: HEAD.size]
    form, memory_kib, rounds, lanes, salt, nonce = HEAD.unpack(head)
    within = memory_kib <= HIGHEST_MEMORY_KIB and rounds <= HIGHEST_ROUNDS and lanes <= HIGHEST_LANES
    if form != FORMAT or not within:
        raise DoesNotOpen
    try:
        key = _key(passphrase, salt, Cost(memory_kib, rounds, lanes))
        return AESGCM(key).decrypt(nonce, locked[HEAD.size :], head + bound(bound_to))
    except (InvalidTag, ValueError, HashingError):
        raise DoesNotOpen from None


def bound(bound_to: tuple[object, ...]) -> bytes:
    """What a seal is for, as bytes; each part with its length, so that no two lists of parts are alike."""
    parts = [str(part).encode() for part in bound_to]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def _key(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """By libargon2: the Argon2id of OpenSSL 4.0 with several lanes hangs for ever when two threads derive at once."""
    with _turn:
        return hash_secret_raw(
            words.normal(passphrase).encode(),
            salt,
            time_cost=cost.rounds,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )
