import uuid

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.calls.key_models import Purpose
from app.core.models import Row, words
from app.evaluation.models import Evaluation
from app.people.models import User


class OpeningConsent(Row):
    """An official takes part in the opening; two make it happen (art. 2.108 Aw: not before the deadline)."""

    __tablename__ = "opening_consent"
    __table_args__ = (UniqueConstraint("evaluation_id", "user_id", "purpose"),)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    purpose: Mapped[Purpose] = words(Purpose, default=Purpose.PLAN)

    evaluation: Mapped[Evaluation] = relationship(back_populates="consents")
    user: Mapped[User] = relationship()  # one of the committee, who is at hand
