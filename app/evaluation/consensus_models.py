"""What the committee did together: the consensus meeting, and lots that two officials drew."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Instant, Row
from app.evaluation.models import Evaluation
from app.people.models import User


class Meeting(Row):
    """The record of a consensus meeting. `summary` goes into the award record, `private_notes` stay with the committee.
    It is never edited: a correction is a new record."""

    __tablename__ = "consensus_meeting"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    held_on: Mapped[date]
    present_ids: Mapped[list[str]] = mapped_column(JSON)  # the scorers who were there
    summary: Mapped[str]
    private_notes: Mapped[str] = mapped_column(default="")
    recorded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    evaluation: Mapped[Evaluation] = relationship(back_populates="meetings")
    recorded_by: Mapped[User] = relationship()


class TieDraw(Row):
    """Lots between plans that share a place, drawn by two officials: each gives words that the other does not know, and
    `seed` is the SHA-256 of both with the digests of the plans, so that neither can steer it and everybody can check
    it.

    Until the second one has given words those of the first are shown to nobody (`first_digest` stands in the trail).
    """

    __tablename__ = "tie_draw"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    first_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    first_words: Mapped[str]
    first_digest: Mapped[str]
    second_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    second_words: Mapped[str] = mapped_column(default="")
    seed: Mapped[str] = mapped_column(default="")
    order: Mapped[list[Any]] = mapped_column(JSON, default=list)  # ids of the plans that were tied, first drawn first
    drawn_at: Mapped[Instant | None]
    void: Mapped[bool] = mapped_column(default=False)  # points were agreed anew afterwards

    evaluation: Mapped[Evaluation] = relationship(back_populates="draws")
    first_by: Mapped[User] = relationship(foreign_keys=[first_by_id])
    second_by: Mapped[User | None] = relationship(foreign_keys=[second_by_id])
