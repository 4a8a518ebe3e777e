"""Files of strangers: whatever comes in, the answer is a page with faults or a plan, never a fault of the portal."""

import io
import random
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.pricing.files import upload
from app.pricing.files.checking import check
from app.pricing.files.document import as_csv
from app.pricing.files.spreadsheet import as_xlsx
from app.pricing.models import EffectKind
from tests.factories.pricing import make_effect
from tests.pricing.sheets import row, sheet, text

pytestmark = pytest.mark.usefixtures("app")  # a sheet is known by its name in any language
FAST = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
OF_A_SHEET = "xl/worksheets/sheet1.xml"


def mended(content, changes):
    """The same zip with other parts, packed anew."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            part = old.read(name) if name in old.namelist() else b""
            change = changes.get(name, lambda part: part)
            new.writestr(name, change(part))
    return out.getvalue()


def why_not(content):
    with pytest.raises(upload.FileFault) as refused:
        upload.read_file(content)
    return refused.value.message


@given(st.binary(max_size=400))
@FAST
def test_any_bytes(app, draft, content):
    plan = check(draft, content, remove_missing=True)
    assert plan.faults or not plan.added


@given(st.binary(max_size=300))
@FAST
def test_any_bytes_behind_the_mark_of_a_zip(app, draft, content):
    assert check(draft, b"PK\x03\x04" + content, remove_missing=False).faults


@given(st.integers(0, 2**32), st.sampled_from(["xlsx", "csv"]))
@FAST
def test_a_good_file_with_some_bytes_changed(app, draft, seed, kind):
    chance = random.Random(seed)
    content = bytearray(as_xlsx(draft, "x") if kind == "xlsx" else as_csv(draft, "x").encode())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content))
        content[at : at + chance.randint(0, 3)] = bytes(chance.randrange(256) for _ in range(chance.randint(0, 3)))
    check(draft, bytes(content), remove_missing=True)


@given(st.integers(0, 2**32))
@FAST
def test_the_xml_inside_changed(app, draft, seed):
    """The zip is whole; what is in it is not."""
    chance = random.Random(seed)
    pieces = [b"<", b">", b'"', b"</c>", b'<c r="ZZZ9999999"><v>1</v></c>', b"\x00", b"<!DOCTYPE x>", b"<f>1</f>", b"-"]

    def spoil(part):
        at = chance.randrange(len(part) or 1)
        return part[:at] + chance.choice(pieces) + part[at + chance.randint(0, 9) :]

    names = [OF_A_SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"]
    content = mended(sheet(row(), row(id="b")), {chance.choice(names): spoil})
    check(draft, content, remove_missing=True)


@given(st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=6))
@FAST
def test_any_cells(app, draft, rows):
    head = ["id", "price", "tiers", "scale", "prices", "requires", "kind", "threshold"]
    check(draft, text(*rows, head=head).replace(b"\x00", b""), remove_missing=True)


def test_a_zip_that_unpacks_to_too_much():
    """Twenty thousand times as large once unpacked."""
    content = mended(sheet(row()), {"xl/media/image1.png": lambda _: b"0" * 30_000_000})
    assert len(content) < 100_000
    assert "unpacks to more" in why_not(content)


def test_a_zip_with_too_many_parts():
    content = mended(sheet(row()), {f"xl/x{n}.xml": lambda _: b"x" for n in range(400)})
    assert "unpacks to more" in why_not(content)


def test_a_zip_that_lies_about_its_size():
    """The size that the zip tells of a part is not believed: what is read is what it tells, or nothing."""
    content = bytearray(mended(sheet(row()), {"xl/big.xml": lambda _: b"0" * 1_000_000}))
    wrong = content.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert wrong != content and "damaged" in why_not(bytes(wrong))


@pytest.mark.parametrize(
    "cell",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1048576"><c><v>1</v></c></row>',
        b"<row><c a='>' r='XFD9'><v>1</v></c></row>",
        b"<x:row r='9'><x:c r='XFD9'><v>1</v></x:c></x:row>",
    ],
)
def test_a_cell_far_away_lays_out_nothing(cell):
    """A table of 17,179,869,184 cells would be laid out for one value in the last one."""
    content = mended(sheet(row()), {OF_A_SHEET: lambda part: part.replace(b"</sheetData>", cell + b"</sheetData>")})
    assert "too long or too wide" in why_not(content)


def test_another_sheet_of_the_same_name_is_never_laid_out():
    """What is measured is what is read: a second sheet of that name, with a cell far away, is not reached."""
    far = b"<worksheet><sheetData><row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData></worksheet>"
    twin = b'<sheet name="Effects" sheetId="1" r:id="rId1"/><sheet name="Effects" sheetId="9" r:id="rId9"/>'
    relation = b'<Relationship Id="rId9" Type="t/worksheet" Target="worksheets/far.xml"/></Relationships>'
    for order in (twin, b"".join(reversed(twin.partition(b"/>")[0::2])) + b"/>"):
        changes = {
            "xl/workbook.xml": lambda part, order=order: part.replace(twin[: twin.index(b"/>") + 2], order),
            "xl/_rels/workbook.xml.rels": lambda part: part.replace(b"</Relationships>", relation),
            "xl/worksheets/far.xml": lambda _: far,
        }
        content = mended(sheet(row()), changes)
        assert why_not(content)


def test_a_format_far_away_is_no_cell():
    """A whole column that has a format, as a spreadsheet stores it."""
    style = b'<row r="1048576"><c r="A1048576" s="1"/></row></sheetData>'
    content = mended(sheet(row()), {OF_A_SHEET: lambda part: part.replace(b"</sheetData>", style)})
    assert len(upload.read_file(content).rows) == 2


def test_one_long_text_in_every_cell():
    head = [f"c{n}" for n in range(100)]
    content = sheet(*[["x" * 30_000] * 100] * 300, head=head)
    assert "unpacks to more" in why_not(content)


@pytest.mark.parametrize("part", [OF_A_SHEET, "xl/sharedStrings.xml"])
def test_entities_are_not_expanded(part):
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = mended(sheet(row()), {part: lambda old: bomb + old.partition(b"?>")[2]})
    assert "cannot be read" in why_not(content)


def test_a_file_of_the_most_effects_is_checked_in_a_second(app, draft):
    for code in ("b", "c"):
        make_effect(draft, code, kind=EffectKind.FEE, max_per_person=None, deadweight_bp=0)
    content = sheet(*[row(id=f"e{n}") for n in range(490)])
    began = time.process_time()
    plan = check(draft, content, remove_missing=False)
    assert not plan.faults and len(plan.added) == 490
    assert time.process_time() - began < 3
    assert "at most 500" in check(draft, sheet(*[row(id=f"e{n}") for n in range(499)]), False).faults[0].message


def test_a_long_tag_is_read_in_linear_time():
    xml = b"<c " * 300_000
    began = time.process_time()
    assert upload._CELL.findall(xml) == []
    assert upload._CELL.findall(b'<c a="' * 300_000) == []
    assert time.process_time() - began < 3
