import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, and_, case, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.capital.allotment import AllotmentRule
from app.capital.day_count import DayCount
from app.capital.states import COMMITMENT_FLOW, ROUND_FLOW, CommitmentState, RoundState
from app.core.flow import Labelled
from app.core.models import Amount, Instant, Root, words
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of


class TrancheTerms(Labelled):
    RETURN = "return", _l("return: capital back, then the further proceeds up to the cap")
    LOAN = "loan", _l("loan: interest first, then principal")
    GRANT = "grant", _l("gift: nothing is owed back")


def _the_target(context: Any) -> int:
    """A round without a maximum of its own takes no more than its target."""
    return int(context.get_current_parameters()["target_minor"])


class Round(Root):
    """An investor round. Amounts in minor units; `minimum_minor` is what the bond cannot start without, `maximum_minor`
    the most that is ever allotted. A ticket is one commitment: at least `ticket_least_minor`, and above that in steps.
    `opens_on` None: investors may commit as soon as the round is opened. `recycles`: what municipalities paid may be
    used again for running costs. `excess_to_providers_bp` (basis points): the service providers' part of what is left
    when every tranche has had what it is owed; the rest goes back to the municipalities."""

    __tablename__ = "investor_round"
    __table_args__ = (
        CheckConstraint("0 < minimum_minor AND minimum_minor <= target_minor", name="target"),
        CheckConstraint("target_minor <= maximum_minor", name="maximum"),
        CheckConstraint("0 < ticket_least_minor AND 0 < ticket_step_minor", name="ticket"),
        CheckConstraint("0 <= excess_to_providers_bp AND excess_to_providers_bp <= 10000", name="excess"),
    )
    FLOW = ROUND_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    target_minor: Mapped[Amount]
    minimum_minor: Mapped[Amount]
    maximum_minor: Mapped[Amount] = mapped_column(default=_the_target)
    ticket_least_minor: Mapped[Amount] = mapped_column(default=1)
    ticket_step_minor: Mapped[Amount] = mapped_column(default=1)
    allotment: Mapped[AllotmentRule] = words(AllotmentRule, default=AllotmentRule.FIRST_COME)
    opens_on: Mapped[date | None]
    closes_on: Mapped[date]
    recycles: Mapped[bool] = mapped_column(default=True)
    excess_to_providers_bp: Mapped[int] = mapped_column(default=0)
    term_sheet: Mapped[str]
    state: Mapped[RoundState] = words(RoundState, default=RoundState.DRAFT)
    stands_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    tranches: Mapped[list["Tranche"]] = relationship(
        back_populates="round", order_by="Tranche.rank, Tranche.name", cascade="all, delete-orphan"
    )
    commitments: Mapped[list["Commitment"]] = relationship(back_populates="round", order_by="Commitment.created_at")

    @property
    def title(self) -> str:
        return _("Investor round")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Round"]:
        """Parties of the bond only: this is no public offering. A draft is for those who prepare it."""
        desk = cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT, Part.INTERMEDIARY, Part.AUDITOR))
        opened = and_(cls.state != RoundState.DRAFT, cls.programme_id.in_(programmes_of(user)))
        return select(cls).where(or_(opened, desk))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)

    def committed_minor(self) -> int:
        """The sum that counts towards the target: what was committed; once the consortium stands, what is allotted."""
        counted = Commitment.state.in_((CommitmentState.COMMITTED, CommitmentState.ALLOTTED))
        found = select(func.coalesce(func.sum(counted_minor()), 0))
        return int(db.session.scalar(found.where(Commitment.round_id == self.id, counted)) or 0)

    def left_minor(self) -> int:
        """What can still be allotted; pro rata, investors may nevertheless commit more, and all are cut alike."""
        return max(0, self.maximum_minor - self.committed_minor())

    def is_cut_alike(self) -> bool:
        return self.allotment == AllotmentRule.PRO_RATA


class Tranche(Root):
    """Who is served when: rank 1 first. `rate_bp` (counted in days by `day_count`) and `irr_cap_bp` in basis points a
    year. `guarantee_minor`: what `guarantor` makes up at the end for capital that did not come back."""

    __tablename__ = "tranche"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"), index=True)
    name: Mapped[str]
    rank: Mapped[int]
    terms: Mapped[TrancheTerms] = words(TrancheTerms, default=TrancheTerms.RETURN)
    rate_bp: Mapped[int | None]
    irr_cap_bp: Mapped[int | None]
    day_count: Mapped[DayCount] = words(DayCount, default=DayCount.ACT_365F)
    guarantee_minor: Mapped[Amount] = mapped_column(default=0)
    guarantor: Mapped[str] = mapped_column(default="")

    round: Mapped[Round] = relationship(back_populates="tranches")


class Commitment(Root):
    """An investor's signed promise of `amount_minor`; `allotted_minor` once the consortium stands.

    `signed_digest`: of the terms as the signatory read them (`capital.signing`). `explained`: how the allotment came
    about, as `capital.allotment` said at the closing; minor units.
    """

    __tablename__ = "commitment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = COMMITMENT_FLOW

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    tranche_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tranche.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    amount_minor: Mapped[Amount]
    allotted_minor: Mapped[Amount] = mapped_column(default=0)
    state: Mapped[CommitmentState] = words(CommitmentState, default=CommitmentState.COMMITTED)
    committed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    co_signed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))  # where two sign together
    co_signed_at: Mapped[Instant | None]
    signed_digest: Mapped[str] = mapped_column(default="")
    explained: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    round: Mapped[Round] = relationship(back_populates="commitments")
    tranche: Mapped[Tranche] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    committed_by: Mapped[User] = relationship(foreign_keys=[committed_by_id])
    co_signed_by: Mapped[User | None] = relationship(foreign_keys=[co_signed_by_id])

    @property
    def title(self) -> str:
        return _("Commitment")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Commitment"]:
        own = cls.organisation_id.in_(user.organisation_ids)
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.GOVERNMENT, Part.AUDITOR))
        return select(cls).where(or_(own, desk))

    def counted_now_minor(self) -> int:
        """What it counts for: what was promised, and once the consortium stands what was allotted."""
        return int(self.allotted_minor if self.state == CommitmentState.ALLOTTED else self.amount_minor)

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.round.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles


def counted_minor() -> Any:
    """What a commitment counts for (minor units), in a select."""
    return case(
        (Commitment.state == CommitmentState.ALLOTTED, Commitment.allotted_minor), else_=Commitment.amount_minor
    )


def latest_round(programme_id: uuid.UUID) -> Select[Round]:
    """The newest round of a bond; a failed one may be followed by another."""
    return select(Round).where(Round.programme_id == programme_id).order_by(Round.created_at.desc()).limit(1)


def standing_round(programme_id: uuid.UUID) -> Select[Round]:
    """The round whose consortium of investors stands, if there is one."""
    return select(Round).where(Round.programme_id == programme_id, Round.state == RoundState.STANDING)
