"""Documents are PDF/A and PDF/UA, hold what people typed as text, and are the same bytes for the same data."""

from datetime import UTC, datetime

import pikepdf
import pytest

from app.core.pdf import Document, Section, pdf_of

MOMENT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the third of March where the parties are


def make(text="Plain words."):
    section = Section(
        title="Scores",
        paragraphs=[text],
        facts=[("Place", "2 of 3")],
        head=["Criterion", "You", "Winner"],
        rows=[["Approach", "7", "9"]],
    )
    return Document(
        title="Award decision", author="Gemeente Enschede", foot="Page", facts=[("To", text)], sections=[section]
    )


def test_the_same_data_are_the_same_bytes(app):
    assert pdf_of(make(), "nl", MOMENT) == pdf_of(make(), "nl", MOMENT)
    assert pdf_of(make(), "nl", MOMENT) != pdf_of(make("Other words."), "nl", MOMENT)


def test_it_says_its_standard_language_and_title(app, tmp_path):
    file = tmp_path / "letter.pdf"
    file.write_bytes(pdf_of(make(), "nl_BE", MOMENT))
    with pikepdf.open(file) as document:
        meta = document.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"], meta["pdfuaid:part"]) == ("2", "A", "1")
        assert str(document.Root.Lang) == "nl"
        assert meta["dc:title"] == "Award decision"
        assert "2026-03-03" in meta["xmp:CreateDate"]


def test_what_people_typed_is_never_source(app):
    """Typst source in a reason would read files or break the letter; here it is only text."""
    nasty = '#read("/etc/passwd") $x$ *bold* #eval("1+1") <label> \\ // comment "quotes" 😀'
    assert pdf_of(make(nasty), "en", MOMENT).startswith(b"%PDF")


@pytest.mark.parametrize(
    "typed", ["مرحبا", "数字", "🧑‍🦽 and 😀", "\u202eright to left", "e\u0301", "\U0001f1f3\U0001f1f1"]
)
def test_no_letter_fails_for_a_sign_that_the_typeface_lacks(app, typed):
    assert pdf_of(make(typed), "nl", MOMENT).startswith(b"%PDF")
