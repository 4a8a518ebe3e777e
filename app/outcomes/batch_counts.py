"""What is decided, counted per effect and municipality: exactly, for whoever sees the rows."""

import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import Select, case, func, select, union_all

from app.extensions import db
from app.intake.models import Participant
from app.intake.suppression import Figure
from app.outcomes.disclosure import PROVEN, Key
from app.outcomes.models import Batch, BatchCount, Claim, Measurement
from app.outcomes.states import ClaimState
from app.people.models import Organisation
from app.pricing.models import Effect

DECIDED = (ClaimState.VERIFIED, ClaimState.REJECTED)


@dataclass(frozen=True, slots=True)
class BatchFigures:
    """Claims per effect and municipality (None: over all) that were verified, and that were rejected.

    `effects` and `payers` are (id, name). A municipality reads its own residents and the whole.
    """

    verified: dict[tuple[Any, Any], Figure]
    rejected: dict[tuple[Any, Any], Figure]
    effects: list[tuple[uuid.UUID, str]]
    payers: list[tuple[uuid.UUID, str]]


def count_signed(batch: Batch) -> None:
    """Lay down what `batch` holds; call it inside the operation that signs, once."""
    for effect, payer, verified, rejected in db.session.execute(_counted(batch_id=batch.id)):
        counted = BatchCount(effect_id=effect, payer_id=payer, verified=int(verified), rejected=int(rejected))
        counted.batch_id = batch.id
        db.session.add(counted)
    db.session.flush()


def exact_figures(programme_id: uuid.UUID, batch_id: uuid.UUID | None) -> BatchFigures:
    """Of a batch as it was signed; without one, of what is decided and stands in no batch yet."""
    if batch_id is None:
        counts = _counted(programme_id=programme_id).subquery().c
    else:
        of_batch = select(BatchCount.effect_id, BatchCount.payer_id, BatchCount.verified, BatchCount.rejected)
        counts = of_batch.where(BatchCount.batch_id == batch_id).subquery().c
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name, counts.verified, counts.rejected)
    found = found.join(Effect, Effect.id == counts.effect_id).join(Organisation, Organisation.id == counts.payer_id)
    rows = db.session.execute(found.order_by(Effect.position, Organisation.name)).all()
    effects = list(dict.fromkeys((row[0], row[1]) for row in rows))
    payers = sorted(dict.fromkeys((row[2], row[3]) for row in rows), key=lambda payer: payer[1])
    keys = list(product([*(id for id, _name in effects), None], [*(id for id, _name in payers), None]))

    def figures(stage: str, place: int) -> dict[tuple[Any, Any], Figure]:
        return {
            (effect, payer): Figure(
                sum(int(row[place]) for row in rows if effect in (None, row[0]) and payer in (None, row[2])),
                of=Key(effect, payer, stage, batch_id).words,
            )
            for effect, payer in keys
        }

    return BatchFigures(figures(PROVEN if batch_id else "verified", 4), figures("rejected", 5), effects, payers)


def _counted(*, programme_id: uuid.UUID | None = None, batch_id: uuid.UUID | None = None) -> Select[Any]:
    """(effect, municipality, verified, rejected) of a batch, or of a bond outside batches."""
    each = union_all(
        _of(Claim, Participant.payer_id, programme_id, batch_id).join(Claim.participant),
        _of(Measurement, Measurement.payer_id, programme_id, batch_id),
    ).subquery()
    rejected = func.sum(case((each.c.state == ClaimState.REJECTED, each.c.number), else_=0))
    return select(
        each.c.effect_id,
        each.c.payer_id,
        (func.sum(each.c.number) - rejected).label("verified"),
        rejected.label("rejected"),
    ).group_by(each.c.effect_id, each.c.payer_id)


def _of(proof: Any, payer: Any, programme_id: uuid.UUID | None, batch_id: uuid.UUID | None) -> Any:
    found = select(proof.effect_id, payer.label("payer_id"), proof.state, func.count().label("number"))
    found = found.select_from(proof).group_by(proof.effect_id, payer, proof.state)
    if batch_id is not None:
        return found.where(proof.batch_id == batch_id)
    return found.where(proof.programme_id == programme_id, proof.batch_id.is_(None), proof.state.in_(DECIDED))
