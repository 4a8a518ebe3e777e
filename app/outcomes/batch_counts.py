"""What is decided, counted per effect and municipality: exactly, for whoever sees the rows."""

import uuid
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import case, func, select

from app.extensions import db
from app.intake.suppression import Figure
from app.outcomes.disclosure import PROVEN, Key
from app.outcomes.models import Batch, BatchCount
from app.outcomes.required import left_out
from app.outcomes.states import DECIDED, ClaimState
from app.outcomes.tally_models import NONE, ProofTally
from app.people.models import Organisation
from app.pricing.models import Effect


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
    for effect, payer, verified, rejected in db.session.execute(
        _counted(ProofTally.programme_id == batch.programme_id, ProofTally.batch_id == batch.id)
    ):
        counted = BatchCount(effect_id=effect, payer_id=payer, verified=int(verified), rejected=int(rejected))
        counted.batch_id = batch.id
        db.session.add(counted)
    db.session.flush()


def exact_figures(programme_id: uuid.UUID, batch_id: uuid.UUID | None) -> BatchFigures:
    """Of a batch as it was signed; without one, of what is decided and the next batch takes."""
    if batch_id is None:
        counts = _counted(*unsigned(programme_id)).subquery().c
    else:
        of_batch = select(BatchCount.effect_id, BatchCount.payer_id, BatchCount.verified, BatchCount.rejected)
        counts = of_batch.where(BatchCount.batch_id == batch_id).subquery().c
    found = select(Effect.id, Effect.name, Organisation.id, Organisation.name, counts.verified, counts.rejected)
    found = found.join(Effect, Effect.id == counts.effect_id).join(Organisation, Organisation.id == counts.payer_id)
    rows: list[Any] = list(db.session.execute(found.order_by(Effect.position, Organisation.name)))
    if batch_id is None:
        left = left_out(programme_id)
        rows = [(*row[:4], row[4] - left[row[0], row[2]], row[5]) for row in rows]
        rows = [row for row in rows if row[4] or row[5]]
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


def _counted(*holds: Any) -> Any:
    """(effect, municipality, verified, rejected) of what is decided and `holds`, as the database keeps it."""
    rejected = func.sum(case((ProofTally.state == ClaimState.REJECTED, ProofTally.number), else_=0))
    keys = (ProofTally.effect_id, ProofTally.payer_id)
    verified = (func.sum(ProofTally.number) - rejected).label("verified")
    found = select(*keys, verified, rejected.label("rejected")).where(ProofTally.number != 0, *holds)
    return found.group_by(*keys)


def unsigned(programme_id: uuid.UUID) -> tuple[Any, ...]:
    """What is decided in a bond and stands in no batch yet."""
    return (ProofTally.programme_id == programme_id, ProofTally.batch_id == NONE, ProofTally.state.in_(DECIDED))
