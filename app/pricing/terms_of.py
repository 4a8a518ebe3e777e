"""A price table as the engine's terms: the bridge from what was published to what `valuation` computes."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any, cast

from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.terms import Band, Caps, Kind, Payer, Period, Step, Terms, Tier
from app.pricing.terms import Effect as PricedEffect
from app.programmes.models import MunicipalityShare

BASIS_POINTS = 10_000


def valuation_terms(table: PriceTable, shares: Iterable[MunicipalityShare]) -> Terms:
    """What `table` promises, paid by the municipalities of `shares`, each for its own residents.

    In facts and results an effect is named by its `code` and a payer by `str(organisation_id)`. A payer's ceiling is
    all that it reserved (minor units); an effect is never shifted to another payer (domain, section 7).
    """
    return Terms(
        effects=tuple(_effect(effect) for effect in table.effects),
        payers=tuple(Payer(str(share.organisation_id), ceiling=share.ceiling_minor) for share in shares),
        payer_rule="residence",
        caps=Caps(
            per_person=table.cap_per_person_minor,
            contract=table.cap_contract_minor,
            periods=tuple(_period(cap) for cap in table.period_caps),
            reduce=cast(Any, table.reduce.value),
            overshoot=cast(Any, table.overshoot.value),
        ),
        step=table.step_minor,
        vat_rate=None if table.vat_bp is None else Fraction(table.vat_bp, BASIS_POINTS),
    )


def _period(cap: dict[str, Any]) -> Period:
    return Period(date.fromisoformat(cap["from"]), date.fromisoformat(cap["to"]), cap["amount_minor"])


def _effect(effect: Effect) -> PricedEffect:
    keys: dict[str, Any] = {
        "price": effect.price_minor,
        "deadweight": Fraction(effect.deadweight_bp, BASIS_POINTS),
        "max_amount": effect.max_amount_minor,
        "max_count": effect.max_count,
    }
    return PricedEffect(id=effect.code, kind=cast(Kind, effect.kind.value), **keys | _OF_KIND[effect.kind](effect))


def _per_person(effect: Effect) -> dict[str, Any]:
    return {
        "prices": effect.payer_prices,
        "max_per_person": effect.max_per_person,
        "requires": tuple(effect.requires),
        "best_of": effect.best_of or None,
        "tiers": tuple(Tier(tier["up_to"], tier["price_minor"], tier.get("max_amount_minor")) for tier in effect.tiers),
    }


def _per_unit(effect: Effect) -> dict[str, Any]:
    # No maximum per person: units are limited by the cap in money.
    limits = {"max_per_person": None, "after": effect.after_units, "retroactive": effect.retroactive}
    return limits | {"prices": effect.payer_prices}


def _steps(effect: Effect) -> dict[str, Any]:
    steps = tuple(Step(Fraction(step["at"]), step["amount_minor"]) for step in effect.scale)
    return {"steps": steps, "between": effect.between}


def _bands(effect: Effect) -> dict[str, Any]:
    bands = tuple(Band(Fraction(band["from"]), Fraction(band["to"]), band["per_point_minor"]) for band in effect.scale)
    return {"bands": bands, "threshold": _fraction(effect.threshold)}


def _difference(effect: Effect) -> dict[str, Any]:
    return {
        "threshold": _fraction(effect.threshold) or 0,
        "pooled_threshold": _fraction(effect.pooled_threshold),
    }


def _share(effect: Effect) -> dict[str, Any]:
    after = effect.share_after_bp
    return {
        "share": Fraction(effect.share_bp, BASIS_POINTS),
        "share_after": None if after is None else Fraction(after, BASIS_POINTS),
        "until": effect.until_minor,
    }


def _fraction(typed: str) -> Fraction | None:
    return Fraction(typed) if typed else None


_OF_KIND = {
    EffectKind.PER_PERSON: _per_person,
    EffectKind.PER_UNIT: _per_unit,
    EffectKind.STEPS: _steps,
    EffectKind.BANDS: _bands,
    EffectKind.DIFFERENCE: _difference,
    EffectKind.SHARE: _share,
    EffectKind.FEE: lambda _effect: {},
}
