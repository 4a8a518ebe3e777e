"""An upload is judged by what it is, never by what it calls itself."""

import hashlib
from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from app.core.document import LARGEST_MB, read_document

PDF, PNG, JPEG = b"%PDF-1.7\n...", b"\x89PNG\r\n\x1a\n...", b"\xff\xd8\xff\xe0..."


def chosen(content, name="terms.pdf", claimed="application/pdf"):
    return FileStorage(BytesIO(content), filename=name, content_type=claimed)


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [(PDF, "application/pdf", "terms.pdf"), (PNG, "image/png", "terms.png"), (JPEG, "image/jpeg", "terms.jpg")],
)
def test_the_first_bytes_tell_the_kind(app, content, media_type, name):
    document = read_document(chosen(content, "terms.exe", "text/html"))
    assert (document.media_type, document.filename) == (media_type, name)
    assert document.content == content
    assert document.size == len(content)
    assert document.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<html>%PDF-", "not a PDF"),
        (b"PK\x03\x04", "not a PDF"),
        (PDF + b" " * LARGEST_MB * 1024 * 1024, "at most 10 MB"),
    ],
    ids=["empty", "html", "zip", "large"],
)
def test_what_is_not_kept(app, content, why):
    with app.test_request_context(), pytest.raises(ValidationError, match=why):
        read_document(chosen(content))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\Programma van eisen.v2.pdf", "Programma-van-eisen.v2.pdf"),
        ("Bijlage één.pdf", "Bijlage-een.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ('a"; filename="b.html', "a-filename-b.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_can_stand_in_a_header_and_on_a_disk(app, typed, kept):
    assert read_document(chosen(PDF, typed)).filename == kept
