"""A price table as .xlsx: numbers as numbers, text as text, lists to choose from, help on each column."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.core import clock
from app.core.format import day, moment
from app.core.workbook import new_workbook
from app.pricing.files.cells import Bond, Most, guarded
from app.pricing.files.columns import COLUMNS, EXAMPLE, MOST_EFFECTS, Column, text_in
from app.pricing.files.document import bond_of, overrides_of
from app.pricing.files.settings import EXAMPLE_OF_TABLE, NONE, SETTINGS, Setting
from app.pricing.models import PriceTable
from app.pricing.shown import TABLE_FIELDS, setting_of

FORMATS = {"amount": "#,##0.00", "percent": "0.00%", "whole": "0", "number": "General", "text": "@", "word": "@"}
WIDTHS = {"amount": 14, "percent": 11, "whole": 11, "number": 11, "text": 28, "word": 24}
Cell = str | Decimal
Columns = Sequence[Column | Setting]


def as_xlsx(table: PriceTable, address: str) -> bytes:
    """Every effect of the table, as it can be imported again; a second sheet tells of the whole table."""
    bond = bond_of(table)
    rows = [[_cell(column, effect, bond) for column in COLUMNS] for effect in table.effects]
    if rows:
        rows[0] += [_setting_cell(setting, table, bond) for setting in SETTINGS]
    about = _about(table, address)
    if table.illustrative:
        about.insert(0, [_("These prices are illustrative"), _("They show how it works, not what is paid.")])
    return _written(rows, about, table.published_at or clock.now(), (*COLUMNS, *SETTINGS))


def _about(table: PriceTable, address: str) -> list[list[str]]:
    """What holds for the whole table, in the words of its page."""
    setting = setting_of(table)
    said = [
        [_("Bond"), table.programme.title],
        [_("Price table"), f"{table.title}, {table.state.label}"],
        [_("Published on"), moment(table.published_at) if table.published_at else "–"],
        [_("Permanent address"), address],
        [_("Currency"), table.programme.currency],
    ]
    said += [[str(shown.label), shown.of(table, setting)] for shown in TABLE_FIELDS if shown.name != "illustrative"]
    for row in overrides_of(table):
        what = setting.effects.get(row.effect_code) or _("the whole table")
        words = {"gate": row.gate, "name": row.official.name, "day": day(row.created_at), "what": what}
        said.append([_("%(gate)s overridden by %(name)s on %(day)s (%(what)s):", **words), row.reason])
    return [[what, words] for what, words in said if words]


def template_xlsx() -> bytes:
    """Empty but for an example, which an import skips."""
    columns, said = (*COLUMNS, *SETTINGS), EXAMPLE | EXAMPLE_OF_TABLE
    example = [_worded(column, said.get(column.name, "")) for column in columns]
    about = [
        [_("How it works"), _("Fill in one row for each effect, then import the file into a draft of a price table.")],
        [_("The example"), _("The row whose code begins with # is skipped. You can leave it or delete it.")],
        [
            _("The whole table"),
            _("The last columns hold for the whole table: fill them in once, in the row of the first effect."),
        ],
    ]
    return _written([example], about, clock.now(), columns)


def _cell(column: Column, effect: Any, bond: Bond) -> Cell:
    number = column.cell.number(getattr(effect, column.field), bond)
    return number if number is not None else _worded(column, text_in(column, effect, bond))


def _setting_cell(setting: Setting, table: PriceTable, bond: Bond) -> Cell:
    """What holds for the whole table stands in the first row only."""
    value = getattr(table, setting.field)
    if value == setting.none:
        return str(NONE)
    number = setting.cell.number(value, bond)
    return number if number is not None else _worded(setting, setting.text(table, bond))


def _worded(column: Column | Setting, text: str) -> Cell:
    """The words of CSV in the language of the reader; the numbers of the example as numbers."""
    cell = column.cell
    if not text:
        return ""
    if cell.style == "word":
        return cell.label(cell.read(text, Bond()))  # type: ignore[attr-defined]
    if isinstance(cell, Most) and text == Most.WORD:
        return str(Most.label)
    if cell.style in FORMATS and cell.style not in ("text", "word"):
        number = cell.number(cell.read(text, Bond()), Bond())
        return text if number is None else number
    return text


def _written(rows: Sequence[Sequence[Cell]], about: Sequence[Sequence[str]], made: datetime, columns: Columns) -> bytes:
    written = io.BytesIO()
    book = new_workbook(written)
    book.set_properties({"title": _("Price per effect"), "created": made.astimezone(UTC).replace(tzinfo=None)})
    effects = book.add_worksheet(sheet_name())
    _lay_head(book, effects, columns)
    _lay_lists(book, effects, columns)
    for number, row in enumerate(rows, 1):
        for at, said in enumerate(row):
            if isinstance(said, Decimal):
                effects.write_number(number, at, said)
            elif said:
                effects.write_string(number, at, guarded(said))
    _lay_explanation(book, about, columns)
    book.close()
    return written.getvalue()


def sheet_name() -> str:
    return _("Effects")


def _lay_head(book: Any, sheet: Any, columns: Columns) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheet.set_row(0, 48)
    sheet.freeze_panes(1, 2)
    for at, column in enumerate(columns):
        style = column.cell.style
        looks = {"num_format": FORMATS[style], "valign": "top", "text_wrap": style == "text"}
        sheet.set_column(at, at, WIDTHS[style], book.add_format(looks))
        sheet.write_string(0, at, str(column.label), head)
        sheet.write_comment(0, at, column.explained(), {"x_scale": 2, "author": ""})


def _lay_lists(book: Any, effects: Any, columns: Columns) -> None:
    """The closed lists stand on a sheet of their own: a list in the rule itself may hold 255 characters at most."""
    from xlsxwriter.utility import xl_col_to_name

    name = _("Words")
    sheet = book.add_worksheet(name)
    worded = [column for column in columns if column.cell.style == "word"]
    for at, column in enumerate(worded):
        labels = column.cell.labels()  # type: ignore[attr-defined]
        sheet.write_string(0, at, str(column.label), book.add_format({"bold": True}))
        for number, label in enumerate(labels, 1):
            sheet.write_string(number, at, label)
        letter = xl_col_to_name(at)
        source = f"='{name}'!${letter}$2:${letter}${len(labels) + 1}"
        place = columns.index(column)
        effects.data_validation(1, place, MOST_EFFECTS, place, {"validate": "list", "source": source})


def _lay_explanation(book: Any, about: Sequence[Sequence[str]], columns: Columns) -> None:
    sheet = book.add_worksheet(_("Explanation"))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 34, wrapped)
    sheet.set_column(1, 1, 90, wrapped)
    for number, (what, said) in enumerate(about):
        sheet.write_string(number, 0, guarded(what))
        sheet.write_string(number, 1, guarded(said))
    start = len(about) + 1
    sheet.write_string(start, 0, _("Column"), bold)
    sheet.write_string(start, 1, _("What it means and how it is written"), bold)
    for number, column in enumerate(columns, start + 1):
        sheet.write_string(number, 0, str(column.label))
        sheet.write_string(number, 1, column.explained())
