"""Participants and claims as a file: the columns, reading them cell by cell, and an empty file to fill in."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.contact import why_contact
from app.core.errors import Refused
from app.core.national_id import holds_national_id
from app.core.workbook import new_workbook
from app.intake.models import AgeBand
from app.intake.rules import ages_of
from app.outcomes.issuers import IssuerClass
from app.outcomes.measurement_rules import THOUSANDS, misread
from app.pricing.files.cells import Bond, Cell, CellFault, Number, Text, Whole, Word, key_of, spellings, yes_or_no
from app.pricing.files.upload import FileFault, Sheet, column_letters, read_file
from app.pricing.models import EvidenceType
from app.programmes.models import Programme

MOST_ROWS = 500
SKIPPED = "#"  # a row whose first cell begins so is an example
DUTCH_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")


class Day(Cell):
    """A date cell of a spreadsheet, or text: 2026-06-30 or 30-6-2026."""

    def read(self, raw: Any, bond: Bond) -> Any:
        if isinstance(raw, datetime):
            return raw.date()
        return raw if isinstance(raw, date) else super().read(raw, bond)

    def how(self) -> str:
        return _("A date, such as 2026-06-30 or 30-6-2026.")

    def _read(self, typed: str, bond: Bond) -> date:
        found = DUTCH_DAY.fullmatch(typed)
        try:
            day = date(int(found[3]), int(found[2]), int(found[1])) if found else date.fromisoformat(typed)
        except ValueError:
            raise CellFault(_("Give a date that exists, such as 2026-06-30.")) from None
        if not 1900 <= day.year <= 2200:
            raise CellFault(_("Give a date that exists, such as 2026-06-30."))
        return day


class Plain(Text):
    """Text about a person: neither a national number nor a way to reach anybody may stand in it."""

    def _read(self, typed: str, bond: Bond) -> str:
        if holds_national_id(typed):
            raise CellFault(_("A national number (BSN or rijksregisternummer) seems to stand here. Leave it out."))
        if (why := why_contact(typed)) is not None:
            raise CellFault(why)
        return super()._read(typed, bond)


class Issuer(Word):
    """The kind of organisation; what is typed instead is never repeated when it holds a national number."""

    def _read(self, typed: str, bond: Bond) -> Any:
        if holds_national_id(typed):
            raise CellFault(_("A national number (BSN or rijksregisternummer) seems to stand here. Leave it out."))
        return super()._read(typed, bond)


class Figure(Number):
    """What was measured. Text that reads as thousands to one and as a fraction to another is refused; a number of a
    spreadsheet is what it is, and is kept with the decimals that say so."""

    def read(self, raw: Any, bond: Bond) -> Any:
        if isinstance(raw, str) and THOUSANDS.fullmatch(raw.strip()):
            raise CellFault(misread())
        found = super().read(raw, bond)
        return f"{found}0" if THOUSANDS.fullmatch(found) else found


class Age(Word):
    """Offers the bands of the cohort alone; what another band breaks says the rule (`intake.rules.check_age`)."""

    def __init__(self, ages: Sequence[AgeBand]) -> None:
        super().__init__(AgeBand, needed=True)
        self.ages = ages

    def labels(self) -> list[str]:
        return [str(one.label) for one in self.ages]


@dataclass(frozen=True, slots=True)
class Column:
    """`name`: the field on which a rule of the portal refuses; `label` as the pages say it; `csv_name` in CSV files,
    the name where that reads well. `when`: in words, when it is needed, where that depends on the row."""

    name: str
    label: Any
    cell: Cell
    example: str
    when: Any = ""
    csv_name: str = ""

    @property
    def heading(self) -> str:
        return self.csv_name or self.name

    def explained(self) -> str:
        return self.cell.how()


OTHER_ISSUER = Column("other_issuer", _l("This issuer is right"), yes_or_no(), "", _l("for an unusual issuer"))
CLAIMS = (
    Column("participant", _l("Participant"), Plain(12, needed=True), "K7P-4WXC"),
    Column("effect", _l("Effect"), Plain(120, needed=True), "work-13w"),
    Column("achieved_on", _l("Achieved on"), Day(None, needed=True), "2026-06-01"),
    Column("quantity", _l("Quantity"), Whole(1, least=1, most=10_000), "1"),
    Column("evidence_type", _l("Evidence"), Word(EvidenceType), "employer"),
    Column("evidence_issuer", _l("Issued by"), Issuer(IssuerClass, needed=True), "employer"),
    Column("evidence_on", _l("Evidence dated"), Day(None, needed=True), "2026-06-03"),
    Column("evidence_digest", _l("SHA-256 of the document"), Text(64, needed=True), "ab" * 32),
    Column("note", _l("Note for the assessor"), Plain(2_000, lines=True), ""),
    Column(
        "same_document_because",
        _l("Why this document proves this effect too"),
        Plain(500, lines=True),
        "",
        _l("when it stands under another claim"),
    ),
    OTHER_ISSUER,
)
STARTED_LONG_AGO = _l("when the start lies more than thirty days back")
Columns = tuple[Column, ...]


def participants_of(programme: Programme) -> Columns:
    """The columns of a file with people of the cohort of this bond."""
    ages, municipality = ages_of(programme), _l("Municipality where the person lives")
    return (
        Column("referral", _l("Code of the referral"), Plain(12), "K7P-4WXC", _l("where there is one")),
        Column("municipality", municipality, Plain(120), "Enschede", _l("without a referral")),
        Column("age_band", _l("Age"), Age(ages), ages[0].value if ages else ""),
        Column("started_on", _l("Started on"), Day(None, needed=True), "2026-03-01"),
        Column("informed_on", _l("Told what is kept, on"), Day(None, needed=True), "2026-02-27"),
        Column("lot", _l("Lot"), Plain(120), ""),  # where the provider delivers in more than one
        Column("late_reason", _l("Reason of late registration"), Plain(500, lines=True), "", STARTED_LONG_AGO),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` as a spreadsheet names it ("C7"), or the row; empty for the file as a whole. `column`: its label."""

    place: str
    column: str
    message: str


