"""What happens to the terms of a call: time given back after an outage, and who was reminded."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Instant, Row


class Outage(Row):
    """The portal could not be reached from `began_at` to `ended_at`, so everybody got more time (art. 2.109 Aw)."""

    __tablename__ = "outage"
    __table_args__ = (CheckConstraint("ended_at > began_at", name="order"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant]
    cause: Mapped[str]
    deadline_before: Mapped[Instant]
    deadline_after: Mapped[Instant]


class Reminder(Row):
    """Somebody was reminded of a term, once for this end of it."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("call_id", "user_id", "term", "days_before", "ends_at"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    term: Mapped[str]  # a word of `legal.TermKind`
    days_before: Mapped[int]
    ends_at: Mapped[Instant]
