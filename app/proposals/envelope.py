"""A plan as it lies in the database once it is handed in: two envelopes for the officials, one copy for the consortium.

The envelopes are sealed to the public keys of the call; the portal that sealed them cannot open them again. The own
copy is sealed to a key whose private half is locked under the passphrase of the consortium, which the portal does not
keep either. Each is bound to the proposal, so that none opens in another's row.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from app.calls.key_models import CallKey, Purpose
from app.sealing import DoesNotOpen, envelope, locked


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope, and the SHA-256 `digest` (hex) of the salted plaintext in it: what a receipt says."""

    envelope: bytes
    digest: str


def salted(content: Any) -> Any:
    """The content with a salt of its own, so that nobody can guess a plan and compare digests."""
    return {**content, "salt": secrets.token_hex(16)}


def seal(content: Any, key: CallKey, proposal_id: object) -> Sealed:
    """`content` with its salt, for the officials who open."""
    plaintext = canonical(content)
    sealed = envelope.seal(envelope.padded(plaintext), key.public_key, *_purpose(key.purpose, proposal_id))
    return Sealed(sealed, hashlib.sha256(plaintext).hexdigest())


def open_(sealed: bytes, private: bytes, purpose: Purpose, proposal_id: object, digest: str) -> Any:
    """The content, proven to be the one with this digest. Raises `DoesNotOpen`."""
    plaintext = envelope.unpadded(envelope.open_(sealed, private, *_purpose(purpose, proposal_id)))
    if not hmac.compare_digest(hashlib.sha256(plaintext).hexdigest(), digest):
        raise DoesNotOpen
    return json.loads(plaintext)


def digest_of(content: Any) -> str:
    """The digest of an opened plan or discount, its salt included, for whoever wants to compare it with a receipt."""
    return hashlib.sha256(canonical(content)).hexdigest()


@dataclass(frozen=True, slots=True)
class CopyKey:
    """Seals the own copy. `locked` is its private half under the passphrase; making it is slow on purpose."""

    public: bytes
    locked: bytes


def make_copy_key(passphrase: str, cost: locked.Cost, proposal_id: object) -> CopyKey:
    pair = envelope.make_pair()
    return CopyKey(pair.public, locked.lock(pair.private, passphrase, cost, *_copy(proposal_id)))


def seal_copy(copy: Any, key: CopyKey, proposal_id: object) -> bytes:
    return envelope.seal(envelope.padded(canonical(copy)), key.public, *_copy(proposal_id))


def open_copy(sealed: bytes, private: bytes, proposal_id: object) -> Any:
    """What the consortium kept for itself. Raises `DoesNotOpen`."""
    return json.loads(envelope.unpadded(envelope.open_(sealed, private, *_copy(proposal_id))))


def copy_lock(proposal_id: object) -> tuple[object, ...]:
    """What the lock of an own copy is bound to."""
    return _copy(proposal_id)


def canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _purpose(purpose: Purpose, proposal_id: object) -> tuple[object, ...]:
    return "handed in", purpose.value, proposal_id


def _copy(proposal_id: object) -> tuple[object, ...]:
    return "own copy", proposal_id
