"""What the pages of measurements read."""

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.outcomes.models import Batch, Measurement
from app.outcomes.queries import Listed, listed
from app.outcomes.states import COUNTING, ClaimState
from app.people.models import Organisation
from app.pricing.models import Effect
from app.programmes.models import Programme

SHOWN = 50  # earlier measurements beside the form; a bond has few


def work_list(
    programme: Programme, user: Any, state: ClaimState | None, number: int, url: Callable[[int], str]
) -> Listed:
    """Measurements that `user` may see, those that wait longest first."""
    found = Measurement.visible_to(user).where(Measurement.programme_id == programme.id)
    found = found.join(Effect, Measurement.effect_id == Effect.id)
    found = found.join(Organisation, Measurement.payer_id == Organisation.id)
    if state is not None:
        found = found.where(Measurement.state == state)
    columns = found.with_only_columns(
        Measurement.id,
        Effect.name.label("effect"),
        Organisation.name.label("municipality"),
        Measurement.achieved_on,
        Measurement.submitted_at,
        Measurement.state,
    )
    order = (func.coalesce(Measurement.submitted_at, Measurement.created_at), Measurement.id)
    return listed(columns, order, number, url)


def measured_before(programme: Programme, effect: Effect, user: Any) -> list[Measurement]:
    """What counts of one effect, of every municipality that `user` may see, the newest first."""
    found = Measurement.visible_to(user).where(
        Measurement.programme_id == programme.id, Measurement.effect_id == effect.id, Measurement.state.in_(COUNTING)
    )
    newest = Measurement.achieved_on.desc(), Measurement.id
    return list(db.session.scalars(found.order_by(*newest).limit(SHOWN)).unique())


def in_batch(batch: Batch, user: Any) -> list[Measurement]:
    """The measurements of a batch that `user` may see."""
    found = Measurement.visible_to(user).where(Measurement.batch_id == batch.id)
    return list(db.session.scalars(found.order_by(Measurement.achieved_on, Measurement.id)).unique())


def next_to_verify(programme_id: uuid.UUID, but: uuid.UUID) -> uuid.UUID | None:
    """The measurement that waits longest for the assessor, after the one on the screen."""
    found = select(Measurement.id).where(
        Measurement.programme_id == programme_id,
        Measurement.state == ClaimState.SUBMITTED,
        Measurement.id != but,
    )
    return db.session.scalar(found.order_by(Measurement.submitted_at).limit(1))