@dataclass(slots=True)
class Line:
    """A row of the file: what its cells say by the name of the column."""

    number: int
    places: Mapping[str, int]
    columns: Columns
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, name: str | None, message: object) -> None:
        """On the cell of column `name`; on the row, where the file has no such column or the whole row is meant."""
        column = {column.name: column for column in self.columns}.get(name or "")
        at = self.places.get(column.name) if column is not None else None
        place = _("row %(number)d", number=self.number) if at is None else f"{column_letters(at)}{self.number}"
        self.faults.append(Fault(place, str(column.label) if column is not None else "", str(message)))

    def also(self, refused: Iterable[Refused]) -> None:
        """What the rules say of the cells that nothing was said of yet, and of columns that the file has not."""
        told, said = {fault.place for fault in self.faults}, {fault.message for fault in self.faults}
        for one in refused:
            at = self.places.get(one.field or "")
            if str(one.message) not in said and (at is None or f"{column_letters(at)}{self.number}" not in told):
                self.fault(one.field, one.message)


def read_lines(content: bytes, columns: Columns) -> tuple[list[Line], list[Fault]]:
    """The rows with what is wrong in their cells, and what is wrong with the file as a whole."""
    try:
        sheet = read_file(content)
    except FileFault as fault:
        return [], [Fault("", "", fault.message)]
    head = next((number for number, row in enumerate(sheet.rows, 1) if any(map(_is_filled, row))), 0)
    places, faults = _places(sheet, head, columns)
    if faults:
        return [], faults
    lines = list(_lines(sheet, head, places, columns))
    if not lines:
        return [], [Fault("", "", _("The file has no rows."))]
    if len(lines) > MOST_ROWS:
        return [], [Fault("", "", _("The file has more than %(most)d rows. Cut it in parts.", most=MOST_ROWS))]
    return lines, []


def _is_filled(raw: Any) -> bool:
    return raw is not None and not (isinstance(raw, str) and not raw.strip())


def _places(sheet: Sheet, head: int, columns: Columns) -> tuple[dict[str, int], list[Fault]]:
    """Where each column stands, by its name or its label in any language."""
    if not head:
        return {}, [Fault("", "", _("The file is empty."))]
    known = {
        name: column.name for column in columns for name in {column.name, column.heading, *spellings(column.label)}
    }
    places: dict[str, int] = {}
    faults = []
    for at, raw in enumerate(sheet.rows[head - 1]):
        if _is_filled(raw):
            name, place = known.get(key_of(str(raw))), f"{column_letters(at)}{head}"
            if name is None:
                faults.append(Fault(place, str(raw)[:60], _("No column is called “%(name)s”.", name=str(raw)[:60])))
            elif name in places:
                faults.append(Fault(place, str(raw)[:60], _("This column stands there twice.")))
            else:
                places[name] = at
    for column in columns:
        if column.name not in places and column.cell.needed:
            told = _("The column “%(name)s” is missing.", name=column.label)
            faults.append(Fault(_("row %(number)d", number=head), str(column.label), told))
    return places, faults


def _lines(sheet: Sheet, head: int, places: Mapping[str, int], columns: Columns) -> Iterator[Line]:
    for number, cells in enumerate(sheet.rows[head:], head + 1):
        first = next((str(raw) for raw in cells if _is_filled(raw)), "")
        if first and not first.lstrip().startswith(SKIPPED):
            yield _line(sheet, number, cells, places, columns)


def _line(sheet: Sheet, number: int, cells: Sequence[Any], places: Mapping[str, int], columns: Columns) -> Line:
    line = Line(number, places, columns)
    for column in columns:
        at = places.get(column.name)
        unread = sheet.unread.get((number, at)) if at is not None else None
        try:
            if unread is not None:
                raise CellFault(unread)
            raw = cells[at] if at is not None and at < len(cells) else None
            line.values[column.name] = column.cell.read(raw, Bond())
        except CellFault as fault:
            line.fault(column.name, fault.message)
    return line


def empty_csv(columns: Columns) -> str:
    """The columns and an example, which an import skips."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(column.heading for column in columns)
    writer.writerow(_example(columns))
    return "\ufeff" + written.getvalue()


def _example(columns: Columns) -> list[str]:
    return [f"{SKIPPED} {columns[0].example}", *(column.example for column in columns[1:])]


def empty_xlsx(columns: Columns) -> bytes:
    """The same, with columns in the words of the reader and how to fill them in as notes."""
    written = io.BytesIO()
    with new_workbook(written) as book:
        sheet, head, text = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 24, text)
            sheet.write_string(0, at, str(column.label), head)
            sheet.write_comment(0, at, column.explained())
            sheet.write_string(1, at, _example(columns)[at])
        sheet.freeze_panes(1, 0)
    return written.getvalue()
