"""A file that somebody chose: its first bytes tell its kind, its fingerprint is made. The uploader's word counts for
nothing: neither the ending of the name nor the type that the browser sends along."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from wtforms.validators import ValidationError

LARGEST_MB = 10
LIMIT = {"most": LARGEST_MB}
LONGEST_NAME = 100
# ISO 32000-2, 7.5.2; W3C PNG, 5.2; ISO/IEC 10918-1, B.1.1.3. What its issuer finished: an office file can be rewritten.
FIRST_BYTES = {
    b"%PDF-": ("application/pdf", "pdf"),
    b"\x89PNG\r\n\x1a\n": ("image/png", "png"),
    b"\xff\xd8\xff": ("image/jpeg", "jpg"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file that may be kept. `sha256`: 64 hex digits; `filename` fits any disk and ends as its kind does."""

    filename: str
    media_type: str
    sha256: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def read_document(upload: Any) -> Document:
    """The chosen file. `ValidationError` when it is empty, too large or of another kind."""
    content = b"".join(_judged(upload))
    first = next(first for first in FIRST_BYTES if content.startswith(first))
    media_type, ending = FIRST_BYTES[first]
    return Document(
        filename=_safe_name(upload.filename or "", ending),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _judged(upload: Any) -> Any:
    """The file in chunks, for as long as it may be accepted."""
    size = 0
    while chunk := upload.stream.read(1 << 20):
        if not size and not chunk.startswith(tuple(FIRST_BYTES)):
            raise ValidationError(_("This is not a PDF, PNG or JPEG. Choose one of at most %(most)d MB.", **LIMIT))
        size += len(chunk)
        if size > LARGEST_MB * 1024 * 1024:
            raise ValidationError(_("The document may be at most %(most)d MB, as PDF, PNG or JPEG.", **LIMIT))
        yield chunk
    if not size:
        raise ValidationError(_("This document is empty. Choose a PDF, PNG or JPEG of at most %(most)d MB.", **LIMIT))


def _safe_name(typed: str, ending: str) -> str:
    """Letters, digits, points and dashes; the ending says what the file is, whatever was written there."""
    plain = unicodedata.normalize("NFKD", typed.replace("\\", "/").rsplit("/", 1)[-1])
    stem = re.sub(r"[^A-Za-z0-9.-]+", "-", plain.encode("ascii", "ignore").decode()).rsplit(".", 1)[0].strip(".-")
    return f"{stem[:LONGEST_NAME] or 'document'}.{ending}"
