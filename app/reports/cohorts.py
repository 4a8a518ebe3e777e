"""What the public reads of effects that are measured for a cohort: what could show, and what was found."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.extensions import db
from app.outcomes.basis import is_asked
from app.outcomes.models import Measurement, MeasurementBasis
from app.outcomes.states import ClaimState
from app.outcomes.weighing import said_points
from app.pricing.attribution import baseline_of
from app.pricing.models import Effect
from app.pricing.power import smallest_difference_bp
from app.programmes.models import Programme


@dataclass(frozen=True, slots=True)
class CohortResult:
    """`shows_bp`: the smallest difference (basis points) that two groups of the size of the cohort show at 80 % power;
    `interval`: from the lowest to the highest end of what was measured, where the number of measurements is told."""

    effect: Effect
    shows_bp: int | None
    interval: tuple[str, str] | None

    @property
    def shows(self) -> str | None:
        """In the unit of the pages of a measurement, which compare the groups that were measured."""
        return said_points(self.shows_bp) if self.shows_bp else None


def cohort_results(
    programme: Programme, effects: Collection[Effect], told: Collection[uuid.UUID]
) -> list[CohortResult]:
    """`told`: the effects whose number of proven measurements everybody may read. Two statements at most."""
    measured = [effect for effect in effects if is_asked(effect)]
    if not measured:
        return []
    found = select(Measurement.effect_id, MeasurementBasis.low, MeasurementBasis.high).join(Measurement.basis)
    found = found.where(
        Measurement.programme_id == programme.id,
        Measurement.effect_id.in_(told),
        Measurement.state.in_([ClaimState.SIGNED_OFF, ClaimState.SETTLED]),
    )
    ends: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for effect_id, low, high in db.session.execute(found):
        ends.setdefault(effect_id, []).append((low, high))
    return [CohortResult(effect, _shows(effect, programme), _widest(ends.get(effect.id, []))) for effect in measured]


def _shows(effect: Effect, programme: Programme) -> int | None:
    baseline = baseline_of(effect)
    return None if baseline is None else smallest_difference_bp(programme.cohort_size, baseline)


def _widest(ends: list[tuple[str, str]]) -> tuple[str, str] | None:
    if not ends:
        return None
    return min((low for low, _high in ends), key=Decimal), max((high for _low, high in ends), key=Decimal)
