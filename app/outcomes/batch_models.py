"""What a batch holds, counted once when it is signed."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Row, append_only


@append_only
class BatchCount(Row):
    """How many claims and measurements of one effect and one municipality were signed as verified, and as rejected.

    A signed batch never changes, so that its page need not count its claims again.
    """

    __tablename__ = "batch_count"
    __table_args__ = (
        UniqueConstraint("batch_id", "effect_id", "payer_id"),
        CheckConstraint("verified >= 0 AND rejected >= 0", name="counts"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batch.id"))
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    verified: Mapped[int]
    rejected: Mapped[int]
