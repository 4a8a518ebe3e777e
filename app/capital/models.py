import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Select, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
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


class Round(Root):
    """An investor round. Amounts in minor units; `minimum_minor` is what the bond cannot start without."""

    __tablename__ = "investor_round"
    __table_args__ = (CheckConstraint("0 < minimum_minor AND minimum_minor <= target_minor", name="target"),)
    FLOW = ROUND_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    target_minor: Mapped[Amount]
    minimum_minor: Mapped[Amount]
    closes_on: Mapped[date]
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
        """The sum that counts towards the target."""
        counted = (CommitmentState.COMMITTED, CommitmentState.ALLOTTED)
        found = select(func.coalesce(func.sum(Commitment.amount_minor), 0))
        return int(db.session.scalar(found.where(Commitment.round_id == self.id, Commitment.state.in_(counted))) or 0)

    def left_minor(self) -> int:
        """What may still be committed."""
        return self.target_minor - self.committed_minor()


class Tranche(Root):
    """Who is served when: rank 1 first. `rate_bp` and `irr_cap_bp` in basis points a year."""

    __tablename__ = "tranche"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"), index=True)
    name: Mapped[str]
    rank: Mapped[int]
    terms: Mapped[TrancheTerms] = words(TrancheTerms, default=TrancheTerms.RETURN)
    rate_bp: Mapped[int | None]
    irr_cap_bp: Mapped[int | None]

    round: Mapped[Round] = relationship(back_populates="tranches")


class Commitment(Root):
    """An investor's signed promise of `amount_minor`; `allotted_minor` once the consortium stands."""

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

    round: Mapped[Round] = relationship(back_populates="commitments")
    tranche: Mapped[Tranche] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    committed_by: Mapped[User] = relationship()

    @property
    def title(self) -> str:
        return _("Commitment")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Commitment"]:
        own = cls.organisation_id.in_(user.organisation_ids)
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.GOVERNMENT, Part.AUDITOR))
        return select(cls).where(or_(own, desk))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.round.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles


def latest_round(programme_id: uuid.UUID) -> Select[Round]:
    """The newest round of a bond; a failed one may be followed by another."""
    return select(Round).where(Round.programme_id == programme_id).order_by(Round.created_at.desc()).limit(1)


def standing_round(programme_id: uuid.UUID) -> Select[Round]:
    """The round whose consortium of investors stands, if there is one."""
    return select(Round).where(Round.programme_id == programme_id, Round.state == RoundState.STANDING)
