import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Select, UniqueConstraint, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.states import FLOW, CallState
from app.core import clock
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, words
from app.extensions import db
from app.people.models import Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Programme, programmes_of


class Call(Root):
    """One consortium call. `deadline` and `questions_until` are moments (UTC); `standstill_days` calendar days."""

    __tablename__ = "call"
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"))
    title: Mapped[str]
    description: Mapped[str]
    requirements: Mapped[str] = mapped_column(default="")
    questions_until: Mapped[Instant]
    deadline: Mapped[Instant]
    standstill_days: Mapped[int]  # art. 2.127 Aw: 20 (NL); art. 11 Law of 17 June 2013: 15 (BE)
    state: Mapped[CallState] = words(CallState, default=CallState.DRAFT)
    published_at: Mapped[Instant | None]
    cancelled_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    table: Mapped[PriceTable] = relationship()
    criteria: Mapped[list["Criterion"]] = relationship(
        back_populates="call", order_by="Criterion.position", cascade="all, delete-orphan"
    )
    committee: Mapped[list["CommitteeMember"]] = relationship(back_populates="call", cascade="all, delete-orphan")
    questions: Mapped[list["Question"]] = relationship(back_populates="call", order_by="Question.created_at")
    rectifications: Mapped[list["Rectification"]] = relationship(order_by="Rectification.created_at")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Call"]:
        """A published call is public; a draft is for the governments of the bond."""
        own = cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT))
        return select(cls).where(or_(cls.state != CallState.DRAFT, own))

    def roles_of(self, user: Any) -> set[Role]:
        duties = {Duty.SCORER: Role.SCORER, Duty.OPENER: Role.OPENER}
        mine = {duties[m.duty] for m in self.committee if user.id is not None and m.user_id == user.id}
        return self.programme.roles_of(user) | mine

    @property
    def is_past_deadline(self) -> bool:
        return clock.now() >= self.deadline

    def followers(self) -> list[User]:
        found = select(User).join(Follower).where(Follower.call_id == self.id, User.active)
        return list(db.session.scalars(found))

    def is_followed_by(self, user: Any) -> bool:
        found = exists().where(Follower.call_id == self.id, Follower.user_id == user.id)
        return bool(db.session.scalar(select(found)))


class Criterion(Row):
    """An award criterion. Weights of a call sum to 100."""

    __tablename__ = "criterion"
    __table_args__ = (CheckConstraint("weight > 0 AND weight <= 100", name="weight"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    weight: Mapped[int]

    call: Mapped[Call] = relationship(back_populates="criteria")


class Duty(Labelled):
    OPENER = "opener", _l("opens the plans")
    SCORER = "scorer", _l("scores the plans")


class CommitteeMember(Row):
    """A person named in the call who opens or scores."""

    __tablename__ = "committee_member"
    __table_args__ = (UniqueConstraint("call_id", "user_id", "duty"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    duty: Mapped[Duty] = words(Duty)

    call: Mapped[Call] = relationship(back_populates="committee")
    user: Mapped[User] = relationship(lazy="joined")


class Question(Root):
    """Asked by a tenderer, answered to all. Who asked is for nobody's eyes but the asker's own."""

    __tablename__ = "question"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    asked_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[Instant | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    call: Mapped[Call] = relationship(back_populates="questions")
    organisation: Mapped[Organisation] = relationship()

    @property
    def title(self) -> str:
        return self.text[:80]

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Question"]:
        """Answered ones are for everybody; open ones for who asked and for who answers."""
        officials = select(Call.id).where(Call.programme_id.in_(programmes_of(user, Part.GOVERNMENT)))
        mine = cls.asked_by_id == user.id if user.id is not None else cls.id.is_(None)
        return select(cls).where(or_(cls.answered_at.is_not(None), mine, cls.call_id.in_(officials)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.call.roles_of(user)


class Follower(Row):
    """Is told of everything that all tenderers are told."""

    __tablename__ = "follower"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)


class Rectification(Row):
    """What was changed in a published call, and the deadline it moved to."""

    __tablename__ = "rectification"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    text: Mapped[str]
    deadline_before: Mapped[Instant]
    deadline_after: Mapped[Instant]
