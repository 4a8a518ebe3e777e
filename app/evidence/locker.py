"""Keys of files: each has a random 256-bit key (AES-256-GCM), wrapped under one that HKDF-SHA256 (RFC 5869) makes of
`SEALING_KEY`, which lives outside the database and outside the store. Without the wrapped key a copy of the store, or a
back-up of it, is noise; so the key is what is destroyed first."""

import secrets
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

NONCE_BYTES = 12
PURPOSE = b"bewezen: key of an evidence file, 1"


class Unreadable(Exception):
    """Another key, the bytes of another file, or bytes that were changed."""


def lock(file_id: uuid.UUID, content: bytes) -> tuple[bytes, bytes]:
    """(what goes into the store, the wrapped key that opens it), both bound to this file."""
    key = AESGCM.generate_key(bit_length=256)
    return _encrypt(key, content, file_id), _encrypt(_wrapping_key(file_id), key, file_id)


def unlock(file_id: uuid.UUID, stored: bytes, wrapped: bytes) -> bytes:
    """Raises `Unreadable`."""
    try:
        return _decrypt(_decrypt(_wrapping_key(file_id), wrapped, file_id), stored, file_id)
    except (InvalidTag, ValueError):
        raise Unreadable(str(file_id)) from None


def _wrapping_key(file_id: uuid.UUID) -> bytes:
    portal: str = current_app.config["SEALING_KEY"]
    return HKDF(SHA256(), 32, salt=file_id.bytes, info=PURPOSE).derive(portal.encode())


def _encrypt(key: bytes, plaintext: bytes, file_id: uuid.UUID) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, file_id.bytes)


def _decrypt(key: bytes, ciphertext: bytes, file_id: uuid.UUID) -> bytes:
    return AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], file_id.bytes)
