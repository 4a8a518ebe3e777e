"""Who delivers under an agreement, read from its frozen terms: the consortia, their lots and their discounts.

Agreements of the format agreement/1 knew one consortium for the whole bond and no discount; they are read as such.
"""

import uuid
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

BASIS_POINTS = 10_000


def consortia_of(terms: dict[str, Any]) -> list[dict[str, Any]]:
    """Every consortium with its `lot` (None: the whole bond), `volumes` by effect code and `discount_bp`."""
    if "consortia" in terms:
        found: list[dict[str, Any]] = terms["consortia"]
        return found
    if "consortium" not in terms:
        return []  # a draft
    digest = terms["award"]["plan_digest"]
    return [terms["consortium"] | {"lot": None, "plan_digest": digest, "volumes": terms["volumes"], "discount_bp": 0}]


def consortia_at(terms: dict[str, Any], municipality_id: str) -> list[dict[str, Any]]:
    """The consortia that deliver in a municipality."""
    return [one for one in consortia_of(terms) if one["lot"] is None or _holds(one["lot"], municipality_id)]


def _holds(lot: dict[str, Any], municipality_id: str) -> bool:
    return any(one["id"] == municipality_id for one in lot["municipalities"])


def lots_of_provider(terms: dict[str, Any], organisation_ids: Iterable[uuid.UUID]) -> list[dict[str, Any]]:
    """The lots in which one of these organisations delivers; none where the bond is undivided."""
    own = {str(one) for one in organisation_ids}
    return [
        one["lot"]
        for one in consortia_of(terms)
        if one["lot"] is not None and any(partner["organisation"]["id"] in own for partner in one["partners"])
    ]


def discounts_of(terms: dict[str, Any]) -> dict[str | None, Fraction]:
    """What comes off an amount, by what it goes under: the lot of a participant (None: the bond is undivided), and for
    what is measured of a whole municipality that municipality. Empty where nobody gave a discount."""
    found: dict[str | None, Fraction] = {}
    for one in consortia_of(terms):
        if one["discount_bp"]:
            found[one["lot"]["id"] if one["lot"] is not None else None] = Fraction(one["discount_bp"], BASIS_POINTS)
    if found:
        for payer in terms["payers"]:
            here = consortia_at(terms, payer["organisation"]["id"])
            found[payer["organisation"]["id"]] = Fraction(
                max((c["discount_bp"] for c in here), default=0), BASIS_POINTS
            )
    return found
