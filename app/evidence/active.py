"""Does a PDF hold more than something to read: a script, an action when it opens, a program to start, a file inside?

Who verifies opens it on a computer of their own. A document that proves something needs none of this (ISO 19005, PDF/A,
forbids it for what is kept). Looked for by the names that ISO 32000-2 gives (7.11.4, 12.6), in the file as it is and in
its compressed object streams (7.5.7). Pure: bytes in; whether it opens at all is asked after this (`opening`).
"""

import re
import zlib
from collections.abc import Iterator

ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|Rendition|RichMedia|SubmitForm|ImportData)(?![A-Za-z0-9])"
    rb"|/OpenAction(?!\s*\[)(?![A-Za-z0-9])"  # in brackets stands a place to begin to read, which does nothing
)
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")  # a name may be written with its letters as numbers (7.3.5)
STREAM = re.compile(rb"(?<!end)stream\r?\n")
PACKED = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
HEAD = 20_000  # bytes before a stream in which its dictionary stands
LARGEST = 64 * 1024 * 1024  # what all object streams of one document may unfold to


class Unreadable(ValueError):
    """Part of the document is packed or locked so that nobody can say what is in it."""


def is_active(content: bytes) -> bool:
    """`Unreadable` where it cannot be told."""
    return any(ACTIVE.search(plain(part)) for part in (content, *object_streams(content)))


def plain(part: bytes) -> bytes:
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), part)


def object_streams(content: bytes) -> Iterator[bytes]:
    left = LARGEST
    for found in STREAM.finditer(content):
        head = content[max(0, found.start() - HEAD) : found.start()]
        head = plain(head[head.rfind(b"endobj") + 1 :])
        if not PACKED.search(head):
            continue
        if b"/DecodeParms" in head or head.count(b"/Filter") != head.count(b"/FlateDecode"):
            raise Unreadable
        if b"/Filter" not in head:
            continue  # it stands in the file as it is, which is looked through whole
        opened = unfolded(content[found.end() :], left)
        left -= len(opened)
        yield opened


def unfolded(packed: bytes, most: int) -> bytes:
    unpack = zlib.decompressobj()
    try:
        opened = unpack.decompress(packed, most + 1)
    except zlib.error as locked:  # encrypted with a password, or damaged
        raise Unreadable from locked
    if len(opened) > most:
        raise Unreadable
    return opened
