import uuid
from collections import Counter
from datetime import date, datetime
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

from app.access.actions import Action
from app.access.roles import Role
from app.audit.models import AuditEntry
from app.calls import legal
from app.calls.key_models import OpenerKey
from app.calls.legal import Binding, Key, Rule
from app.calls.states import FLOW, CallState
from app.core import clock
from app.core.flow import Labelled
from app.core.format import moment as shown_moment
from app.core.models import Instant, Root, Row, words
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import Part, Programme, programmes_of

if TYPE_CHECKING:
    from app.calls.asked import CallContact, CallDocument, Lot, PlanItem
    from app.calls.completeness import Lack
    from app.calls.extension_models import Extension
    from app.calls.question_models import Nota, Question

WEIGHTS_SUM = 100
LEAST_OPENERS = 3  # any two open together, so that one may lose a passphrase or leave
LEAST_SCORERS = 3
PLANS_NOTHING = frozenset({"questions_until", "contact"})  # changes by which no plan can be different


def answers_until(deadline: datetime, days: int) -> datetime:
    """The last moment for an answer that everybody can still use: `days` before `deadline`, at the same time of day.
    Counted back, so not moved off a weekend."""
    return clock.days_before(deadline, days)


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
    standstill_days: Mapped[int]  # at least what the law of `rules_on` says
    answers_days: Mapped[int] = mapped_column(default=0)  # calendar days before the deadline for the last answers
    essential_changes: Mapped[int] = mapped_column(default=0)  # after each of them plans are confirmed anew
    rules_on: Mapped[date | None]  # the day whose law counts: that of publication; a draft goes by today
    bindings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # rule -> why it binds in this call
    state: Mapped[CallState] = words(CallState, default=CallState.DRAFT)
    published_at: Mapped[Instant | None]
    cancelled_because: Mapped[str] = mapped_column(default="")
    plans_opened_at: Mapped[Instant | None]
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
    opener_keys: Mapped[list[OpenerKey]] = relationship(back_populates="call", order_by=OpenerKey.made_at)
    questions: Mapped[list["Question"]] = relationship(back_populates="call", order_by="Question.created_at")
    notas: Mapped[list["Nota"]] = relationship(back_populates="call", order_by="Nota.number")
    extensions: Mapped[list["Extension"]] = relationship(back_populates="call", order_by="Extension.created_at")
    rectifications: Mapped[list["Rectification"]] = relationship(order_by="Rectification.created_at")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Call"]:
        """A published call is public; a draft is for the governments of the bond, also once it is cancelled."""
        own = cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT))
        never_public = (cls.state == CallState.DRAFT) | (
            (cls.state == CallState.CANCELLED) & cls.published_at.is_(None)
        )
        return select(cls).where(or_(~never_public, own))

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

    def rule(self, key: Key) -> Rule:
        """The rule of the day this call goes by. `LookupError` when the law of its route says nothing."""
        programme = self.programme
        return legal.rule(key, programme.jurisdiction, self.rules_on or clock.today(), programme.route)

    def rules(self) -> list[Rule]:
        programme = self.programme
        return legal.rules_on(programme.jurisdiction, self.rules_on or clock.today(), programme.route)

    def binding(self, rule: Rule) -> Binding:
        return legal.binding_of(rule, self.bindings or {})

    @property
    def answers_until(self) -> datetime:
        return answers_until(self.deadline, self.answers_days)

    @property
    def answers_basis(self) -> str:
        """The rule of the last answers; empty where they may come until the deadline itself."""
        return self.rule(Key.LAST_ANSWERS).basis if self.answers_days else ""

    @property
    def standstill_basis(self) -> str:
        return self.rule(Key.STANDSTILL).basis

    @property
    def is_opened(self) -> bool:
        """Has an official taken the first step to open the plans? Evaluations stand above calls, so their tables are
        asked by name."""
        evaluation, consent = (db.metadata.tables[name] for name in ("evaluation", "opening_consent"))
        begun = select(consent.c.id).join(evaluation, evaluation.c.id == consent.c.evaluation_id)
        return db.session.scalar(begun.where(evaluation.c.call_id == self.id).limit(1)) is not None

    @property
    def cancelled_at(self) -> datetime | None:
        """When the call was cancelled, which the trail tells; none for any other."""
        if self.state != CallState.CANCELLED:
            return None
        found = select(func.max(AuditEntry.at)).where(AuditEntry.subject_id == self.id)
        return db.session.scalar(found.where(AuditEntry.action == Action.CALL_CANCEL))

    @property
    def standing_extension(self) -> "Extension | None":
        """A proposal for more time after an outage that waits for a second official."""
        return next((one for one in self.extensions if one.stands), None)

    @property
    def shown_state(self) -> CallState:
        """What a reader must know: past its deadline a call is closed, also before the worker has said so."""
        return CallState.CLOSED if self.state == CallState.PUBLISHED and self.is_past_deadline else self.state

    @property
    def asks_money(self) -> bool:
        """Does anything lie in the second envelope? The kinds stand in `asked`, above this."""
        return self.allows_discount or any(item.kind == "budget" for item in self.items)

    def on_committee(self, duty: "Duty") -> list["CommitteeMember"]:
        return [member for member in self.committee if member.duty == duty]

    def without_key(self) -> list[User]:
        """The officials named to open who have no key to open with yet, by name."""
        made = {key.user_id for key in self.opener_keys if key.retired_at is None}
        named = (member.user for member in self.on_committee(Duty.OPENER) if member.user_id not in made)
        return sorted(named, key=lambda user: user.name)

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

    def missing(self) -> list["Lack"]:
        """What the call still needs before it may be published; empty when it may."""
        return completeness.lacks_of(self)

    def followers(self) -> list[User]:
        found = select(User).join(Follower).where(Follower.call_id == self.id, User.active)
        return list(db.session.scalars(found))

    def is_followed_by(self, user: Any) -> bool:
        found = exists().where(Follower.call_id == self.id, Follower.user_id == user.id)
        return bool(db.session.scalar(select(found)))


