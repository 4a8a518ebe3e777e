import uuid
from collections import Counter
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, case, func, or_, select
from sqlalchemy.orm import (
    Mapped,
    joinedload,
    lazyload,
    mapped_column,
    query_expression,
    relationship,
    with_expression,
)

from app.access.roles import Role
from app.calls.key_models import CallKey, Purpose
from app.calls.models import Call, CommitteeMember, Criterion, CriterionKind, Duty
from app.consortia.models import Consortium, Partner
from app.consortia.states import PartnerState
from app.core.models import Instant, Root, words
from app.evaluation.belonging import OfEvaluation
from app.evaluation.states import FLOW, Admission, EvaluationState, Shortfall
from app.extensions import db
from app.people.models import OrganisationKind, User
from app.programmes.models import Part, programmes_of
from app.proposals.models import Proposal

if TYPE_CHECKING:
    from app.evaluation.award_models import Objection
    from app.evaluation.conflict_models import ConflictDeclaration, ConflictFinding
    from app.evaluation.consensus_models import Meeting, TieDraw
    from app.evaluation.opening_models import OpeningConsent
    from app.evaluation.screening_models import Enquiry


class Evaluation(Root):
    """The evaluation of one call; made with the first consent to open. `standstill_until` is its last day;
    `withdrawn_at` the moment at which an upheld objection took the last decision back.

    `agreed_at`: every admitted plan has agreed points for every criterion of quality; `frozen_at`: these can no longer
    change; `ranked_at`: the plans have their places; `is_tied`: plans share a first place and no lot was drawn yet.
    """

    __tablename__ = "evaluation"
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), unique=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    state: Mapped[EvaluationState] = words(EvaluationState, default=EvaluationState.SEALED)
    agreed_at: Mapped[Instant | None]
    frozen_at: Mapped[Instant | None]
    ranked_at: Mapped[Instant | None]
    is_tied: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[Instant | None]
    standstill_until: Mapped[date | None]
    withdrawn_at: Mapped[Instant | None]
    finalised_at: Mapped[Instant | None]
    reference: Mapped[str] = mapped_column(default="")  # of the award decision, in the books of the authority
    court: Mapped[str] = mapped_column(default="")  # to which a bidder can go, with its seat; the official names it

    # What `at_hand` brings: how many plans there are, have a place, share the first; none: not asked yet.
    plans: Mapped[int | None] = query_expression()
    placed: Mapped[int | None] = query_expression()
    first_placed: Mapped[int | None] = query_expression()
    discounts: Mapped[int | None] = query_expression()  # criteria about a discount: none or one

    call: Mapped[Call] = relationship(lazy="joined")
    consents: Mapped[list["OpeningConsent"]] = relationship(
        back_populates="evaluation", order_by="OpeningConsent.created_at"
    )
    opened: Mapped[list["OpenedProposal"]] = relationship(
        back_populates="evaluation", order_by="[OpenedProposal.rank, OpenedProposal.created_at, OpenedProposal.id]"
    )
    conflicts: Mapped[list["ConflictDeclaration"]] = relationship(back_populates="evaluation")
    findings: Mapped[list["ConflictFinding"]] = relationship(back_populates="evaluation")
    meetings: Mapped[list["Meeting"]] = relationship(back_populates="evaluation", order_by="Meeting.created_at")
    draws: Mapped[list["TieDraw"]] = relationship(back_populates="evaluation", order_by="TieDraw.created_at")
    objections: Mapped[list["Objection"]] = relationship(back_populates="evaluation", order_by="Objection.created_at")

    @property
    def title(self) -> str:
        return _("Evaluation of %(call)s", call=self.call.title)

    @classmethod
    def of(cls, call: Call, *options: Any) -> "Evaluation":
        """The evaluation of `call`; before the first consent one that is not kept, so that pages may ask it."""
        asked = select(cls).where(cls.call_id == call.id).options(lazyload(cls.call), *options)  # the call is at hand
        found = db.session.scalars(asked).unique().one_or_none()
        return found or cls(call=call, call_id=call.id, programme_id=call.programme_id, state=EvaluationState.SEALED)

    @classmethod
    def at_hand(cls) -> tuple[Any, ...]:
        """Options that bring what every page asks first, with the row itself: conflicts of interest and `standing`."""
        return _at_hand()

    @classmethod
    def visible_to(cls, user: Any) -> Select["Evaluation"]:
        """The committee, the governments and the auditor of the bond, and, once decided, every bidder."""
        committee = select(CommitteeMember.call_id).where(CommitteeMember.user_id == user.id)
        bids = select(OpenedProposal.evaluation_id).where(OpenedProposal.consortium_id.in_(consortia_of(user)))
        parties = programmes_of(user, Part.GOVERNMENT, Part.AUDITOR)
        seen = or_(
            cls.programme_id.in_(parties),
            cls.call_id.in_(committee),
            or_(cls.decided_at.is_not(None), cls.withdrawn_at.is_not(None)) & cls.id.in_(bids),
        )
        return select(cls).where(seen).options(*cls.at_hand())

    def roles_of(self, user: Any) -> set[Role]:
        """The hats towards the call and, once bidders were told, those in their consortia; a conflict of interest
        takes every hat of a judge off, and who declared that there is none is cleared."""
        roles = self.call.roles_of(user)
        judges = bool(roles & (COMMITTEE | {Role.LEAD_OFFICIAL}))
        if roles & JUDGES and self.has_conflict(user):
            roles -= JUDGES
            roles |= {Role.CONFLICTED} if judges else set()
        elif judges and self.declaration_of(user) is not None:
            roles.add(Role.CLEARED)
            if Role.LEAD_OFFICIAL in roles:
                roles.add(Role.CLEARED_OFFICIAL)
        if self.decided_at is not None or self.withdrawn_at is not None:
            roles |= self.bidder_roles_of(user)
        return roles

    def bidder_roles_of(self, user: Any) -> set[Role]:
        roles: set[Role] = set()
        if user.organisation_ids:
            own = {opened.consortium for opened in self.opened_by(user)}
            for consortium in own:
                roles |= consortium.roles_of(user)
        return roles

    def opened_by(self, user: Any) -> list["OpenedProposal"]:
        """The plans of the user's own consortia."""
        mine = consortia_of(user).where(Consortium.call_id == self.call_id)
        found = select(OpenedProposal).where(OpenedProposal.evaluation_id == self.id)
        found = found.where(OpenedProposal.consortium_id.in_(mine)).order_by(OpenedProposal.rank, OpenedProposal.id)
        return list(db.session.scalars(found))

    def points(self) -> dict[uuid.UUID, dict[uuid.UUID, int]]:
        """Agreed points by plan and criterion, of every admitted plan."""
        found = select(OpenedProposal.id, Consensus.criterion_id, Consensus.points).outerjoin(OpenedProposal.consensus)
        found = found.where(OpenedProposal.admission == Admission.ADMITTED)
        points: dict[uuid.UUID, dict[uuid.UUID, int]] = {}
        for plan, criterion, given in db.session.execute(found.where(OpenedProposal.evaluation_id == self.id)):
            own = points.setdefault(plan, {})
            if criterion is not None:
                own[criterion] = given
        return points

    def standing(self) -> tuple[int, int, int]:
        """How many plans there are, how many have a place, and how many share the first."""
        if self.plans is not None and self.placed is not None and self.first_placed is not None:
            return self.plans, self.placed, self.first_placed
        place = OpenedProposal.rank
        counts = select(func.count(), func.count(place), func.count(case((place == 1, 1))))
        found = db.session.execute(counts.where(OpenedProposal.evaluation_id == self.id)).one()
        return found[0], found[1], found[2]

    def scorers(self) -> list[User]:
        """Everyone named to score, by name, conflict or not."""
        return sorted((m.user for m in self.call.committee if m.duty == Duty.SCORER), key=lambda user: user.name)

    def active_scorers(self) -> list[User]:
        """Scorers without a declared conflict, who have declared or still must."""
        return [user for user in self.scorers() if not self.has_conflict(user)]

    def declaration_of(self, user: Any) -> "ConflictDeclaration | None":
        return next((c for c in self.conflicts if c.user_id == user.id), None)

    def consents_to(self, purpose: Purpose) -> list["OpeningConsent"]:
        """Who took part in the opening of the plans, or of the discounts, in order."""
        return [consent for consent in self.consents if consent.purpose == purpose]

    def discounts_wait(self) -> bool:
        """Is there an admitted plan whose second envelope was sealed to a key that nobody has opened yet?"""
        found = select(OpenedProposal.id).join(Proposal, Proposal.id == OpenedProposal.proposal_id)
        found = found.join(CallKey, (CallKey.call_id == Proposal.call_id) & (CallKey.generation == Proposal.generation))
        found = found.where(CallKey.purpose == Purpose.DISCOUNT, CallKey.opened_at.is_(None))
        found = found.where(OpenedProposal.evaluation_id == self.id, OpenedProposal.admission == Admission.ADMITTED)
        return db.session.scalar(found.limit(1)) is not None

    def has_conflict(self, user: Any) -> bool:
        """Declared, found by the portal and not dismissed, or standing in the books at this very moment."""
        declared = self.declaration_of(user)
        if declared is not None and declared.has_conflict:
            return True
        found = any(one.user_id == user.id and one.dismissed_at is None for one in self.findings)
        return found or self.is_bidder(user)

    def is_bidder(self, user: Any) -> bool:
        """Does an organisation of `user` take part in a plan? Of the committee it is asked once for all."""
        if any(member.user_id == user.id for member in self.call.committee):
            return user.id in tables.conflict_models.judging_bidders(self)
        return OrganisationKind.PROVIDER in user.kinds() and bool(self.opened_by(user))

    def admissions(self) -> Counter[Admission]:
        """How many plans are to be screened, admitted, excluded."""
        found = select(OpenedProposal.admission, func.count()).where(OpenedProposal.evaluation_id == self.id)
        return Counter(dict(db.session.execute(found.group_by(OpenedProposal.admission)).all()))

    def admitted_ids(self) -> set[uuid.UUID]:
        """The plans that are scored."""
        found = select(OpenedProposal.id).where(OpenedProposal.evaluation_id == self.id)
        return set(db.session.scalars(found.where(OpenedProposal.admission == Admission.ADMITTED)))

    def scores_of(self, scorer: Any) -> list["Score"]:
        """What one scorer gave, over all plans."""
        found = select(Score).join(OpenedProposal).where(OpenedProposal.evaluation_id == self.id)
        return list(db.session.scalars(found.where(Score.scorer_id == scorer.id)))

    def who_locked(self) -> set[uuid.UUID]:
        """Ids of the scorers who have locked."""
        found = select(Score.scorer_id).join(OpenedProposal).where(OpenedProposal.evaluation_id == self.id)
        return set(db.session.scalars(found.where(Score.locked_at.is_not(None)).distinct()))

    @property
    def first(self) -> "OpenedProposal | None":
        """The plan in the first place, when the ranking is complete."""
        found = select(OpenedProposal).where(OpenedProposal.evaluation_id == self.id, OpenedProposal.rank == 1)
        return db.session.scalars(found.order_by(OpenedProposal.created_at).limit(1)).first()

    def winners(self) -> list["OpenedProposal"]:
        """The plans in a first place: one for an undivided call, one for each lot that has a plan."""
        found = select(OpenedProposal).join(OpenedProposal.consortium)
        found = found.where(OpenedProposal.evaluation_id == self.id, OpenedProposal.rank == 1)
        return list(db.session.scalars(found.order_by(OpenedProposal.created_at, OpenedProposal.id)))

    def awarded(self) -> "OpenedProposal":
        """The same, asked where a decision stands, which needs one."""
        if self.first is None:
            raise RuntimeError("no plan has the first place")
        return self.first


