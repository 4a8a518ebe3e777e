"""What holds for the whole table, in a file: columns behind those of the effects, filled in the first row.

Any one row may say it for all; an empty cell keeps what the draft has, and a word says that there is no maximum.
Whether prices are illustrative is not imported: nobody takes a label off by a file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.pricing.files.cells import (
    Amount,
    Bond,
    Cell,
    CellFault,
    Percent,
    Text,
    Word,
    key_of,
    major,
    minor_in,
    spellings,
    typed_in,
)
from app.pricing.files.lists import ListCell
from app.pricing.models import Overshoot, PriceTable, Reduce
from app.pricing.operations import TableFacts
from app.pricing.rules import FieldFault, faults_in_table
from app.pricing.shown import TABLE_LABELS

NONE = _l("none")
DAY = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
PERIOD = re.compile(rf"{DAY}[^0-9]{{1,20}}{DAY}")


class Periods(ListCell):
    """A maximum per period: both days belong to it."""

    def how(self) -> str:
        return _("From and to and the maximum, such as 2026-01-01 to 2026-12-31: 100000.00; 2027-01-01 to …")

    def _entry(self, value: list[Any], number: int, bond: Bond) -> str:
        cap = value[number]
        return f"{cap['from']} to {cap['to']}: {major(cap['amount_minor'], bond)}"

    def _read_entry(self, name: str, paid: str, before: list[Any], bond: Bond) -> Any:
        found = PERIOD.fullmatch(name)
        if not found:
            raise self._not_so(name)
        try:
            first, last = (date.fromisoformat(day).isoformat() for day in found.groups())
        except ValueError:
            raise self._not_so(name) from None
        return {"from": first, "to": last, "amount_minor": minor_in(paid, bond)}


@dataclass(frozen=True, slots=True)
class Setting:
    """`name` in files, `field` of `TableFacts`; `none` is stored where the word says so, ... where it may not be."""

    name: str
    field: str
    cell: Cell
    none: Any = ...

    @property
    def label(self) -> Any:
        return TABLE_LABELS[self.field]

    def text(self, facts: Any, bond: Bond) -> str:
        value = getattr(facts, self.field)
        return "none" if value == self.none else self.cell.text(value, bond)

    def explained(self) -> str:
        """In the language of the reader."""
        parts = [_("It holds for the whole table; empty keeps what the draft has."), self.cell.how()]
        if self.none is not ...:
            parts.append(_("Or “%(word)s”.", word=NONE))
        return " ".join(parts)

    def read(self, raw: Any, bond: Bond) -> Any:
        if self.none is not ... and isinstance(raw, str) and key_of(typed_in(raw)) in {"none"} | spellings(NONE):
            return self.none
        return self.cell.read(raw, bond)


SETTINGS = (
    Setting("note", "note", Text(2_000, lines=True)),
    Setting("cap_per_person", "cap_per_person_minor", Amount(None), None),
    Setting("cap_contract", "cap_contract_minor", Amount(None), None),
    Setting("cap_periods", "period_caps", Periods(), []),
    Setting("cap_reduce", "reduce", Word(Reduce)),
    Setting("cap_overshoot", "overshoot", Word(Overshoot)),
    Setting("step", "step_minor", Amount(None)),
    Setting("vat", "vat_bp", Percent(None), None),
)
EXAMPLE_OF_TABLE = {
    "note": "Second version: the price of work went up.",
    "cap_per_person": "12000.00",
    "cap_contract": "1000000.00",
    "cap_periods": "2026-01-01 to 2026-12-31: 400000.00; 2027-01-01 to 2027-12-31: 600000.00",
    "cap_reduce": "latest_first",
    "cap_overshoot": "carried",
    "step": "0.01",
    "vat": "21%",
}
SETTING_OF = {setting.field: setting for setting in SETTINGS}
# The note stands among what CSV files always said of the whole table.
BESIDE = tuple(setting for setting in SETTINGS if setting.name != "note")

Change = tuple[Setting, str, str]
Place = tuple[int, int]  # number of the row, place of the column


@dataclass(slots=True)
class Read:
    """What the file says of the whole table, by field, and where it first says so; `faults` with their place."""

    values: dict[str, Any]
    places: dict[str, Place]
    faults: list[tuple[Place, Setting, str]]


def read_settings(
    rows: Sequence[tuple[int, Sequence[Any]]], at: Mapping[str, int], unread: Mapping[Place, str], bond: Bond
) -> Read:
    """Each setting from the first row that says something; one fault names all rows that say otherwise."""
    read = Read({}, {}, [])
    otherwise: dict[str, list[Place]] = {}
    for number, cells in rows:
        for name, column in at.items():
            setting, place = SETTING_OF[name], (number, column)
            raw = cells[column] if column < len(cells) else None
            if (raw is None or not str(raw).strip()) and place not in unread:
                continue
            try:
                if place in unread:
                    raise CellFault(unread[place])
                value = setting.read(raw, bond)
            except CellFault as fault:
                read.faults.append((place, setting, fault.message))
                continue
            if name not in read.values:
                read.values[name], read.places[name] = value, place
            elif value != read.values[name]:
                otherwise.setdefault(name, []).append(place)
    for name, places in otherwise.items():
        message = _differing(read.places[name][0], [row for row, _column in places])
        read.faults.append((places[0], SETTING_OF[name], message))
    return read


def _differing(row: int, others: Sequence[int]) -> str:
    """That `others` say otherwise than `row`, told at the first of them: "3-5, 8"."""
    if len(others) == 1:
        return _("Row %(row)d says otherwise, and this holds for the whole table.", row=row)
    spans: list[tuple[int, int]] = []
    for other in others:
        if spans and spans[-1][1] == other - 1:
            spans[-1] = (spans[-1][0], other)
        else:
            spans.append((other, other))
    named = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return _(
        "Rows %(rows)s say otherwise than row %(row)d, and this holds for the whole table: say it in one row.",
        rows=named,
        row=row,
    )


def changed_settings(table: PriceTable, values: Mapping[str, Any], bond: Bond) -> tuple[TableFacts, list[Change]]:
    """The facts of the table as they would be, and what differs: (setting, before, after)."""
    stored = TableFacts(**{part.name: getattr(table, part.name) for part in fields(TableFacts)})
    typed = replace(stored, **values)
    pairs = [
        (SETTING_OF[name], SETTING_OF[name].text(stored, bond), SETTING_OF[name].text(typed, bond)) for name in values
    ]
    differs = [(setting, before, after) for setting, before, after in pairs if before != after]
    kept = {setting.field: values[setting.field] for setting, _before, _after in differs}
    return replace(stored, **kept), differs


def faults_of(facts: TableFacts, places: Mapping[str, Place]) -> Iterator[tuple[Place | None, FieldFault]]:
    """Each rule that they break together, at the cell that the file says it in, else at another one of them."""
    for fault in faults_in_table(facts):
        yield places.get(fault.field, next(iter(places.values()), None)), fault
