"""The document that proves an effect: its first bytes tell its kind, its fingerprint is made, it is not kept."""

import hashlib
from typing import Any

from flask_babel import gettext as _
from wtforms.validators import ValidationError

LARGEST_MB = 10
LIMIT = {"most": LARGEST_MB}
# ISO 32000-2, 7.5.2; W3C PNG, 5.2; ISO/IEC 10918-1, B.1.1.3. What its issuer finished: an office file can be rewritten.
FIRST_BYTES = {"PDF": b"%PDF-", "PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff"}


def fingerprint(upload: Any) -> str:
    """SHA-256 of a chosen file, 64 hex digits. `ValidationError` when it is empty, too large or of another kind."""
    digest, size = hashlib.sha256(), 0
    while chunk := upload.stream.read(1 << 20):
        if not size and not chunk.startswith(tuple(FIRST_BYTES.values())):
            raise ValidationError(_("This is not a PDF, PNG or JPEG. Choose one of at most %(most)d MB.", **LIMIT))
        size += len(chunk)
        if size > LARGEST_MB * 1024 * 1024:
            raise ValidationError(_("The document may be at most %(most)d MB, as PDF, PNG or JPEG.", **LIMIT))
        digest.update(chunk)
    if not size:
        raise ValidationError(_("This document is empty. Choose a PDF, PNG or JPEG of at most %(most)d MB.", **LIMIT))
    return digest.hexdigest()