@cache
def _at_hand() -> tuple[Any, ...]:
    """The three counts are read from the index of places."""
    of_it, is_discount = OpenedProposal.evaluation_id == Evaluation.id, Criterion.kind == CriterionKind.DISCOUNT
    counts: tuple[tuple[Any, Select[Any]], ...] = (
        (Evaluation.plans, select(func.count()).where(of_it)),
        (Evaluation.placed, select(func.count()).where(of_it, OpenedProposal.rank.is_not(None))),
        (Evaluation.first_placed, select(func.count()).where(of_it, OpenedProposal.rank == 1)),
        (Evaluation.discounts, select(func.count()).where(Criterion.call_id == Evaluation.call_id, is_discount)),
    )
    brought = [with_expression(name, count.correlate(Evaluation).scalar_subquery()) for name, count in counts]
    return (joinedload(Evaluation.conflicts), joinedload(Evaluation.findings), joinedload(Evaluation.draws), *brought)


COMMITTEE = frozenset({Role.SCORER, Role.OPENER})
JUDGES = COMMITTEE | {Role.LEAD_OFFICIAL, Role.OFFICIAL}


def consortia_of(user: Any) -> Select[uuid.UUID]:
    """Ids of the consortia in which an organisation of `user` takes part."""
    inside = select(Partner.consortium_id).where(
        Partner.organisation_id.in_(user.organisation_ids), Partner.state == PartnerState.ACCEPTED
    )
    return select(Consortium.id).where(Consortium.id.in_(inside))


