"""What tenderers ask about a call, and the numbered notas that answer everybody."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call
from app.calls.states import QUESTION_FLOW, CallState
from app.core.models import Instant, Root, Row, append_only
from app.people.models import Organisation
from app.programmes.models import Part, Party, programmes_of


class Question(Root):
    """Asked by a tenderer, answered to all. Who asked is for nobody's eyes but the asker's own.

    `text` becomes public; `confidential` never does, and `withheld_because` says why (arts. 2.53 and 2.132 Aw).
    `answer` is a draft until a nota takes it (`answered_at`). A question that `same_as` names shares its answer.
    Without an asker it is a clarification by the governments themselves.
    """

    __tablename__ = "question"
    FLOW = QUESTION_FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str]
    confidential: Mapped[str] = mapped_column(default="")
    withheld_because: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    same_as_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("question.id"), index=True)
    nota_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("nota.id"), index=True)
    withdrawn_at: Mapped[Instant | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[Instant | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    call: Mapped[Call] = relationship(back_populates="questions")
    organisation: Mapped[Organisation | None] = relationship()
    same_as: Mapped["Question | None"] = relationship(remote_side="Question.id", back_populates="likewise")
    likewise: Mapped[list["Question"]] = relationship(back_populates="same_as", order_by="Question.created_at")

    @property
    def title(self) -> str:
        return self.text[:80]

    @property
    def is_open(self) -> bool:
        """Still waits for the nota that takes it."""
        return self.nota_id is None and self.withdrawn_at is None

    @property
    def is_ready(self) -> bool:
        """Has its answer in draft, or shares that of a question that has."""
        return bool(self.same_as.answer if self.same_as is not None else self.answer)

    @property
    def state(self) -> CallState:
        return self.call.state

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Question"]:
        """Answered ones are for everybody; open ones for who asked and for who answers: the leading municipality."""
        leading = programmes_of(user, Part.GOVERNMENT).where(Party.is_lead)
        answering = select(Call.id).where(Call.programme_id.in_(leading))
        mine = cls.asked_by_id == user.id if user.id is not None else cls.id.is_(None)
        waiting = cls.call_id.in_(answering) & cls.withdrawn_at.is_(None)
        return select(cls).where(or_(cls.nota_id.is_not(None), mine, waiting))

    def roles_of(self, user: Any) -> set[Role]:
        mine = {Role.SELF} if user.id is not None and user.id == self.asked_by_id else set()
        return self.call.roles_of(user) | mine


@append_only
class Nota(Row):
    """A numbered *nota van inlichtingen*: the answers of one day, for everybody at once; it never changes.

    `entries`: what it says, in order: {"topic", "questions": [text], "answer", "withheld": [reason]}, where a
    clarification has no questions. `digest`: SHA-256 (hex) of their canonical JSON, told in the notice.
    """

    __tablename__ = "nota"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    number: Mapped[int]
    published_at: Mapped[Instant]
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    digest: Mapped[str]

    call: Mapped[Call] = relationship(back_populates="notas")

    @property
    def title(self) -> str:
        return _("Nota van inlichtingen %(number)d", number=self.number)

    @property
    def state(self) -> CallState:
        return self.call.state

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Nota"]:
        """For everybody: a published answer is public."""
        return select(cls)

    def roles_of(self, user: Any) -> set[Role]:
        return self.call.roles_of(user)
