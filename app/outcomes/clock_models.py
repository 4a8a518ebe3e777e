"""When a clock ran for a participant, and which effects follow from that."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, Row
from app.extensions import db
from app.intake.models import Participant
from app.people.models import User
from app.pricing.models import Effect


class ClockRun(Root):
    """From `started_on` the clock of a chain of effects ran, until `stopped_on` (the first day on which it no longer
    did; None: it runs). `chain` is the code of the effect that begins the chain, such as "home-start"."""

    __tablename__ = "clock_run"
    __table_args__ = (
        UniqueConstraint("participant_id", "chain", "started_on"),
        CheckConstraint("stopped_on IS NULL OR stopped_on >= started_on", name="order"),
    )

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    chain: Mapped[str]
    started_on: Mapped[date]
    stopped_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")  # why it stopped; no names, no national numbers
    noted_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    participant: Mapped[Participant] = relationship(lazy="joined")
    noted_by: Mapped[User] = relationship()

    @property
    def title(self) -> str:
        return self.chain

    @classmethod
    def visible_to(cls, user: Any) -> Select["ClockRun"]:
        people = Participant.visible_to(user).with_only_columns(Participant.id)
        return select(cls).where(cls.participant_id.in_(people))

    def roles_of(self, user: Any) -> set[Role]:
        return self.participant.roles_of(user)


class Milestone(Row):
    """An effect that is reached on `due_on` when the clock runs on, and is not claimed yet. Its evidence is dated
    `lapses_on` at the latest. Laid by the portal whenever a claim or a clock changes; `told_*`: the provider was
    reminded."""

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("participant_id", "effect_id"),
        Index("ix_milestone_due", "provider_id", "programme_id", "due_on", "lapses_on", "id"),
        Index("ix_milestone_lapse", "provider_id", "programme_id", "lapses_on", "due_on", "id"),
        Index("ix_milestone_untold", "told_due_at", "due_on"),
    )

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"))
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    due_on: Mapped[date]
    lapses_on: Mapped[date]
    told_due_at: Mapped[Instant | None]
    told_lapse_at: Mapped[Instant | None]

    participant: Mapped[Participant] = relationship()
    effect: Mapped[Effect] = relationship(lazy="joined")


def clock_runs_of(participant: Participant) -> list[ClockRun]:
    found = select(ClockRun).where(ClockRun.participant_id == participant.id).order_by(ClockRun.started_on)
    return list(db.session.scalars(found).unique())