def evaluations_of(user: Any, *parts: Part) -> Select[uuid.UUID]:
    """Ids of the evaluations in whose bond `user` has one of these parts; none named: the governments and the
    auditor."""
    parts = parts or (Part.GOVERNMENT, Part.AUDITOR)
    return select(Evaluation.id).where(Evaluation.programme_id.in_(programmes_of(user, *parts)))


class OpenedProposal(OfEvaluation, Root):
    """A plan after opening: its contents in the clear, whether it is admitted, its total (hundredths of a point) and
    rank. `discount`: its second seal, {"discount_bp": basis points off the table, "budget": lines}; empty until two
    officials open that too. `shortfall`: why it has no place although it was scored."""

    __tablename__ = "opened_proposal"
    __table_args__ = (
        Index("ix_opened_proposal_place", "evaluation_id", "rank", "created_at", "id"),
        Index("ix_opened_proposal_total", "evaluation_id", "total_hundredths"),
    )
    FLOW = FLOW

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"))
    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), unique=True)
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]
    discount: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    admission: Mapped[Admission] = words(Admission, default=Admission.OPEN)
    exclusion: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # ground (Ground) by organisation id
    verdict: Mapped[str] = mapped_column(default="")  # the reasons of the screening; the bidder reads them
    screened_at: Mapped[Instant | None]
    screened_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    discount_points: Mapped[int | None]
    total_hundredths: Mapped[int | None]
    shortfall: Mapped[Shortfall | None] = words(Shortfall)
    rank: Mapped[int | None]
    reasons: Mapped[str] = mapped_column(default="")  # why the decision is as it is, for its bidder (art. 2.130)
    advantages: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # of the winner, by criterion id

    evaluation: Mapped[Evaluation] = relationship(back_populates="opened")
    consortium: Mapped[Consortium] = relationship(lazy="joined")
    proposal: Mapped[Proposal] = relationship()
    scores: Mapped[list["Score"]] = relationship(back_populates="opened")
    consensus: Mapped[list["Consensus"]] = relationship(back_populates="opened")
    enquiries: Mapped[list["Enquiry"]] = relationship(back_populates="opened", order_by="Enquiry.created_at")

    @property
    def title(self) -> str:
        return _("Plan of %(consortium)s", consortium=self.consortium.name)

    def points(self) -> dict[uuid.UUID, int]:
        """Agreed points by criterion; once ranked, those for the discount too."""
        given = {agreed.criterion_id: agreed.points for agreed in self.consensus}
        if self.discount_points is not None:
            given |= {one.id: self.discount_points for one in self.call.criteria if one.kind == CriterionKind.DISCOUNT}
        return given

    @classmethod
    def visible_to(cls, user: Any) -> Select["OpenedProposal"]:
        """The committee and the auditor; a bidder keeps reading its own in `proposals`."""
        committee = (
            select(Evaluation.id)
            .join(CommitteeMember, CommitteeMember.call_id == Evaluation.call_id)
            .where(CommitteeMember.user_id == user.id)
        )
        audited = evaluations_of(user, Part.AUDITOR)
        return select(cls).where(or_(cls.evaluation_id.in_(committee), cls.evaluation_id.in_(audited)))

    def roles_of(self, user: Any) -> set[Role]:
        """Nobody reads, screens or scores before declaring that there is no conflict of interest."""
        roles = self.evaluation.roles_of(user)
        return roles if Role.CLEARED in roles else roles - JUDGES

    @property
    def is_admitted(self) -> bool:
        return self.admission == Admission.ADMITTED


class Score(Root):
    """One scorer, one criterion, one plan: points on the scale of the call with a motivation, locked before
    consensus."""

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("opened_id", "criterion_id", "scorer_id"),
        CheckConstraint("points >= 0", name="points"),
    )

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criterion.id"))
    scorer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    points: Mapped[int | None]  # empty while it is a draft
    motivation: Mapped[str] = mapped_column(default="")
    locked_at: Mapped[Instant | None]

    opened: Mapped[OpenedProposal] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship(lazy="joined")
    scorer: Mapped[User] = relationship(lazy="joined")


class Consensus(Root):
    """What the scorers agreed on one criterion of one plan; the motivation goes to the bidder."""

    __tablename__ = "consensus"
    __table_args__ = (
        UniqueConstraint("opened_id", "criterion_id"),
        CheckConstraint("points >= 0", name="points"),
    )

    opened_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("opened_proposal.id"), index=True)
    criterion_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("criterion.id"))
    points: Mapped[int]
    motivation: Mapped[str]

    opened: Mapped[OpenedProposal] = relationship(back_populates="consensus")
    criterion: Mapped[Criterion] = relationship(lazy="joined")


from app.evaluation import tables as tables  # noqa: E402  (whoever loads one of them needs to know all)
