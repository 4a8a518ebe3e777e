"""What the worker does: tell that an appeal is late, seal statements that were signed before the portal had a seal."""

import uuid

from app.access.actions import Action
from app.access.record import record
from app.core.operation import operation
from app.extensions import db
from app.outcomes.models import Batch
from app.verification.appeal_reminding import remind_of_late
from app.verification.counter_signing import signature_under
from app.verification.seal import NoSeal, current_seal
from app.verification.sealing import seal_batch
from app.verification.statement_queries import unsealed

AT_ONCE = 10


def run_due() -> int:
    """How many appeals were told to be late and statements sealed; of those none while the portal has no seal."""
    return remind_of_late() + _seal_waiting()


def _seal_waiting() -> int:
    waiting = list(db.session.scalars(unsealed().with_only_columns(Batch.id).limit(AT_ONCE)))
    if not waiting:
        return 0
    try:
        current_seal()
    except NoSeal:
        return 0
    return sum(_seal(id) for id in waiting)


@operation
def _seal(id: uuid.UUID) -> bool:
    batch = db.session.scalars(unsealed().where(Batch.id == id)).unique().one_or_none()
    if batch is None:  # another worker was first
        return False
    pair = signature_under(batch)
    seal_batch(batch, pair.counter_signed_by if pair is not None else None)
    record(Action.BATCH_SEAL, batch, None, number=batch.number)
    return True
