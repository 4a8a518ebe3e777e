import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actions import Action
from app.access.roles import Role
from app.calls.asked import Lot
from app.calls.models import Call
from app.consortia.skills import Skill
from app.consortia.states import FLOW, ConsortiumState, InvitationState, LotFate, PartnerState
from app.consortia.vault import Slot as Slot
from app.core.models import Instant, Root, words
from app.extensions import db
from app.people.models import Membership, Organisation, User
from app.programmes.models import LifeDomain


class Consortium(Root):
    """Providers that answer one call together."""

    __tablename__ = "consortium"
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    lot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("lot.id"), index=True)  # none: the call is undivided
    name: Mapped[str]
    lead_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lead_offered_to_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))  # until it answers
    state: Mapped[ConsortiumState] = words(ConsortiumState, default=ConsortiumState.FORMING)
    draft_key: Mapped[bytes | None]  # of its draft, wrapped (vault.py); None: nothing is written, or it was handed in
    lapsed_at: Mapped[Instant | None]  # when it was told that it did not take part; an extension makes that void
    lot_fate: Mapped[LotFate | None] = words(LotFate)  # by a rectification; until it chooses again or hands in

    call: Mapped[Call] = relationship(lazy="joined")
    lot: Mapped[Lot | None] = relationship()
    lead: Mapped[Organisation] = relationship(lazy="joined", foreign_keys=lead_id)
    lead_offered_to: Mapped[Organisation | None] = relationship(foreign_keys=lead_offered_to_id)
    partners: Mapped[list["Partner"]] = relationship(back_populates="consortium", order_by="Partner.created_at")
    mailed: Mapped[list["MailedInvitation"]] = relationship(
        back_populates="consortium", order_by="MailedInvitation.created_at"
    )

    @property
    def title(self) -> str:
        return self.name

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @property
    def shown_state(self) -> ConsortiumState:
        """What a reader must know: past the deadline without a plan handed in it did not take part, also before the
        worker has said so; an extended deadline brings it back."""
        lapsed = self.state == ConsortiumState.FORMING and self.call.is_past_deadline
        return ConsortiumState.LAPSED if lapsed else self.state

    @property
    def full_name(self) -> str:
        """With its lot, where the call has them: places and awards count within a lot."""
        return f"{self.name} ({self.lot.name})" if self.lot is not None else self.name

    @property
    def must_choose_lot(self) -> bool:
        """The call is in lots, and this consortium has none: its own is gone, or there were none before."""
        return self.lot_id is None and bool(self.call.lots)

    @property
    def may_choose_lot(self) -> bool:
        """Alone always; with partners only when a rectification changed what they joined for."""
        return bool(self.call.lots) and (len(self.taking_part) < 2 or self.lot_fate is not None)

    @property
    def taking_part(self) -> list["Partner"]:
        """The partners that have accepted, the lead among them."""
        return [partner for partner in self.partners if partner.state == PartnerState.ACCEPTED]

    @property
    def invited(self) -> list["Partner"]:
        """Asked, and not answered yet."""
        return [partner for partner in self.partners if partner.state == PartnerState.INVITED]

    def partner_of(self, organisation_id: uuid.UUID) -> "Partner | None":
        return next((partner for partner in self.partners if partner.organisation_id == organisation_id), None)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Consortium"]:
        """Its own organisations, invited ones included; to everybody else it does not exist."""
        inside = select(Partner.consortium_id).where(
            Partner.organisation_id.in_(user.organisation_ids),
            Partner.state.in_([PartnerState.INVITED, PartnerState.ACCEPTED]),
        )
        return select(cls).where(cls.id.in_(inside))

    def roles_of(self, user: Any) -> set[Role]:
        roles: set[Role] = set()
        for partner in self.partners:
            if partner.organisation_id not in user.organisation_ids:
                continue
            if partner.state == PartnerState.INVITED:
                roles.add(Role.INVITED)
            elif partner.state == PartnerState.ACCEPTED:
                roles.add(Role.LEAD if partner.organisation_id == self.lead_id else Role.PARTNER)
        return roles

    def people(self) -> list[User]:
        """Everyone of the organisations that take part, by name."""
        found = select(User).join(Membership).join(Partner, Partner.organisation_id == Membership.organisation_id)
        found = found.where(Partner.consortium_id == self.id, Partner.state == PartnerState.ACCEPTED, User.active)
        return list(db.session.scalars(found.distinct().order_by(User.name, User.id)))


class Partner(Root):
    """One organisation in one consortium. The lead is a partner that has accepted.

    What it does, its shares and its declarations lie in the vault and are sealed with the plan (parts.py). The role,
    life domains, skills and municipalities stand here too, for the coverage that its consortium sees afterwards."""

    __tablename__ = "consortium_partner"
    __table_args__ = (UniqueConstraint("consortium_id", "organisation_id"),)

    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[str] = mapped_column(default="")  # what it is in the consortium, in a few words
    life_domains: Mapped[list[str]] = mapped_column(JSON, default=list)  # values of LifeDomain that it covers
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)  # values of Skill that it brings
    municipalities: Mapped[list[str]] = mapped_column(JSON, default=list)  # ids of the organisations where it works
    state: Mapped[PartnerState] = words(PartnerState, default=PartnerState.INVITED)
    answered_at: Mapped[Instant | None]
    instead_of_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consortium_partner.id"))  # whom it replaces

    consortium: Mapped[Consortium] = relationship(back_populates="partners")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def shown_state(self) -> PartnerState:
        """An invitation that was not answered lapses at the deadline, or when the plan is handed in."""
        open_still = self.consortium.state == ConsortiumState.FORMING and not self.consortium.call.is_past_deadline
        return PartnerState.LAPSED if self.state == PartnerState.INVITED and not open_still else self.state

    @property
    def covers(self) -> list[LifeDomain]:
        return [domain for domain in LifeDomain if domain in self.life_domains]

    @property
    def brings(self) -> list[Skill]:
        return [skill for skill in Skill if skill in self.skills]


class MailedInvitation(Root):
    """The invitation of an organisation that is not on the portal yet, for whoever reads the mail at `address`. Only a
    digest of the link's token is stored; it works until one organisation has answered, or until the deadline."""

    __tablename__ = "mailed_invitation"

    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"), index=True)
    name: Mapped[str]  # of the organisation, as the lead wrote it
    address: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    state: Mapped[InvitationState] = words(InvitationState, default=InvitationState.SENT)
    answered_at: Mapped[Instant | None]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))  # that answered it

    consortium: Mapped[Consortium] = relationship(back_populates="mailed")
    invited_by: Mapped[User] = relationship(lazy="joined")

    @property
    def shown_state(self) -> InvitationState:
        """One that was not answered lapses as the link does: at the deadline, or when the plan is handed in."""
        lapsed = self.state == InvitationState.SENT and not self.is_open
        return InvitationState.LAPSED if lapsed else self.state

    @property
    def is_open(self) -> bool:
        """Can it still be answered?"""
        waits = self.state == InvitationState.SENT
        return waits and FLOW.why_not(Action.CONSORTIUM_CLAIM, self.consortium) is None
