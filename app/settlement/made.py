"""A line of a settlement while it is made: columns and no row, since a settlement may hold a million of them."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from app.pricing.gross import Taken
from app.pricing.rounding import Number
from app.settlement.states import LineKind

ALIKE = 4_096  # explanations that are kept: most effects of a table are worth the same, and are explained alike


@dataclass(slots=True)
class Made:
    """What a `SettlementLine` holds; amounts in minor units."""

    kind: LineKind
    claim_id: uuid.UUID | None
    measurement_id: uuid.UUID | None
    first_settlement_id: uuid.UUID | None
    payer_id: uuid.UUID
    gross_minor: int
    paid_minor: int
    steps: Sequence[Mapping[str, Any]]
    position: int = 0
    provider_id: uuid.UUID | None = None

    @property
    def proof_id(self) -> uuid.UUID:
        return self.claim_id or self.measurement_id  # type: ignore[return-value]


def stored_steps(steps: Sequence[Taken]) -> Sequence[Mapping[str, str]]:
    """The steps as they are kept: exact minor units as text, for a fraction of a cent is possible.

    A decimal where it has an end ("1234.5"), else a fraction ("3700/3"). Equal steps are one object.
    """
    return _stored(tuple(steps))


@lru_cache(maxsize=ALIKE)
def _stored(steps: tuple[Taken, ...]) -> Sequence[Mapping[str, str]]:
    return [{"rule": s.rule, "before_minor": exact_text(s.before), "after_minor": exact_text(s.after)} for s in steps]


def exact_text(number: Number) -> str:
    """Minor units as they are kept in steps."""
    if isinstance(number, int):
        return str(number)
    exact = Fraction(number)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{decimal.normalize():f}" if Fraction(decimal) == exact else str(exact)


def canonical(line: Any) -> str:
    """A line as its settlement's fingerprint reads it (JSON): claim or measurement, payer, gross, paid and steps; of a
    later line also its kind and the first settlement."""
    steps = _canonical(tuple((step["rule"], step["before_minor"], step["after_minor"]) for step in line.steps))
    row = f'"{line.proof_id.hex}","{line.payer_id.hex}",{line.gross_minor},{line.paid_minor},{steps}'
    if line.first_settlement_id is None:
        return f"[{row}]"
    return f'[{row},"{line.kind.value}","{line.first_settlement_id.hex}"]'


@lru_cache(maxsize=ALIKE)
def _canonical(steps: tuple[tuple[str, str, str], ...]) -> str:
    return json.dumps(steps, separators=(",", ":"))
