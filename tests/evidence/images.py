"""Pictures as a telephone makes them, with what it writes about them."""

import io

from PIL import Image
from PIL.PngImagePlugin import PngInfo

WHERE = "52.2215 N, 6.8937 E"  # Enschede
SIDEWAYS = 6


def photo(*, side: int = SIDEWAYS, progressive: bool = False, trailing: bytes = b"") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = side
    exif[0x010F] = "PhoneMaker"
    exif[0x013B] = "A. Careworker"
    exif.get_ifd(0x8825)[29] = "2026:05:01"
    written = io.BytesIO()
    _picture().save(
        written,
        "JPEG",
        exif=exif,
        comment=WHERE.encode(),
        icc_profile=b"profile by PhoneMaker" * 9,
        progressive=progressive,
        quality=80,
    )
    return written.getvalue() + trailing


def scan() -> bytes:
    about, written = PngInfo(), io.BytesIO()
    about.add_text("Author", "A. Careworker")
    about.add_itxt("Comment", WHERE)
    _picture().save(written, "PNG", pnginfo=about, exif=b"Exif\0\0MM\0*PhoneMaker")
    return written.getvalue() + b"PhoneMaker behind the end"


def _picture() -> Image.Image:
    picture = Image.new("RGB", (64, 40))
    picture.putdata([(x * 4 % 256, y * 6 % 256, (x * y) % 256) for y in range(40) for x in range(64)])
    return picture


def pixels(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()
