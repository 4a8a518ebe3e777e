"""Seal a plan and open it again. The only module that touches keys.

Each sealing takes a new random key (AES-256-GCM); that key is wrapped, AES-256-GCM again, under a key derived by
HKDF-SHA256 (RFC 5869) from `SEALING_KEY`, which lives outside the database. Both layers are bound to the id of the
proposal, so that one proposal's ciphertext is worthless in another's row.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from flask_babel import gettext as _

from app.core.errors import NotNow
from app.proposals.content import Content

NONCE_BYTES = 12
PURPOSE = b"bewezen: key of a sealed plan, 1"


class SealBroken(Exception):
    """What was sealed cannot be opened: another key, another proposal's seal, or bytes that were changed."""


@dataclass(frozen=True, slots=True)
class Seal:
    """`ciphertext` of the plan, its key wrapped, and the SHA-256 `digest` (hex) of the salted plaintext."""

    ciphertext: bytes
    wrapped_key: bytes
    digest: str


def seal(content: Content, proposal_id: uuid.UUID, sealing_key: str) -> Seal:
    """Seal under a new key and a new salt; the same plan sealed twice shows no likeness."""
    plaintext = _canonical(Content(**{**content, "salt": secrets.token_hex(16)}))
    key = AESGCM.generate_key(bit_length=256)
    return Seal(
        ciphertext=_encrypt(key, plaintext, proposal_id),
        wrapped_key=_encrypt(_wrapping_key(sealing_key, proposal_id), key, proposal_id),
        digest=hashlib.sha256(plaintext).hexdigest(),
    )


def open_(sealed: Seal, proposal_id: uuid.UUID, sealing_key: str) -> Content:
    """The plan, proven to be the one with this digest. Raises `SealBroken`."""
    try:
        key = _decrypt(_wrapping_key(sealing_key, proposal_id), sealed.wrapped_key, proposal_id)
        plaintext = _decrypt(key, sealed.ciphertext, proposal_id)
    except (InvalidTag, ValueError):
        raise SealBroken("the seal does not open") from None
    if not hmac.compare_digest(hashlib.sha256(plaintext).hexdigest(), sealed.digest):
        raise SealBroken("the digest does not fit what was sealed")
    return json.loads(plaintext)


def digest_of(content: Content) -> str:
    """The digest of an opened plan, its salt included, for whoever wants to compare it with a receipt."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def seal_into(proposal: Any, content: Content) -> None:
    """Put `content` into the row, sealed under the portal's key."""
    made = seal(content, proposal.id, current_app.config["SEALING_KEY"])
    proposal.sealed, proposal.wrapped_key, proposal.digest = made.ciphertext, made.wrapped_key, made.digest


def read_own(proposal: Any) -> Content:
    """The plan for its own consortium; the caller has checked that the reader belongs to it."""
    stored = Seal(proposal.sealed, proposal.wrapped_key, proposal.digest)
    return open_(stored, proposal.id, current_app.config["SEALING_KEY"])


def open_sealed(proposal: Any) -> Content:
    """The plan for the committee, inside the opening by two officials.

    `NotNow` before the deadline or when nothing was handed in (art. 2.108 Aw); `SealBroken` stops this plan only.
    """
    if not proposal.call.is_past_deadline:
        raise NotNow(_("Not before the deadline."))
    if proposal.submitted_at is None:
        raise NotNow(_("This plan was not handed in."))
    return read_own(proposal)


def _canonical(content: Content) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _wrapping_key(sealing_key: str, proposal_id: uuid.UUID) -> bytes:
    return HKDF(SHA256(), 32, salt=proposal_id.bytes, info=PURPOSE).derive(sealing_key.encode())


def _encrypt(key: bytes, plaintext: bytes, proposal_id: uuid.UUID) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, proposal_id.bytes)


def _decrypt(key: bytes, ciphertext: bytes, proposal_id: uuid.UUID) -> bytes:
    return AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], proposal_id.bytes)