def no_question_term(last: datetime, basis: str) -> str:
    """A call that closes too soon after publication would leave nobody a question (art. 2.54 Aw)."""
    return _(
        "The deadline is too near: the last answers would be due by %(moment)s (%(basis)s), so no question could be "
        "asked and answered. Choose a later deadline.",
        moment=shown_moment(last),
        basis=basis,
    )


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
    DISCOUNT = "discount", _l("discount")


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
    """A person named in the call who opens or scores; whoever takes the place of an opener gets a row of their own."""

    __tablename__ = "committee_member"
    __table_args__ = (UniqueConstraint("call_id", "user_id", "duty"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    duty: Mapped[Duty] = words(Duty)

    call: Mapped[Call] = relationship(back_populates="committee")
    user: Mapped[User] = relationship(lazy="joined")

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["CommitteeMember"]:
        """The governments of the bond: to everybody else the committee has no names."""
        governs = programmes_of(user, Part.GOVERNMENT)
        return select(cls).join(Call).where(Call.programme_id.in_(governs))

    def roles_of(self, user: Any) -> set[Role]:
        return self.call.roles_of(user)


class Follower(Row):
    """Is told of everything that all tenderers are told."""

    __tablename__ = "follower"
    __table_args__ = (UniqueConstraint("call_id", "user_id"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)


class Rectification(Row):
    """What was changed in a published call, and the deadline it moved to.

    With `outage_from` and `outage_until` it gives back time that an outage took (art. 2.109 Aw); `text` is the cause.
    """

    __tablename__ = "rectification"
    __table_args__ = (CheckConstraint("outage_until > outage_from", name="outage"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    text: Mapped[str]
    deadline_before: Mapped[Instant]
    deadline_after: Mapped[Instant]
    is_essential: Mapped[bool] = mapped_column(default=False)  # then the deadline moved and confirmations fell
    changes: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)  # {what, name, before, after}, in order
    outage_from: Mapped[Instant | None]
    outage_until: Mapped[Instant | None]

    @property
    def only_corrects(self) -> bool:
        """An official declared that its texts and documents change nothing that a bidder would plan otherwise."""
        return not self.is_essential and any(change["what"] not in PLANS_NOTHING for change in self.changes)


# A call is not whole without what hangs on it.
from app.calls import asked, completeness, extension_models, question_models, term_models  # noqa: E402, F401
