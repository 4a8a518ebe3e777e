"""A price table as JSON and CSV for machines: the format `bewezen-prices/1`.

    {"format": "bewezen-prices/1", "address": "...", "bond": "...", "number": 3, "state": "published",
     "published_at": "2026-11-22T09:00:00+00:00", "illustrative": false, "note": "...", "currency": "EUR",
     "step": "0.01", "vat": null, "copied_from": null,
     "caps": {"per_person": null, "contract": "1000000.00", "periods": [{"from": "...", "to": "...", "amount": "..."}],
              "reduce": "latest_first", "overshoot": "lost"},
     "overrides": [{"effect": "work-13w", "gate": "D6", "reason": "...", "official": "...", "on": "..."}],
     "effects": [{"id": "work-13w", "price": "2500.00", "deadweight": "0.2000", "evidence": {...}, ...}]}

Amounts are decimal strings in major units, shares and percentages decimal fractions ("0.2000" is 20 %), counts and
days numbers, null is "none". `address` names the table for ever; `copied_from` the address of the table that this one
began with. `overrides` are gates that an official let pass, with an empty `effect` for the whole table; grade C never
is. `effects` have one key per column of `columns`, named as in `replay/1` where it has them; the columns of `evidence`,
`baseline` and `saving` stand in objects of those names, and `saving` is null where nothing is said of it.

The CSV has one row per effect and one column per key (`evidence_type`), comma-separated, in UTF-8 with a byte order
mark, with percentages as "20%" and lists as `columns` writes them, then what holds for the whole table. Of that an
import takes what `settings` names, which stands in the first row only. What a spreadsheet would take for a formula has
an apostrophe in front, which an import takes off again.
A key is never taken away or given another meaning under the same format name; new ones may be added.
"""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.money import Money
from app.extensions import db
from app.pricing.files.cells import Bond, guarded
from app.pricing.files.columns import ABOUT, COLUMNS, EXAMPLE, text_in
from app.pricing.files.settings import BESIDE, EXAMPLE_OF_TABLE, SETTINGS
from app.pricing.models import Effect, GateOverride, PriceTable

BOM = "\ufeff"
SETTING_NAMES = {setting.name for setting in SETTINGS}


def bond_of(table: PriceTable) -> Bond:
    shares = table.programme.shares
    return Bond(table.programme.currency, {str(share.organisation_id): share.organisation.name for share in shares})


def as_json(table: PriceTable, address: str, copied_from: str | None = None) -> dict[str, Any]:
    """`address` is where the table stands for ever, `copied_from` that of the table that it began with."""
    bond = bond_of(table)
    return {
        "format": "bewezen-prices/1",
        "address": address,
        "bond": table.programme.title,
        "number": table.number,
        "state": str(table.state),
        "published_at": table.published_at.isoformat() if table.published_at else None,
        "illustrative": table.illustrative,
        "note": table.note,
        "currency": table.programme.currency,
        "step": _decimal(table.step_minor, table),
        "vat": None if table.vat_bp is None else str(Decimal(table.vat_bp).scaleb(-4)),
        "copied_from": copied_from,
        "caps": _caps(table),
        "overrides": [_override(row) for row in overrides_of(table)],
        "effects": [_effect(effect, bond) for effect in table.effects],
    }


def _caps(table: PriceTable) -> dict[str, Any]:
    periods = [
        {"from": cap["from"], "to": cap["to"], "amount": _decimal(cap["amount_minor"], table)}
        for cap in table.period_caps
    ]
    return {
        "per_person": _decimal(table.cap_per_person_minor, table),
        "contract": _decimal(table.cap_contract_minor, table),
        "periods": periods,
        "reduce": str(table.reduce.value),
        "overshoot": str(table.overshoot.value),
    }


def overrides_of(table: PriceTable) -> Iterable[GateOverride]:
    found = select(GateOverride).where(GateOverride.table_id == table.id)
    return db.session.scalars(found.order_by(GateOverride.effect_code, GateOverride.created_at)).unique()


def _override(row: GateOverride) -> dict[str, Any]:
    return {
        "effect": row.effect_code,
        "gate": row.gate,
        "reason": row.reason,
        "official": row.official.name,
        "on": row.created_at.isoformat(),
    }


def _effect(effect: Effect, bond: Bond) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for column in COLUMNS:
        value = column.cell.json(getattr(effect, column.field), bond)
        (said.setdefault(column.group, {}) if column.group else said)[column.key] = value
    if effect.saving_minor is None and not any(said["saving"].values()):
        said["saving"] = None
    return said


def _decimal(minor: int | None, table: PriceTable) -> str | None:
    return None if minor is None else str(Money(minor, table.programme.currency).major)


def as_csv(table: PriceTable, address: str) -> str:
    bond, about = bond_of(table), about_table(table, address)
    rows = [[text_in(column, effect, bond) for column in COLUMNS] for effect in table.effects]
    for number, row in enumerate(rows):  # what can be imported stands in one row, where it can be changed at once
        row += ["" if number and name in SETTING_NAMES else said for name, said in about.items()]
        row += ["" if number else setting.text(table, bond) for setting in BESIDE]
    head = [*(column.name for column in COLUMNS), *ABOUT, *(setting.name for setting in BESIDE)]
    return _written([head, *rows])


def template_csv() -> str:
    """The columns and an example, which an import skips; last what holds for the whole table."""
    columns, example = (*COLUMNS, *SETTINGS), EXAMPLE | EXAMPLE_OF_TABLE
    return _written([[column.name for column in columns], [example.get(column.name, "") for column in columns]])


def _written(rows: list[list[str]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([guarded(cell) for cell in row] for row in rows[1:])
    return BOM + written.getvalue()


def about_table(table: PriceTable, address: str) -> dict[str, str]:
    """What holds for the whole table, in words for one cell each."""
    caps = _caps(table)
    limits = {name: said for name, said in caps.items() if said and name != "periods"}
    limits |= {f"{cap['from']} to {cap['to']}": cap["amount"] for cap in caps["periods"]}
    overrides = [f"{row.effect_code or 'table'} {row.gate}: {row.reason}" for row in overrides_of(table)]
    said = (
        table.programme.title,
        str(table.number),
        str(table.state),
        table.published_at.isoformat() if table.published_at else "",
        address,
        "yes" if table.illustrative else "no",
        table.programme.currency,
        table.note,
        "; ".join(f"{name}: {amount}" for name, amount in limits.items()),
        "; ".join(overrides),
    )
    return dict(zip(ABOUT, said, strict=True))
