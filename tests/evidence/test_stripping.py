"""What a camera writes about a picture stays out of the portal; the picture itself stays as it is (issue: files)."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.evidence.stripping import Damaged, without_metadata
from tests.evidence.images import SIDEWAYS, WHERE, photo, pixels, scan

TOLD = [WHERE.encode(), b"PhoneMaker", b"Careworker", b"2026:05:01"]


@pytest.mark.parametrize("progressive", [False, True])
def test_a_photo_keeps_its_pixels_and_which_side_is_up_and_nothing_else(progressive):
    taken = photo(progressive=progressive, trailing=b"a film by PhoneMaker")
    assert all(told in taken for told in TOLD)
    kept = without_metadata(taken, "image/jpeg")
    assert not any(told in kept for told in TOLD)
    assert pixels(kept) == pixels(taken)
    exif = Image.open(io.BytesIO(kept)).getexif()
    assert dict(exif) == {0x0112: SIDEWAYS}


def test_a_photo_that_stands_upright_has_no_exif_left():
    kept = without_metadata(photo(side=1), "image/jpeg")
    assert b"Exif" not in kept
    assert kept.endswith(b"\xff\xd9")


def test_a_png_keeps_its_pixels_alone():
    drawn = scan()
    kept = without_metadata(drawn, "image/png")
    assert not any(told in kept for told in TOLD)
    assert pixels(kept) == pixels(drawn)
    assert without_metadata(kept, "image/png") == kept


def test_a_pdf_stays_as_it_is():
    assert without_metadata(b"%PDF-1.7 Author", "application/pdf") == b"%PDF-1.7 Author"


@pytest.mark.parametrize(
    "broken",
    [photo()[:200], photo()[:-2], b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xd9", b"\xff\xd8\xff\xe1\x00\x01\xff\xd9"],
)
def test_half_a_photo_is_refused(broken):
    with pytest.raises(Damaged):
        without_metadata(broken, "image/jpeg")


def test_a_png_that_was_changed_is_refused():
    changed = bytearray(scan())
    changed[60] ^= 1
    with pytest.raises(Damaged):
        without_metadata(bytes(changed), "image/png")


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["image/jpeg", "image/png"]))
def test_whatever_comes_in_it_ends_and_never_grows_by_much(noise, media_type):
    start = b"\xff\xd8\xff" if media_type == "image/jpeg" else b"\x89PNG\r\n\x1a\n"
    try:
        kept = without_metadata(start + noise, media_type)
    except Damaged:
        return
    assert len(kept) <= len(start + noise) + 40
