"""What was uploaded as rows of raw cells, whatever it is; raises `FileFault` for a file that cannot be read safely.

A .xlsx is a zip that a stranger made: it is unpacked here under limits and handed on as a plain one, its cells are
counted before they are laid out, and what has no value of its own (formulas, merged cells) is named with its place.
"""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from python_calamine import CalamineWorkbook

from app.pricing.files.cells import key_of, spellings, unguarded
from app.pricing.files.columns import MOST_EFFECTS

LARGEST = 1_000_000  # bytes of the file
LARGEST_UNPACKED = 20_000_000
MOST_PARTS = 300
MOST_ROWS, MOST_COLUMNS = 2 * MOST_EFFECTS, 200
MOST_TEXT = 50_000_000  # characters, were every cell as long as the longest text
OTHER_FILES = (b"%PDF", b"{\\rtf", b"<")  # a document, or a page saved from a browser: text, and no table
SHEET = _l("Effects")
WINDOWS = "cp1252"
BOOK, RELATIONS, TEXTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml"
NEEDED_PARTS = (BOOK, RELATIONS, TEXTS, "xl/styles.xml", "[content_types].xml", "_rels/.rels")

_IN_TAG = r"(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+"
_CELL = re.compile(rf"<(?:[\w.-]++:)?(row|c)\b({_IN_TAG})>(?:\s*+<(?:[\w.-]++:)?(f)\b)?".encode())
_SHEET = re.compile(rf"<(?:[\w.-]++:)?sheet\b({_IN_TAG})/?>".encode())
_RELATION = re.compile(rf"<(?:[\w.-]++:)?Relationship\b({_IN_TAG})/?>".encode())
_ATTRIBUTE = re.compile(rb"([\w:.-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
_NO_WINDOWS = re.compile(rb"[\x00-\x08\x0e-\x1f]|\xc3[\x80-\xbf]")


class FileFault(Exception):
    """Why the file as a whole cannot be read, as a sentence for whoever sent it."""

    @property
    def message(self) -> str:
        return str(self.args[0])


@dataclass(slots=True)
class Sheet:
    """Rows of raw cells, the first row is number 1; `unread` are places that hold no value of their own, and why."""

    rows: list[list[Any]]
    unread: dict[tuple[int, int], str] = field(default_factory=dict)


def read_file(content: bytes) -> Sheet:
    if not content.strip():
        raise FileFault(_("The file is empty."))
    if len(content) > LARGEST:
        raise FileFault(_("The file is larger than %(size)s MB.", size=LARGEST // 1_000_000))
    if content.lstrip().startswith(OTHER_FILES):
        raise FileFault(neither())
    if content.startswith(b"PK"):
        return _read_xlsx(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileFault(_("This is an older spreadsheet (.xls), or one with a password. Save it as .xlsx without one."))
    return _read_csv(content)


def neither() -> str:
    return _("This is neither a .xlsx nor a .csv file.")


def _read_csv(content: bytes) -> Sheet:
    text = _decoded(content)
    if "\x00" in text:
        raise FileFault(neither())
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error:
        raise FileFault(_("A quotation mark is not closed, or stands where it cannot stand.")) from None
    _check_size(len(rows), max(map(len, rows), default=0))
    sheet = Sheet(rows)
    for number, row in enumerate(rows, 1):
        for at, cell in enumerate(row):
            if cell.lstrip().startswith("="):
                sheet.unread[number, at] = _formula()
    sheet.rows = [[unguarded(cell) for cell in row] for row in rows]
    return sheet


def _decoded(content: bytes) -> str:
    """UTF-8; UTF-16 where it says so; else Windows-1252 (`is_windows`), which whoever looks at the dry run is told."""
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode(WINDOWS if is_windows(content) else "utf-8-sig")
    except UnicodeDecodeError:
        raise FileFault(_("This is no .xlsx, and no .csv in UTF-8. Save it as “CSV UTF-8” or as .xlsx.")) from None


def is_windows(content: bytes) -> bool:
    """Is it a .csv as Excel saves one without being asked for UTF-8? Letters that are UTF-8 in a file that is not are
    damage, and what holds control characters is no text: neither is read as something else."""
    if content.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")) or _NO_WINDOWS.search(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


def _read_xlsx(content: bytes) -> Sheet:
    parts = _unpacked(content)
    name, path = _sheet_of(parts)
    unread = _measure(parts[path], parts.get(TEXTS, b""))
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(_packed(parts, path)))
        sheet = book.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges or []
    except BaseException as fault:  # a panic of the library is no Exception
        if isinstance(fault, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise FileFault(_("The spreadsheet cannot be read. Save it again as .xlsx.")) from None
    for (row, at), _end in merged:
        unread[row + 1, at] = _("These cells are merged. Split them, and fill in each.")
    return Sheet([[unguarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows], unread)


def _unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of the zip by name in small letters, never more than the limits whatever the zip says of itself."""
    parts: dict[str, bytes] = {}
    left = LARGEST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            listed = [entry for entry in packed.infolist() if not entry.filename.endswith("/")]
            if len(listed) > MOST_PARTS:
                raise FileFault(_("The spreadsheet unpacks to more than the portal reads."))
            for entry in listed:
                name = entry.filename.casefold()
                if name in parts:
                    raise FileFault(_("The spreadsheet is damaged, or has a password."))
                with packed.open(entry) as part:
                    parts[name] = part.read(left + 1)
                left -= len(parts[name])
                if left < 0:
                    raise FileFault(_("The spreadsheet unpacks to more than the portal reads."))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise FileFault(_("The spreadsheet is damaged, or has a password.")) from None
    return parts


def _packed(parts: dict[str, bytes], sheet: str) -> bytes:
    """Only what was measured: no other sheet can be reached, whatever the book says."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as packed:
        for name in parts.keys() & {*NEEDED_PARTS, sheet}:
            packed.writestr(name, parts[name])
    return plain.getvalue()


def _sheet_of(parts: dict[str, bytes]) -> tuple[str, str]:
    """Name and part of the sheet of the effects, by its name in any language; else of the only one."""
    book, relations = parts.get(BOOK), parts.get(RELATIONS, b"")
    if book is None:
        raise FileFault(_("This is a zip file, and no .xlsx."))
    targets = {said.get("Id"): said.get("Target", "") for said in map(_attributes, _RELATION.findall(relations))}
    found: dict[str, str] = {}
    for said in map(_attributes, _SHEET.findall(book)):
        target = targets.get(next((said[key] for key in said if key.endswith(":id")), None), "")
        path = (target.lstrip("/") if target.startswith("/") else f"xl/{target}").casefold()
        if path in parts and "name" in said:
            found[said["name"]] = path
    wanted = spellings(SHEET)
    named = [name for name in found if key_of(name) in wanted]
    if not found:
        raise FileFault(_("The spreadsheet cannot be read. Save it again as .xlsx."))
    if len(named) != 1 and len(found) != 1:
        raise FileFault(_("The file has several sheets. Call the one with the effects “%(name)s”.", name=SHEET))
    name = named[0] if len(named) == 1 else next(iter(found))
    return name, found[name]


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode("utf-8", "replace"): (one or other).decode("utf-8", "replace")
        for key, one, other in _ATTRIBUTE.findall(tag)
    }


def _measure(xml: bytes, texts: bytes) -> dict[tuple[int, int], str]:
    """Refuse a sheet that is too wide, too long or too full before anything is laid out; name what has no value."""
    if any(b"\x00" in part or b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in (xml, texts)):
        raise FileFault(_("The spreadsheet cannot be read. Save it again as .xlsx."))
    unread: dict[tuple[int, int], str] = {}
    count, number, at = 0, 0, -1
    for kind, tag, formula in _CELL.findall(xml):
        number, at = _place_of(kind, _attributes(tag).get("r"), number, at)
        if kind == b"row" or tag.endswith(b"/"):
            continue  # only a format, no value
        count += 1
        _check_size(number, at + 1)
        if formula:
            unread[number, at] = _formula()
        elif _attributes(tag).get("t") == "e":
            unread[number, at] = _("This cell holds an error of the spreadsheet.")
    longest = max((len(text) for text in texts.split(b"</si>")), default=0)
    if count > MOST_ROWS * MOST_COLUMNS or count * longest > MOST_TEXT * 10:
        raise FileFault(_("The spreadsheet unpacks to more than the portal reads."))
    return unread


def _place_of(kind: bytes, said: str | None, number: int, at: int) -> tuple[int, int]:
    """Where a row or a cell stands; without a place of its own it stands behind the one before it."""
    if kind == b"row":
        if said is None:
            return number + 1, -1
        if re.fullmatch(r"[0-9]{1,9}", said):
            return int(said), -1
    elif said is None:
        return max(number, 1), at + 1
    elif found := re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,9})", said):
        return int(found[2]), column_number(found[1])
    raise FileFault(_("The spreadsheet cannot be read. Save it again as .xlsx."))


def _check_size(rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        message = _(
            "The file is too long or too wide: at most %(rows)d rows and %(columns)d columns.",
            rows=MOST_ROWS,
            columns=MOST_COLUMNS,
        )
        raise FileFault(message)


def _formula() -> str:
    return _("This is a formula. Put its outcome there, as a value.")


def column_number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(at: int) -> str:
    """0 -> A, 26 -> AA."""
    letters, left = "", at + 1
    while left:
        left, rest = divmod(left - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
