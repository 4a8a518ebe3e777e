import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call, CommitteeMember, Criterion
from app.consortia.models import Consortium
from app.core.models import Instant, Root, Row, words
from app.evaluation.states import FLOW, EvaluationState
from app.people.models import User
from app.programmes.models import Part, programmes_of


class Evaluation(Root):
    """The evaluation of one call; made with the first consent to open. `standstill_until` is its last day."""

    __tablename__ = "evaluation"
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), unique=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    state: Mapped[EvaluationState] = words(EvaluationState, default=EvaluationState.SEALED)
    decided_at: Mapped[Instant | None]
    standstill_until: Mapped[date | None]
    finalised_at: Mapped[Instant | None]

    call: Mapped[Call] = relationship(lazy="joined")
    consents: Mapped[list["OpeningConsent"]] = relationship(back_populates="evaluation")
    opened: Mapped[list["OpenedProposal"]] = relationship(back_populates="evaluation", order_by="OpenedProposal.rank")
    conflicts: Mapped[list["ConflictDeclaration"]] = relationship(back_populates="evaluation")
    objections: Mapped[list["Objection"]] = relationship(back_populates="evaluation")

    @property
    def title(self) -> str:
        return _("Evaluation of %(call)s", call=self.call.title)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Evaluation"]:
        """The committee, the governments and the auditor of the bond, and, once decided, every bidder."""
        committee = select(CommitteeMember.call_id).where(CommitteeMember.user_id == user.id)
        bidders = Consortium.visible_to(user).with_only_columns(Consortium.call_id)
        parties = programmes_of(user, Part.GOVERNMENT, Part.AUDITOR)
        return select(cls).where(
            or_(
                cls.programme_id.in_(parties),
                cls.call_id.in_(committee),
                (cls.decided_at.is_not(None)) & cls.call_id.in_(bidders),
            )
        )

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.call.roles_of(user)
        for opened in self.opened:
            roles |= opened.consortium.roles_of(user)
        return roles


class OpeningConsent(Row):
    """An official takes part in the opening; two make it happen (art. 2.108 Aw: not before the deadline)."""

    __tablename__ = "opening_consent"
    __table_args__ = (UniqueConstraint("evaluation_id", "user_id"),)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    evaluation: Mapped[Evaluation] = relationship(back_populates="consents")
    user: Mapped[User] = relationship(lazy="joined")


class OpenedProposal(Root):
    """A plan after opening: its contents in the clear, its consensus total (hundredths of a point) and rank."""

    __tablename__ = "opened_proposal"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), unique=True)
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]
    total_hundredths: Mapped[int | None]
    rank: Mapped[int | None]
    reasons: Mapped[str] = mapped_column(default="")  # features and relative advantages of the winner (art. 2.130)

    evaluation: Mapped[Evaluation] = relationship(back_populates="opened")
    consortium: Mapped[Consortium] = relationship(lazy="joined")
    scores: Mapped[list["Score"]] = relationship(back_populates="opened")
    consensus: Mapped[list["Consensus"]] = relationship(back_populates="opened")

    @property
    def title(self) -> str:
        return _("Plan of %(consortium)s", consortium=self.consortium.name)

    @property
    def programme_id(self) -> uuid.UUID:
        return self.evaluation.programme_id

    @property
    def state(self) -> EvaluationState:
        return self.evaluation.state

    @classmethod
    def visible_to(cls, user: Any) -> Select["OpenedProposal"]:
        """The committee and the auditor; a bidder keeps reading its own in `proposals`."""
        committee = (
            select(Evaluation.id)
            .join(CommitteeMember, CommitteeMember.call_id == Evaluation.call_id)
            .where(CommitteeMember.user_id == user.id)
        )
        audited = select(Evaluation.id).where(Evaluation.programme_id.in_(programmes_of(user, Part.AUDITOR)))
        return select(cls).where(or_(cls.evaluation_id.in_(committee), cls.evaluation_id.in_(audited)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.evaluation.roles_of(user)


class ConflictDeclaration(Row):
    """A scorer declares, once the bidders are known, whether there is a conflict of interest."""

    __tablename__ = "conflict_declaration"
    __table_args__ = (UniqueConstraint("evaluation_id", "user_id"),)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    has_conflict: Mapped[bool]
    explanation: Mapped[str] = mapped_column(default="")

    evaluation: Mapped[Evaluation] = relationship(back_populates="conflicts")
    user: Mapped[User] = relationship(lazy="joined")


class Score(Root):
    """One scorer, one criterion, one plan: 0-10 points with a motivation, locked before consensus."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("opened_id", "criterion_id", "scorer_id"),
        CheckConstraint("points >= 0 AND points <= 10", name="points"),
    )

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criterion.id"))
    scorer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    points: Mapped[int]
    motivation: Mapped[str]
    locked_at: Mapped[Instant | None]

    opened: Mapped[OpenedProposal] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship(lazy="joined")
    scorer: Mapped[User] = relationship(lazy="joined")


class Consensus(Root):
    """What the scorers agreed on one criterion of one plan; the motivation goes to the bidder."""

    __tablename__ = "consensus"
    __table_args__ = (
        UniqueConstraint("opened_id", "criterion_id"),
        CheckConstraint("points >= 0 AND points <= 10", name="points"),
    )

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criterion.id"))
    points: Mapped[int]
    motivation: Mapped[str]

    opened: Mapped[OpenedProposal] = relationship(back_populates="consensus")
    criterion: Mapped[Criterion] = relationship(lazy="joined")


class Objection(Root):
    """A bidder objects within the standstill; the award cannot become final before it is decided."""

    __tablename__ = "objection"

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    filed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    grounds: Mapped[str]
    decision: Mapped[str] = mapped_column(default="")
    upheld: Mapped[bool | None]
    decided_at: Mapped[Instant | None]

    evaluation: Mapped[Evaluation] = relationship(back_populates="objections")
    consortium: Mapped[Consortium] = relationship(lazy="joined")
