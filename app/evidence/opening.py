"""Does a PDF open, for whoever has to judge by it? It needs a page, and no password (ISO 32000-2, 7.5 and 7.6.4).

What any reader mends while it opens, such as a table of objects that moved, is no fault of the paper: a file with its
pages and its end in it is taken. What only has the first bytes of a PDF, or broke off, is not. Pure: bytes in.
"""

import io
import re
import zlib
from typing import Any

from pyhanko.pdf_utils.crypt import AuthStatus
from pyhanko.pdf_utils.reader import PdfFileReader

from app.evidence.active import STREAM, Unreadable, object_streams, plain, unfolded

TABLE = re.compile(rb"/XRef(?![A-Za-z0-9])")
CATALOG = re.compile(rb"/Type\s*/Catalog(?![A-Za-z0-9])")
PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z0-9])")
OBJECT = re.compile(rb"\d\s+\d+\s+obj\b")
HEAD = 4_000  # bytes before a stream in which the dictionary of a table of objects stands
LARGEST_TABLE = 4 * 1024 * 1024  # unfolded: some half a million objects
MOST_LEVELS = 50  # of the tree of pages


class NoPage(ValueError):
    """It begins as a PDF, and no reader shows a page of it."""


class NeedsPassword(ValueError):
    """Nobody opens it without a password. One that only forbids printing or copying opens, and is no such file."""


def expect_opens(content: bytes) -> None:
    """`NoPage` or `NeedsPassword` for a PDF that the reader cannot open."""
    try:
        is_open = _has_small_table(content) and _is_read(content)
    except NeedsPassword:
        raise
    except Exception:  # whatever a damaged file makes of a library
        is_open = False
    if is_open:
        return
    if re.search(rb"/Encrypt(?![A-Za-z0-9])", content):
        raise NeedsPassword
    if not _is_mendable(content):
        raise NoPage


def _has_small_table(content: bytes) -> bool:
    """The table of objects may be packed: one that unfolds without end is not given to the library."""
    for found in STREAM.finditer(content):
        head = content[max(0, found.start() - HEAD) : found.start()]
        head = plain(head[head.rfind(b"endobj") + 1 :])
        if TABLE.search(head) and b"/Filter" in head:
            if head.count(b"/Filter") != head.count(b"/FlateDecode"):
                return False
            unfolded(content[found.end() :], LARGEST_TABLE)
    return True


def _is_read(content: bytes) -> bool:
    reader = PdfFileReader(io.BytesIO(content), strict=False)
    if reader.encrypted and reader.decrypt("").status == AuthStatus.FAILED:
        raise NeedsPassword
    at: Any = reader.root["/Pages"]
    for _level in range(MOST_LEVELS):
        if at["/Type"] == "/Page":
            return True
        at = at["/Kids"][0]
    return False


def _is_mendable(content: bytes) -> bool:
    """Every object says itself what it is, so that a reader finds the pages without the table."""
    if b"%%EOF" not in content or not OBJECT.search(content):
        return False
    try:
        parts = [plain(part) for part in (content, *object_streams(content))]
    except (Unreadable, zlib.error):
        return False
    return all(any(kind.search(part) for part in parts) for kind in (CATALOG, PAGE))
