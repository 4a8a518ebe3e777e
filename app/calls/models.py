import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    UniqueConstraint,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.states import FLOW, QUESTION_FLOW, CallState
from app.core import clock
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Programme, programmes_of

if TYPE_CHECKING:
    from app.calls.asked import CallContact, CallDocument, Lot, PlanItem

WEIGHTS_SUM = 100
LEAST_OPENERS = 2  # so that nobody opens alone
LEAST_SCORERS = 3

# Calendar days and the rule they come from, by jurisdiction; a longer standstill may be chosen, a shorter one not.
STANDSTILL = {
    "NL": (20, _l("art. 2.127 of the Dutch Public Procurement Act 2012, where the tender documents declare it")),
    "BE": (15, _l("art. 11 of the Belgian Act of 17 June 2013")),
}


# Days before the deadline on which the last answers are given; Belgium leaves it to what the call announces.
LAST_ANSWERS = {"NL": (10, _l("art. 2.54 of the Dutch Public Procurement Act 2012"))}


def answers_until(deadline: datetime, jurisdiction: str) -> datetime:
    """The last moment for an answer that everybody can still use: in the Netherlands ten days before `deadline`, at the
    same time of day; elsewhere the deadline itself."""
    days = LAST_ANSWERS.get(jurisdiction, (0, ""))[0]
    closing = deadline.astimezone(clock.LOCAL)  # local days, so that summer time takes no hour away
    return (closing - timedelta(days=days)).astimezone(UTC)


class TieRule(Labelled):
    """What decides between plans with equal totals."""

    HEAVIEST = "heaviest", _l("the plan with more points on the heaviest criterion comes first")
    LOT = "lot", _l("two officials draw lots")


