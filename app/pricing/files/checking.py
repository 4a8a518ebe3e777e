"""What an import would do to a draft, cell by cell: faults with their place, or what is added, changed and removed.

Pure reading: nothing is written. A column that the file has not keeps what the draft has; an empty cell empties it.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.extensions import db
from app.pricing.files.cells import Bond, CellFault, Most, key_of, spellings
from app.pricing.files.columns import ABOUT, CODE, COLUMNS, MOST_EFFECTS, OF_FIELD, Column, text_in
from app.pricing.files.document import bond_of
from app.pricing.files.settings import SETTING_OF, SETTINGS, Change, changed_settings, faults_of, read_settings
from app.pricing.files.upload import FileFault, Sheet, column_letters, is_windows, neither, read_file
from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.operations import EffectFacts, TableFacts
from app.pricing.rules import faults_in, faults_in_group, fraction_in
from app.unit_costs.models import UnitCost

NEEDED = ("name", "life_domain", "definition", "evidence_type")


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` as a spreadsheet names it ("C7"), empty for the file as a whole; `column` its label, in words."""

    place: str
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Changed:
    """An effect of the draft, what it becomes, and which columns differ: (column, before, after)."""

    effect: Effect
    facts: EffectFacts
    columns: Sequence[tuple[Column, str, str]]


@dataclass(slots=True)
class Plan:
    """What the import does when there is no fault."""

    sha256: str
    as_windows: bool = False  # read as Windows-1252, which the page says
    added: list[EffectFacts] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    removed: list[Effect] = field(default_factory=list)
    same: int = 0
    table: TableFacts | None = None  # what holds for the whole table, when that changes
    settings: Sequence[Change] = ()
    faults: list[Fault] = field(default_factory=list)

    @property
    def does_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed or self.settings)

    def digest(self) -> str:
        """Of all that it does: what is imported must be what was shown."""
        changed = [
            (change.facts.code, [(column.name, before, after) for column, before, after in change.columns])
            for change in self.changed
        ]
        settings = [(setting.name, before, after) for setting, before, after in self.settings]
        said = repr((self.sha256, self.added, changed, [effect.code for effect in self.removed], settings))
        return hashlib.sha256(said.encode()).hexdigest()


@dataclass(slots=True)
class Row:
    """A row of the file: what its cells say, by the field of `EffectFacts`, and where they stand.

    `unread` are the fields of cells that say nothing; `facts` what the row makes of its effect, as far as it was read.
    """

    number: int
    places: Mapping[str, int]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    facts: EffectFacts | None = None

    def fault(self, name: str, message: str) -> None:
        column = OF_FIELD[name]
        at = self.places.get(name)
        if at is None:  # the column is not in the file
            at = self.places["code"]
        self.faults.append(Fault(f"{column_letters(at)}{self.number}", str(column.label), message))


def check(table: PriceTable, content: bytes, remove_missing: bool) -> Plan:
    """Everything that is wrong, all at once; else the whole plan."""
    plan = Plan(hashlib.sha256(content).hexdigest(), is_windows(content))
    try:
        sheet = read_file(content)
    except FileFault as fault:
        plan.faults.append(Fault("", "", fault.message))
        return plan
    head = next((number for number, row in enumerate(sheet.rows, 1) if any(map(_is_filled, row))), 0)
    places, plan.faults = _read_head(sheet, head)
    if "code" not in places:
        return plan
    of_table = {name: places.pop(name) for name in SETTING_OF if name in places}
    rows = list(_read_rows(sheet, head, places, bond_of(table)))
    _compare(table, rows, plan)
    _compare_settings(table, sheet, head, places, of_table, plan)
    if remove_missing:
        named = {row.values.get("code") for row in rows}
        plan.removed = [effect for effect in table.effects if effect.code not in named]
    _check_together(table, rows, plan)
    for row in rows:
        plan.faults += sorted(row.faults, key=lambda fault: (len(fault.place), fault.place))  # from left to right
    return plan


def _is_filled(raw: Any) -> bool:
    return raw is not None and not (isinstance(raw, str) and not raw.strip())


