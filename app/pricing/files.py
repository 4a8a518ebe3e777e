"""A published table for machines: JSON and CSV. Amounts and fractions are decimal strings, days and counts numbers.

Names follow `replay/1` where it has them (`price`, `deadweight`, `max_per_person`, `requires`).
"""

import csv
import io
from typing import Any

from app.core.money import Money
from app.pricing.models import Effect, PriceTable

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(table: PriceTable, address: str) -> dict[str, Any]:
    """`address` is where the table stands for ever."""
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
        "caps": {
            "per_person": _decimal(table.cap_per_person_minor, table),
            "contract": _decimal(table.cap_contract_minor, table),
        },
        "effects": [_effect(effect) for effect in table.effects],
    }


def _effect(effect: Effect) -> dict[str, Any]:
    saving = {
        "amount": _decimal(effect.saving_minor, effect.table),
        "class": str(effect.saving_class),
        "source": effect.saving_source,
    }
    return {
        "id": effect.code,
        "name": effect.name,
        "life_domain": str(effect.life_domain),
        "kind": str(effect.kind),
        "who": effect.who,
        "definition": effect.definition,
        "unit": effect.unit,
        "sustained": effect.sustained,
        "price": _decimal(effect.price_minor, effect.table),
        "deadweight": str(effect.deadweight),
        "max_per_person": effect.max_per_person,
        "requires": effect.requires,
        "evidence": {"type": str(effect.evidence_type), "days": effect.evidence_days},
        "saving": saving if effect.saving_minor is not None else None,
    }


def _decimal(minor: int | None, table: PriceTable) -> str | None:
    return None if minor is None else str(Money(minor, table.programme.currency).major)


def as_csv(table: PriceTable) -> str:
    """One row per effect. What a spreadsheet would take for a formula gets an apostrophe in front."""
    written = io.StringIO()
    writer: Any = None
    for effect in table.effects:
        row = _row(effect)
        if writer is None:
            writer = csv.DictWriter(written, row.keys(), lineterminator="\r\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return written.getvalue()


def _row(effect: Effect) -> dict[str, Any]:
    facts = _effect(effect)
    evidence, saving = facts.pop("evidence"), facts.pop("saving") or {}
    table = {
        "bond": effect.table.programme.title,
        "table": effect.table.number,
        "illustrative": "yes" if effect.table.illustrative else "no",
        "currency": effect.table.programme.currency,
    }
    tail = {"evidence_type": evidence["type"], "evidence_days": evidence["days"]}
    tail |= {f"saving_{name}": saving.get(name) for name in ("amount", "class", "source")}
    return table | facts | {"requires": " ".join(effect.requires)} | tail


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
