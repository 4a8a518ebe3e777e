"""An image without what a camera, a telephone or a program wrote about it: where, when, by whom, with a small copy of
what was cut off. The pixels stay as they are. Pure: bytes in, bytes out; `Damaged` when it is no such image.

JPEG: ISO/IEC 10918-1, annex B, and Exif 3.0; of its marker segments stay those that decoders need, and of Exif only
which side is up. PNG: W3C PNG (third edition), section 11; critical chunks and those that say how colours look stay.
What follows the end of the image (a film, a second picture) is left out.
"""

import struct
import zlib
from collections.abc import Iterator

JPEG_START, JPEG_END, SCAN = 0xD8, 0xD9, 0xDA
JFIF, EXIF, ADOBE = 0xE0, 0xE1, 0xEE
ALONE = (0x01, *range(0xD0, 0xD8))  # markers without a length: TEM and RST0 to RST7
ORIENTATION = 0x0112
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"}


class Damaged(ValueError):
    """It begins as an image and does not go on as one."""


def without_metadata(content: bytes, media_type: str) -> bytes:
    """The same image with its pixels alone; what is no image comes back as it is."""
    try:
        if media_type == "image/jpeg":
            return b"".join(_jpeg(content))
        if media_type == "image/png":
            return b"".join(_png(content))
    except (IndexError, struct.error) as short:
        raise Damaged from short
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield b"\xff\xd8"
    at, turned, scanned = 2, False, False
    while True:
        marker, at = _marker(content, at)
        if marker == JPEG_END:
            if not scanned:
                raise Damaged
            yield b"\xff\xd9"
            return
        if marker in ALONE:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        segment = content[at : at + length]
        if length < 2 or len(segment) != length:
            raise Damaged
        at += length
        if marker == EXIF and not turned and segment[2:8] == b"Exif\0\0":
            side, turned = _orientation(segment[8:]), True
            if side != 1:
                yield _exif(side)
        elif _is_needed(marker, segment):
            yield bytes((0xFF, marker)) + (_without_thumbnail(segment) if marker == JFIF else segment)
        if marker == SCAN:
            end = _end_of_scan(content, at)
            yield content[at:end]
            at, scanned = end, True


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The next marker, after any fill bytes, and where its segment begins."""
    if content[at] != 0xFF:
        raise Damaged
    while content[at] == 0xFF:
        at += 1
    return content[at], at + 1


def _is_needed(marker: int, segment: bytes) -> bool:
    """Tables, frames and scans; JFIF, and the mark of Adobe that tells how colours are stored. Applications and
    comments (APPn, COM) are not."""
    if marker == JFIF:
        return segment[2:7] == b"JFIF\0"
    if marker == ADOBE:
        return segment[2:7] == b"Adobe"
    return not 0xE0 <= marker <= 0xEF and marker != 0xFE


def _without_thumbnail(segment: bytes) -> bytes:
    return struct.pack(">H", 16) + segment[2:14] + b"\0\0" if len(segment) >= 16 else segment


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the coded pixels end: at the first marker that is neither a stuffed byte nor a restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise Damaged
        after = content[at + 1]
        if after != 0 and after not in ALONE and after != 0xFF:
            return at
        at += 1 if after == 0xFF else 2


def _orientation(tiff: bytes) -> int:
    """Which side is up, 1 to 8; 1 when it is not said."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(first + 2, first + 2 + 12 * count, 12):
            tag, kind, _number, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
            if tag == ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return 1
    return 1


def _exif(side: int) -> bytes:
    """An Exif segment that says nothing but which side is up."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, side, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _png(content: bytes) -> Iterator[bytes]:
    yield PNG_START
    at = len(PNG_START)
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + 8 + length]
        (said,) = struct.unpack_from(">I", content, at + 8 + length)
        if said != zlib.crc32(kind + body):
            raise Damaged
        if kind in PNG_KEPT:
            yield content[at : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            return
