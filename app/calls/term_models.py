"""Who was reminded of the terms of a call."""

import uuid

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Instant, Row


class Reminder(Row):
    """Somebody was reminded of a term, once for this end of it."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("call_id", "user_id", "term", "days_before", "ends_at"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    term: Mapped[str]  # a word of `legal.TermKind`
    days_before: Mapped[int]
    ends_at: Mapped[Instant]
