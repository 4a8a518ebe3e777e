import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.agreements.states import FLOW, AgreementState
from app.capital.models import Round
from app.core import clock
from app.core.models import Instant, Root, Row, words
from app.direct.models import DirectAward
from app.evaluation.models import Evaluation
from app.people.models import Organisation, User
from app.pricing.models import PriceTable
from app.programmes.models import ROLE_OF_PART, Part, Programme, programmes_of

if TYPE_CHECKING:
    from app.agreements.amendment_models import Amendment
    from app.agreements.termination_models import Termination

# Directive 2011/7/EU, art. 4(3) and (6): a public authority pays in 30 calendar days, or when agreed in at most 60.
BY_LAW_DAYS, MOST_DAYS = 30, 60


class Agreement(Root):
    """One contract. `terms` are frozen when it is offered and `digest` is the SHA-256 that every party signs.

    It stands on an award, with every consortium that won a lot, or on a direct award where nothing was tendered.
    """

    __tablename__ = "agreement"
    __table_args__ = (CheckConstraint("(evaluation_id IS NULL) <> (direct_award_id IS NULL)", name="one_award"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), unique=True)
    evaluation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("evaluation.id"))  # none: nothing was tendered
    direct_award_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("direct_award.id"))
    table_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("price_table.id"))
    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"))
    text: Mapped[str]
    volumes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # by effect code, where there is no plan
    costs: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # budget of them, where there is no plan
    payment_days: Mapped[int] = mapped_column(default=BY_LAW_DAYS)  # calendar days after an invoice
    files_kept_days: Mapped[int | None]  # how long the portal keeps documents of evidence; None: it keeps none
    terms: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    digest: Mapped[str] = mapped_column(default="")
    intake: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the clause about intake, in the draft
    state: Mapped[AgreementState] = words(AgreementState, default=AgreementState.DRAFT)
    in_force_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    evaluation: Mapped[Evaluation | None] = relationship()
    direct_award: Mapped[DirectAward | None] = relationship()
    table: Mapped[PriceTable] = relationship()
    round: Mapped[Round] = relationship()
    parties: Mapped[list["AgreementParty"]] = relationship(
        back_populates="agreement", order_by="[AgreementParty.part, AgreementParty.created_at, AgreementParty.id]"
    )
    amendments: Mapped[list["Amendment"]] = relationship(back_populates="agreement", order_by="Amendment.number")
    terminations: Mapped[list["Termination"]] = relationship(
        back_populates="agreement", order_by="Termination.created_at"
    )

    @property
    def title(self) -> str:
        return _("Agreement")

    @property
    def standing(self) -> list["AgreementParty"]:
        """The parties of today and those whose last day is still to come."""
        return [party for party in self.parties if party.stands]

    @classmethod
    def visible_to(cls, user: Any) -> Select["Agreement"]:
        """A draft is for those who prepare it and the auditor; what is offered, for every party and whoever signs, and
        for whoever is asked to join. A party that left has its own copy."""
        own = AgreementParty.organisation_id.in_(user.organisation_ids)
        signing = select(AgreementParty.agreement_id).where(
            own, AgreementParty.left_on.is_(None) | (AgreementParty.left_on >= clock.today())
        )
        asked = amendment_models.asked_to_sign(user)
        preparing = programmes_of(user, Part.GOVERNMENT, Part.INTERMEDIARY, Part.AUDITOR)
        offered = cls.state != AgreementState.DRAFT
        return select(cls).where(
            or_(
                cls.programme_id.in_(preparing),
                offered & cls.programme_id.in_(programmes_of(user)),
                cls.id.in_(signing),
                cls.id.in_(asked),
            )
        )

    def roles_of(self, user: Any) -> set[Role]:
        """Whoever signs is not always a party of the bond yet: the consortium becomes one when it is in force."""
        roles = self.programme.roles_of(user)
        for party in self.standing:
            if party.organisation_id in user.organisation_ids:
                roles.add(ROLE_OF_PART[party.part])
                if party.signed_at is None:
                    roles.add(Role.SIGNATORY)
        for amendment in self.amendments:
            roles |= amendment.parts_of(user)
        return roles


class AgreementParty(Row):
    """A party to the agreement and, once it has signed, its signature over `digest`.

    `left_on`: the last day of a party that goes; its rights end with it, and `successor` goes on with its work.
    """

    __tablename__ = "agreement_party"
    __table_args__ = (UniqueConstraint("agreement_id", "organisation_id"),)

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    part: Mapped[Part] = words(Part)
    signed_at: Mapped[Instant | None]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    digest: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]
    successor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))

    agreement: Mapped[Agreement] = relationship(back_populates="parties")
    organisation: Mapped[Organisation] = relationship(lazy="joined", foreign_keys=[organisation_id])
    successor: Mapped[Organisation | None] = relationship(foreign_keys=[successor_id])
    signed_by: Mapped[User | None] = relationship()

    @property
    def stands(self) -> bool:
        return self.left_on is None or self.left_on >= clock.today()


def agreement_in_force(programme_id: uuid.UUID) -> Select[Agreement]:
    return select(Agreement).where(Agreement.programme_id == programme_id, Agreement.state == AgreementState.IN_FORCE)


from app.agreements import amendment_models, authority_models, ending_models, termination_models  # noqa: E402, F401
