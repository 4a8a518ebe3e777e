"""A PDF as evidence shows something and does nothing: who verifies opens it on a computer of their own.

Names and compression: ISO 32000-2, 7.3.5 (names), 7.5.7 (object streams), 7.11.4 (files inside), 12.6 (actions).
"""

import io
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from app.core.errors import Refused
from app.demonstration.document import pdf as paper
from app.evidence.active import Unreadable, is_active
from tests.evidence.test_keep import keep, kept


def pdf(**root):
    """A whole PDF of one page, its objects packed together as most programs write them today."""
    made = pikepdf.new()
    made.add_blank_page()
    for name, value in root.items():
        made.Root[f"/{name}"] = made.make_indirect(value)
    return written(made)


def written(made, **how):
    out = io.BytesIO()
    made.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, **how)
    return out.getvalue()


def script():
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def with_file_inside():
    made = pikepdf.new()
    made.add_blank_page()
    made.attachments["list.exe"] = b"MZ"
    return written(made)


ACTIVE = {
    "a script when it opens": lambda: pdf(OpenAction=script()),
    "a script by name": lambda: pdf(Names=Dictionary(JavaScript=Dictionary(Names=Array(["a", script()])))),
    "a program to start": lambda: pdf(AA=Dictionary(WC=Dictionary(S=Name.Launch, F="calc.exe"))),
    "a file inside": with_file_inside,
    "a name with its letters as numbers": lambda: b"%PDF-1.7\n1 0 obj<</S/J#61vaScript/JS(x)>>endobj",
    "not packed": lambda: b"%PDF-1.4\n1 0 obj <</OpenAction 5 0 R>> endobj",
}


@pytest.mark.parametrize("made", ACTIVE.values(), ids=ACTIVE)
def test_what_does_more_than_show_is_refused_and_not_kept(bond, claim, made, store):
    content = made()
    assert is_active(content)
    with pytest.raises(Refused) as refused:
        keep(bond, claim, content)
    assert refused.value.field == "document" and "Print it to a new PDF" in str(refused.value.message)
    assert kept(claim) == [] and not [path for path in store.rglob("*") if path.is_file()]


def test_what_only_shows_is_kept(bond, claim):
    """Packed or not; and a place to begin to read is no action."""
    assert not is_active(pdf())
    begins = b"%PDF-1.7\n1 0 obj<</OpenAction [3 0 R /Fit]/JavaScripture 1>>endobj"
    assert not is_active(begins)
    whole = paper("letter.pdf", "A place to begin.").content
    for content in (pdf(), whole.replace(b"/Type /Catalog", b"/Type /Catalog /OpenAction [3 0 R /Fit]")):
        keep(bond, claim, content)
    assert len(kept(claim)) == 2


def test_what_nobody_can_look_into_is_refused(bond, claim):
    locked = pikepdf.new()
    locked.add_blank_page()
    locked.Root.OpenAction = locked.make_indirect(script())
    closed = written(locked, encryption=pikepdf.Encryption(owner="o", user="u"))
    bomb = b"%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + zlib.compress(bytes(80 * 1024 * 1024))
    other = b"%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/LZWDecode>>stream\n\x80\x0b"
    for content in (closed, bomb, other):
        with pytest.raises(Unreadable):
            is_active(content)
        with pytest.raises(Refused):
            keep(bond, claim, content)
    assert kept(claim) == []


def test_the_page_says_why_and_that_a_pdf_keeps_what_it_says_of_itself(bond, claim, browse):
    provider = browse(bond.provider)
    adding = provider.get_ok(f"/claims/{claim.id}/attach")
    assert "A PDF keeps what it says of its own maker and date." in adding.text
    answer = provider.submit(adding, {"document": (io.BytesIO(pdf(OpenAction=script())), "proof.pdf")})
    assert answer.status_code == 422 and "holds a script, an action or another file" in answer.text
