"""Documents are PDF/A and PDF/UA, hold what people typed as text, and are the same bytes for the same data."""

from datetime import UTC, datetime
from itertools import pairwise

import pikepdf
import pytest

from app.core.pdf import Document, Section, pdf_of
from tests.laid_out import rows_of

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


LONG = (
    "Schuldregeling met alle schuldeisers",
    "Werk gevonden en zes maanden behouden zonder onderbreking door ziekte",
    "Arbeidsmarktintegratiebegeleidingsovereenkomstengetallenreeks",
    "Startkwalificatie",
)
HEADS = {
    "en": ["Effect", "Claims", "Drawn", "Faults", "Share of faults", "Finding"],
    "nl": ["Effect", "Claims", "Getrokken", "Fouten", "Aandeel fouten", "Bevinding"],
}
FINDINGS = {
    "en": "above tolerance: every claim is judged",
    "nl": "boven de tolerantie: iedere claim wordt beoordeeld",
}


@pytest.mark.parametrize("lang", HEADS)
def test_no_cell_of_a_table_is_printed_over_another_and_no_row_on_two_pages(app, lang):
    """A statement that nobody can read proves nothing. Two columns that each asked for all the room they could use
    left nothing for the first one, which then stood over its neighbour."""
    told = ["1.234", "1.000", "17", "1,7% (1,1%-2,7%)", FINDINGS[lang]]
    table = Section(title="Table", head=HEADS[lang], rows=[[name, *told] for name in LONG * 10])
    rows = rows_of(pdf_of(Document(title="T", author="A", foot="F", sections=[table]), lang, MOMENT))
    assert len(rows) == 41
    edge = 595.3 - 70.8  # of A4, in points, with a margin of 25 mm
    for cells in rows:
        ends = [(min(line.left for line in cell), max(line.right for line in cell)) for cell in cells]
        assert all(right < left for (_, right), (left, _) in pairwise(ends)), ends
        assert ends[-1][1] < edge
        assert len({line.page for cell in cells for line in cell}) == 1
    assert len({cells[0][0].page for cells in rows}) > 1, "the table is to be longer than a page"


def test_a_row_that_is_taller_than_a_page_goes_on_upon_the_next(app):
    """What a plan says in a cell may be long; what does not fit would fall off the paper."""
    table = Section(head=["Question", "Answer"], rows=[["Approach", "word " * 3000]])
    [_head, row] = rows_of(pdf_of(Document(title="T", author="A", foot="F", sections=[table]), "en", MOMENT))
    assert len({line.page for line in row[1]}) > 1
    assert min(line.y for line in row[1]) > 70