def _read_head(sheet: Sheet, head: int) -> tuple[dict[str, int], list[Fault]]:
    """Where each column stands; its name may be the one of CSV files or its label in any language."""
    if not head:
        return {}, [Fault("", "", _("The file is empty."))]
    known = _names()
    places: dict[str, int] = {}
    faults = []
    width = max(map(len, sheet.rows))
    for at, raw in enumerate([*sheet.rows[head - 1], *[""] * width][:width]):
        name, place = str(raw if raw is not None else ""), f"{column_letters(at)}{head}"
        if not name.strip():
            if any(at < len(row) and _is_filled(row[at]) for row in sheet.rows[head:]):
                faults.append(Fault(place, "", _("This column has no name.")))
            continue
        found = known.get(key_of(name))
        if found is None:
            faults.append(Fault(place, name[:60], _unknown(name, known)))
        elif found in places:
            faults.append(Fault(place, name[:60], _("This column stands there twice.")))
        elif found in SETTING_OF or found not in ABOUT:
            places[found] = at
    if not places and len(faults) == 1 and _is_alone(sheet.rows[head - 1]) and not _near(faults[0].column, known):
        return {}, [Fault("", "", neither())]
    if "code" not in places and not faults:
        faults.append(Fault(f"A{head}", str(CODE.label), _("The column “%(name)s” is missing.", name=CODE.label)))
    return places, faults


def _is_alone(cells: Sequence[Any]) -> bool:
    """A line with one filled cell: of a table it would be the names of its columns."""
    return sum(map(_is_filled, cells)) == 1


def _near(name: str, known: Mapping[str, str]) -> list[str]:
    return get_close_matches(key_of(name[:60]), known, n=1, cutoff=0.75)


def _unknown(name: str, known: Mapping[str, str]) -> str:
    """With the name that was probably meant, as the pages say it."""
    said = _("No column is called “%(name)s”.", name=name[:60])
    for near in _near(name, known):
        column = OF_FIELD.get(known[near]) or SETTING_OF.get(known[near])
        said += " " + _("Did you mean “%(name)s”?", name=column.label if column else known[near])
    return said


def _names() -> dict[str, str]:
    """The field of `EffectFacts` for each name that a column may have, and the names about the whole table."""
    names = {key_of(name): name for name in ABOUT}
    for column in (*SETTINGS, *COLUMNS):
        names |= dict.fromkeys(spellings(column.label), column.field)
    names |= {column.name: column.field for column in (*SETTINGS, *COLUMNS)}
    return names


def _read_rows(sheet: Sheet, head: int, places: dict[str, int], bond: Bond) -> Iterator[Row]:
    for number, cells in _filled_rows(sheet, head, places):
        row = Row(number, places)
        for name, at in places.items():
            unread = sheet.unread.get((number, at))
            try:
                if unread is not None:
                    raise CellFault(unread)
                row.values[name] = OF_FIELD[name].cell.read(cells[at] if at < len(cells) else None, bond)
            except CellFault as fault:
                row.unread.add(name)
                row.fault(name, fault.message)
        yield row


def _filled_rows(sheet: Sheet, head: int, places: Mapping[str, int]) -> Iterator[tuple[int, Sequence[Any]]]:
    """Those of effects: neither empty nor an example."""
    at = places["code"]
    for number, cells in enumerate(sheet.rows[head:], head + 1):
        if any(map(_is_filled, cells)) and not (at < len(cells) and str(cells[at]).lstrip().startswith("#")):
            yield number, cells


def _compare_settings(
    table: PriceTable, sheet: Sheet, head: int, places: Mapping[str, int], of_table: Mapping[str, int], plan: Plan
) -> None:
    """What the file says of the whole table beside what the draft has."""
    bond = bond_of(table)
    read = read_settings(list(_filled_rows(sheet, head, places)), of_table, sheet.unread, bond)
    for (number, at), setting, message in read.faults:
        plan.faults.append(Fault(f"{column_letters(at)}{number}", str(setting.label), message))
    plan.table, plan.settings = changed_settings(table, read.values, bond)
    for place, fault in faults_of(plan.table, read.places) if plan.settings else ():
        cell = f"{column_letters(place[1])}{place[0]}" if place else ""
        plan.faults.append(Fault(cell, str(SETTING_OF[fault.field].label), fault.message))


def _compare(table: PriceTable, rows: list[Row], plan: Plan) -> None:
    """Each row beside the effect of the same code, by the rules of one row."""
    bond = bond_of(table)
    existing = {effect.code: effect for effect in table.effects}
    seen: set[str] = set()
    for row in rows:
        code = row.values.get("code")
        if code in seen:
            row.fault("code", _("This code stands in the file more than once."))
            continue
        if code is None:
            continue
        seen.add(code)
        effect = existing.get(code)
        facts, differs = _new(row) if effect is None else _changed(row, effect, bond)
        row.facts = facts
        if effect is not None and not differs:
            plan.same += 1
            continue
        for fault in faults_in(facts, (), row.unread):
            row.fault(fault.field, fault.message)
        if effect is None:
            plan.added.append(facts)
        else:
            plan.changed.append(Changed(effect, facts, differs))