class Call(Root):
    """One consortium call. `deadline` and `questions_until` are moments (UTC); `standstill_days` calendar days.

    `scale`: the whole points that a scorer may give; `minimum_total`: hundredths of a point (a plan with a
    lower weighted total is not ranked); `rectifying`: true only while a rectification changes the contents.
    """

    __tablename__ = "call"
    __table_args__ = (Index("ix_call_state_deadline", "state", "deadline"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"))
    title: Mapped[str]
    description: Mapped[str]
    requirements: Mapped[str] = mapped_column(default="")
    questions_until: Mapped[Instant]
    deadline: Mapped[Instant]
    standstill_days: Mapped[int]  # at least what STANDSTILL says
    state: Mapped[CallState] = words(CallState, default=CallState.DRAFT)
    published_at: Mapped[Instant | None]
    cancelled_because: Mapped[str] = mapped_column(default="")
    scale: Mapped[list[int]] = mapped_column(JSON, default=lambda: list(range(11)))
    minimum_total: Mapped[int | None]
    allows_two_consortia: Mapped[bool] = mapped_column(default=False)
    tie_rule: Mapped[TieRule] = words(TieRule, default=TieRule.HEAVIEST)
    rectifying: Mapped[bool] = mapped_column(default=False)

    programme: Mapped[Programme] = relationship(lazy="joined")
    table: Mapped[PriceTable] = relationship()
    criteria: Mapped[list["Criterion"]] = relationship(
        back_populates="call", order_by="Criterion.position", cascade="all, delete-orphan"
    )
    items: Mapped[list["PlanItem"]] = relationship(
        back_populates="call", order_by="PlanItem.position", cascade="all, delete-orphan"
    )
    lots: Mapped[list["Lot"]] = relationship(
        back_populates="call", order_by="Lot.position", cascade="all, delete-orphan"
    )
    documents: Mapped[list["CallDocument"]] = relationship(
        back_populates="call", order_by="CallDocument.position", cascade="all, delete-orphan"
    )
    contacts: Mapped[list["CallContact"]] = relationship(
        back_populates="call", order_by="CallContact.position", cascade="all, delete-orphan"
    )
    committee: Mapped[list["CommitteeMember"]] = relationship(back_populates="call", cascade="all, delete-orphan")
    questions: Mapped[list["Question"]] = relationship(back_populates="call", order_by="Question.created_at")
    notas: Mapped[list["Nota"]] = relationship(back_populates="call", order_by="Nota.number")
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
    def allows_discount(self) -> bool:
        """May a plan offer a discount on the price table? Exactly when a criterion gives points for it."""
        return any(criterion.kind == CriterionKind.DISCOUNT for criterion in self.criteria)

    @property
    def is_past_deadline(self) -> bool:
        return clock.now() >= self.deadline

    @property
    def answers_until(self) -> datetime:
        return answers_until(self.deadline, self.programme.jurisdiction)

    @property
    def answers_basis(self) -> Any:
        return LAST_ANSWERS.get(self.programme.jurisdiction, (0, ""))[1]

    @property
    def shown_state(self) -> CallState:
        """What a reader must know: past its deadline a call is closed, also before the worker has said so."""
        return CallState.CLOSED if self.state == CallState.PUBLISHED and self.is_past_deadline else self.state

    def on_committee(self, duty: "Duty") -> list["CommitteeMember"]:
        return [member for member in self.committee if member.duty == duty]

    def seats(self) -> list[tuple["Duty", str, int]]:
        """The committee as the public may know it: duty, organisation, how many of its people. No names."""
        named = select(CommitteeMember.duty, CommitteeMember.user_id, func.min(Organisation.name))
        named = named.join(Membership, Membership.user_id == CommitteeMember.user_id).join(Organisation)
        named = named.where(CommitteeMember.call_id == self.id)
        rows = db.session.execute(named.group_by(CommitteeMember.duty, CommitteeMember.user_id))
        counted = Counter((duty, organisation) for duty, _user, organisation in rows)
        return sorted((duty, name, count) for (duty, name), count in counted.items())

    def has_double_seats(self) -> bool:
        """Is somebody named to open and to score? Lawful in both jurisdictions, so said openly and not refused."""
        return len({member.user_id for member in self.committee}) < len(self.committee)

    def missing(self) -> list[str]:
        """What the call still needs before it may be published; empty when it may."""
        lacks = []
        if sum(criterion.weight for criterion in self.criteria) != WEIGHTS_SUM:
            lacks.append(_("The weights of the criteria must add up to 100."))
        if len(self.on_committee(Duty.OPENER)) < LEAST_OPENERS:
            lacks.append(_("At least two officials must be named who open the plans together."))
        if len(self.on_committee(Duty.SCORER)) < LEAST_SCORERS:
            lacks.append(_("At least three people must be named who score the plans."))
        if self.is_past_deadline:
            lacks.append(_("The deadline must lie in the future."))
        if self.questions_until > self.deadline:
            lacks.append(_("Questions cannot be asked after the deadline."))
        return lacks

    def followers(self) -> list[User]:
        found = select(User).join(Follower).where(Follower.call_id == self.id, User.active)
        return list(db.session.scalars(found))

    def is_followed_by(self, user: Any) -> bool:
        found = exists().where(Follower.call_id == self.id, Follower.user_id == user.id)
        return bool(db.session.scalar(select(found)))


def why_no_second(programme: Programme) -> str | None:
    """One call of a bond at a time is drafted, open or being decided on: its participants are promised once."""
    under_way = (CallState.DRAFT, CallState.PUBLISHED, CallState.CLOSED)
    found = select(Call.title).where(Call.programme_id == programme.id, Call.state.in_(under_way))
    title = db.session.scalars(found.order_by(Call.created_at.desc()).limit(1)).first()
    if title is None:
        return None
    return _("This bond has a call under way: “%(call)s”. Cancel it before you draft another.", call=title)


class CriterionKind(Labelled):
    """Quality is judged by people; points for a discount follow from a formula, after quality is frozen."""

    QUALITY = "quality", _l("quality")
    DISCOUNT = "discount", _l("discount on the price table")


_DISCOUNT = text("kind = 'discount'")


class Criterion(Row):
    """An award criterion. Weights of a call sum to 100; at most one criterion is about a discount.

    `minimum`: points on the call's scale; a plan with fewer on this criterion is not ranked.
    """

    __tablename__ = "criterion"
    __table_args__ = (
        CheckConstraint("weight > 0 AND weight <= 100", name="weight"),
        Index("uq_criterion_discount", "call_id", unique=True, sqlite_where=_DISCOUNT, postgresql_where=_DISCOUNT),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    weight: Mapped[int]
    kind: Mapped[CriterionKind] = words(CriterionKind, default=CriterionKind.QUALITY)
    minimum: Mapped[int | None]

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
        """Answered ones are for everybody; open ones for who asked and for who answers."""
        officials = select(Call.id).where(Call.programme_id.in_(programmes_of(user, Part.GOVERNMENT)))
        mine = cls.asked_by_id == user.id if user.id is not None else cls.id.is_(None)
        waiting = cls.call_id.in_(officials) & cls.withdrawn_at.is_(None)
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


from app.calls import asked  # noqa: E402, F401  a call is not whole without what it asks
