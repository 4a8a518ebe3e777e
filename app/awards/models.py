import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.awards.states import LETTER_FLOW, SUSPENSION_FLOW, LetterState, Suspends, SuspensionState
from app.core.models import Instant, Root, Row, words
from app.evaluation.belonging import OfEvaluation
from app.evaluation.models import JUDGES, Evaluation, OpenedProposal, consortia_of, evaluations_of
from app.people.models import Organisation, User


class Letter(OfEvaluation, Root):
    """What one bidder is told of one decision. `number` counts the decisions of a call: an upheld objection leads to a
    second one, and the letters of the first stay as they are.

    `content`: the text as it was reviewed (see `letter.py`), with the standstill once it is sent; `digest` is its
    SHA-256 (hex). `last_sent_at`: when it was sent again, for instance because a mail came back.
    """

    __tablename__ = "award_letter"
    __table_args__ = (UniqueConstraint("opened_id", "number"),)
    FLOW = LETTER_FLOW

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"))
    number: Mapped[int]
    locale: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]
    state: Mapped[LetterState] = words(LetterState, default=LetterState.REVIEWED)
    reviewed_at: Mapped[Instant]
    reviewed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    sent_at: Mapped[Instant | None]
    last_sent_at: Mapped[Instant | None]

    evaluation: Mapped[Evaluation] = relationship(lazy="joined")
    opened: Mapped[OpenedProposal] = relationship(lazy="joined")
    reviewed_by: Mapped[User] = relationship()
    readings: Mapped[list["LetterReading"]] = relationship(order_by="LetterReading.created_at")

    @property
    def title(self) -> str:
        return _("Letter to %(bidder)s", bidder=self.opened.consortium.name)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Letter"]:
        """The governments and the auditor of the bond; its own bidder once it is sent, also when a new decision
        overtook it, and no other bidder."""
        parties = evaluations_of(user)
        own = select(OpenedProposal.id).where(OpenedProposal.consortium_id.in_(consortia_of(user)))
        return select(cls).where(or_(cls.evaluation_id.in_(parties), cls.opened_id.in_(own) & cls.sent_at.is_not(None)))

    def roles_of(self, user: Any) -> set[Role]:
        """Until it is sent, a letter tells who wins: of the officials only those who declared read it."""
        roles = self.evaluation.roles_of(user) - {Role.LEAD, Role.PARTNER}
        if self.sent_at is not None:
            return roles | self.opened.consortium.roles_of(user)
        return roles if Role.CLEARED in roles else roles - JUDGES


class LetterReading(Row):
    """Somebody of the bidder opened the letter: the proof that it arrived."""

    __tablename__ = "letter_reading"
    __table_args__ = (UniqueConstraint("letter_id", "user_id"),)

    letter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("award_letter.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))

    user: Mapped[User] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")


class Suspension(OfEvaluation, Root):
    """The award waits for something outside the portal, such as a judgment in summary proceedings (art. 2.131 Aw)."""

    __tablename__ = "award_suspension"
    FLOW = SUSPENSION_FLOW

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    cause: Mapped[Suspends] = words(Suspends)
    explanation: Mapped[str]
    lifted_at: Mapped[Instant | None]
    outcome: Mapped[str] = mapped_column(default="")

    evaluation: Mapped[Evaluation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return str(self.cause.label)

    @property
    def state(self) -> SuspensionState:
        return SuspensionState.RUNS if self.lifted_at is None else SuspensionState.LIFTED

    @classmethod
    def visible_to(cls, user: Any) -> Select["Suspension"]:
        return select(cls).where(cls.evaluation_id.in_(evaluations_of(user)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.evaluation.roles_of(user)