def _new(row: Row) -> tuple[EffectFacts, list[Any]]:
    for name in NEEDED:
        if name not in row.values and name not in row.unread:
            row.fault(name, _("Fill this in."))
    read: dict[str, Any] = dict.fromkeys(NEEDED, "") | row.values
    values = _fitted(read, row.values.get("kind", EffectKind.PER_PERSON))
    if values.get("kind", EffectKind.PER_PERSON) != EffectKind.PER_PERSON:
        values.setdefault("max_per_person", None)
    return EffectFacts(**values), []


def _changed(row: Row, effect: Effect, bond: Bond) -> tuple[EffectFacts, list[tuple[Column, str, str]]]:
    """Only what really differs is changed, so that a value written in another way stays as it was."""
    stored = EffectFacts(**{part.name: getattr(effect, part.name) for part in fields(EffectFacts)})
    values = _fitted(row.values, row.values.get("kind", stored.kind))
    typed = replace(stored, **values)
    pairs = [
        (OF_FIELD[name], text_in(OF_FIELD[name], stored, bond), text_in(OF_FIELD[name], typed, bond)) for name in values
    ]
    differs = [(column, before, after) for column, before, after in pairs if before != after]
    return replace(stored, **{column.field: values[column.field] for column, _old, _new in differs}), differs


def _fitted(values: dict[str, Any], kind: EffectKind) -> dict[str, Any]:
    """An effect per person without a maximum is paid once, as everywhere; "unlimited" is stored as none. Of a
    difference a threshold may be a percentage, and is stored as a fraction."""
    if kind == EffectKind.DIFFERENCE:
        shares = {name: values[name] for name in ("threshold", "pooled_threshold") if "%" in values.get(name, "")}
        values = values | {name: fraction_in(typed) for name, typed in shares.items()}
    if "max_per_person" not in values:
        return dict(values)
    most = values["max_per_person"]
    if most is None and kind == EffectKind.PER_PERSON:
        most = 1
    return values | {"max_per_person": None if most == Most.UNLIMITED else most}


def _check_together(table: PriceTable, rows: list[Row], plan: Plan) -> None:
    """The rules between effects, on the table as it would be; what was not read is judged when it can be."""
    gone = {effect.code for effect in plan.removed}
    by_code = {row.facts.code: row for row in rows if row.facts is not None}
    needs = {effect.code: list(effect.requires) for effect in table.effects if effect.code not in gone}
    needs |= {
        code: [] if row.facts is None or "requires" in row.unread else row.facts.requires
        for code, row in by_code.items()
    }
    all_named = not any("code" in row.unread for row in rows)
    for code in needs:
        missing = [needed for needed in needs[code] if needed not in needs]
        if missing and all_named:
            message = _("No effect of the table has the code “%(code)s”.", code=", ".join(missing)[:80])
            _fault_of(by_code.get(code), plan, code, message)
        elif code not in needs[code] and code in _reached(needs[code], needs):
            _fault_of(by_code.get(code), plan, code, _("This effect requires itself, by way of the others."))
    _check_groups(table, by_code, plan)
    if len(needs) > MOST_EFFECTS:
        message = _("The table would have %(count)d effects; at most %(max)d.", count=len(needs), max=MOST_EFFECTS)
        plan.faults.append(Fault("", "", message))
    _check_register(rows)


def _check_groups(table: PriceTable, by_code: Mapping[str, Row], plan: Plan) -> None:
    """Told at the row of the file, whichever of the group stands there."""
    after: dict[str, EffectFacts | Effect] = {effect.code: effect for effect in table.effects}
    for effect in plan.removed:
        del after[effect.code]
    for code, row in by_code.items():
        after.pop(code, None)
        if row.facts is not None and not row.unread & {"best_of", "deadweight_bp"}:
            after[code] = row.facts
    for code in by_code.keys() & after.keys():
        others = [other for key, other in after.items() if key != code]
        for fault in faults_in_group(after[code], others):
            by_code[code].fault(fault.field, fault.message)


def _fault_of(row: Row | None, plan: Plan, code: str, message: str) -> None:
    if row is not None:
        row.fault("requires", message)
    else:
        plan.faults.append(Fault("", code, message))


def _reached(codes: Sequence[str], needs: Mapping[str, Sequence[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(codes)
    while ahead:
        code = ahead.pop()
        if code not in found:
            found.add(code)
            ahead.extend(needs.get(code, ()))
    return found


def _check_register(rows: list[Row]) -> None:
    wanted = {row.values["unit_cost_id"] for row in rows if row.values.get("unit_cost_id")}
    known = set(db.session.scalars(select(UnitCost.id).where(UnitCost.id.in_(wanted)))) if wanted else set()
    for row in rows:
        if row.values.get("unit_cost_id") and row.values["unit_cost_id"] not in known:
            row.fault("unit_cost_id", _("The register of unit costs has no such figure."))
