"""The skeleton of a `replay/1` file: payers with their ceilings, effects and caps, and no facts yet.

Whoever adds `participants` and `facts` can settle this table with `flask replay`. Payers are named by organisation id,
as in live settlement, under the payer rule "residence". The date of the one statement is the last day on which effects
of the bond may accrue. A price per payer is the extension `prices` that the README describes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.core.errors import NotNow
from app.core.money import Money
from app.pricing.files.cells import plain
from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.rules import decimal_in


@dataclass(frozen=True, slots=True)
class Unheld:
    """A rule of the format that the table breaks: of which effect (None: of the whole), at which key."""

    effect: Effect | None
    field: str
    message: str


def as_replay(table: PriceTable) -> dict[str, Any]:
    """Raises `NotNow` with the rule that the format would break; it is never bent to fit."""
    for rule in unheld(table):
        place = f"effects[{rule.effect.code}].{rule.field}" if rule.effect else rule.field
        raise NotNow(_("A replay file cannot hold this table. %(rule)s", rule=f"{place}: {rule.message}"))
    programme = table.programme
    caps: dict[str, Any] = {"reduce": str(table.reduce.value), "overshoot": str(table.overshoot.value)}
    caps |= _money(table, per_person=table.cap_per_person_minor, contract=table.cap_contract_minor)
    if table.period_caps:
        caps["periods"] = [
            {"from": cap["from"], "to": cap["to"], **_money(table, amount=cap["amount_minor"])}
            for cap in table.period_caps
        ]
    skeleton: dict[str, Any] = {
        "format": "replay/1",
        "title": f"{programme.title}: {table.title}"[:500],
        "currency": programme.currency,
        "rounding": _amount(table, table.step_minor),
        "payer_rule": "residence",
        "payers": [
            {
                "id": str(share.organisation_id),
                "name": share.organisation.name,
                "ceiling": _amount(table, share.ceiling_minor),
            }
            for share in programme.shares
        ],
        "participants": [],
        "effects": [_effect(effect) for effect in table.effects],
        "caps": caps,
        "facts": [],
        "settle_on": [day.isoformat() for day in programme.settlement_days],
    }
    return skeleton | ({} if table.vat_bp is None else {"vat_rate": _fraction(table.vat_bp)})


def unheld(table: PriceTable) -> Iterator[Unheld]:
    """What a table may say while it is prepared, and neither a file nor a published table."""
    payers = {str(share.organisation_id) for share in table.programme.shares}
    codes = {effect.code for effect in table.effects}
    if not payers:
        yield Unheld(None, "payers", _("no municipality has a share in this bond yet."))
    groups: dict[str, int] = {}
    for effect in table.effects:
        if set(effect.payer_prices) - payers:
            yield Unheld(effect, "prices", _("a price is set for a payer that has no share in this bond."))
        if set(effect.requires) - codes:
            yield Unheld(effect, "requires", _("an effect is required that is not in the table."))
        if effect.best_of and groups.setdefault(effect.best_of, effect.deadweight_bp) != effect.deadweight_bp:
            yield Unheld(effect, "best_of", _("the effects of one group must have the same deadweight."))


def _effect(effect: Effect) -> dict[str, Any]:
    said: dict[str, Any] = {"id": effect.code, "name": effect.name, "kind": str(effect.kind.value)}
    said |= _OF_KIND[effect.kind](effect)
    if effect.deadweight_bp:
        said["deadweight"] = _fraction(effect.deadweight_bp)
    if effect.max_count is not None:
        said["max_count"] = effect.max_count
    return said | _money(effect.table, max_amount=effect.max_amount_minor)


def _price(effect: Effect) -> dict[str, Any]:
    said: dict[str, Any] = {"price": _amount(effect.table, effect.price_minor)}
    if effect.payer_prices:
        said["prices"] = {payer: _amount(effect.table, price) for payer, price in effect.payer_prices.items()}
    return said


def _per_person(effect: Effect) -> dict[str, Any]:
    said: dict[str, Any] = {"max_per_person": effect.max_per_person}
    if effect.requires:
        said["requires"] = list(effect.requires)
    if effect.best_of:
        said["best_of"] = effect.best_of
    if not effect.tiers:
        return said | _price(effect)
    tiers = [
        {"up_to": tier["up_to"]}
        | _money(effect.table, price=tier["price_minor"], max_amount=tier.get("max_amount_minor"))
        for tier in effect.tiers
    ]
    return said | {"tiers": tiers}


def _per_unit(effect: Effect) -> dict[str, Any]:
    said = _price(effect) | {"unit": effect.unit}
    return said | ({"after": effect.after_units, "retroactive": effect.retroactive} if effect.after_units else {})


def _steps(effect: Effect) -> dict[str, Any]:
    steps = [{"at": _number(row["at"]), **_money(effect.table, amount=row["amount_minor"])} for row in effect.scale]
    return {"steps": steps, "between": effect.between}


def _bands(effect: Effect) -> dict[str, Any]:
    bands = [
        {
            "from": _number(row["from"]),
            "to": _number(row["to"]),
            **_money(effect.table, per_point=row["per_point_minor"]),
        }
        for row in effect.scale
    ]
    return {"bands": bands} | _numbers(effect, "threshold")


def _difference(effect: Effect) -> dict[str, Any]:
    return _price(effect) | _numbers(effect, "threshold", "pooled_threshold")


def _share(effect: Effect) -> dict[str, Any]:
    said: dict[str, Any] = {"share": _fraction(effect.share_bp)}
    if effect.share_after_bp is not None:
        said["share_after"] = _fraction(effect.share_after_bp)
    return said | _money(effect.table, until=effect.until_minor)


def _numbers(effect: Effect, *names: str) -> dict[str, str]:
    return {name: _number(getattr(effect, name)) for name in names if getattr(effect, name)}


def _number(typed: Any) -> str:
    found = decimal_in(str(typed))
    return str(typed) if found is None else plain(found)


def _fraction(basis_points: int) -> str:
    return f"{basis_points // 10_000}.{basis_points % 10_000:04d}"


def _money(table: PriceTable, **amounts: int | None) -> dict[str, str]:
    return {name: _amount(table, minor) for name, minor in amounts.items() if minor is not None}


def _amount(table: PriceTable, minor: int) -> str:
    return str(Money(minor, table.programme.currency).major)


_OF_KIND = {
    EffectKind.PER_PERSON: _per_person,
    EffectKind.PER_UNIT: _per_unit,
    EffectKind.STEPS: _steps,
    EffectKind.BANDS: _bands,
    EffectKind.DIFFERENCE: _difference,
    EffectKind.SHARE: _share,
    EffectKind.FEE: _price,
}
