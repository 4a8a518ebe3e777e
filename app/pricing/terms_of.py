"""A price table as the engine's terms: the bridge from what was published to what `valuation` computes."""

from collections.abc import Iterable
from fractions import Fraction

from app.pricing.models import Effect, EffectKind, PriceTable
from app.pricing.terms import Caps, Payer, Terms
from app.pricing.terms import Effect as PricedEffect
from app.programmes.models import MunicipalityShare

BASIS_POINTS = 10_000


def valuation_terms(table: PriceTable, shares: Iterable[MunicipalityShare]) -> Terms:
    """What `table` promises, paid by the municipalities of `shares`, each for its own residents.

    In facts and results an effect is named by its `code` and a payer by `str(organisation_id)`. A payer's ceiling is
    all that it reserved (minor units); an effect is never shifted to another payer (domain, section 7). When a cap
    binds, the latest facts lose, and what is cut is lost.
    """
    return Terms(
        effects=tuple(_effect(effect) for effect in table.effects),
        payers=tuple(Payer(str(share.organisation_id), ceiling=share.ceiling_minor) for share in shares),
        payer_rule="residence",
        caps=Caps(per_person=table.cap_per_person_minor, contract=table.cap_contract_minor),
    )


def _effect(effect: Effect) -> PricedEffect:
    return PricedEffect(
        id=effect.code,
        kind="per_unit" if effect.kind == EffectKind.PER_UNIT else "per_person",
        price=effect.price_minor,
        deadweight=Fraction(effect.deadweight_bp, BASIS_POINTS),
        max_per_person=effect.max_per_person,
        requires=(effect.requires_code,) if effect.requires_code else (),
    )
