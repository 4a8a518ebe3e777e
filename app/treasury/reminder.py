"""What was reminded of, so that nothing is told twice."""

import uuid

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Row


class PaymentReminder(Row):
    """`days` after the due day of `subject` (below zero: before it) whoever owes it was reminded."""

    __tablename__ = "payment_reminder"
    __table_args__ = (UniqueConstraint("subject_id", "days"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    subject_id: Mapped[uuid.UUID]  # a part of a capital call, or a statement
    days: Mapped[int]
