import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call
from app.consortia.states import FLOW, ConsortiumState, PartnerState
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
    name: Mapped[str]
    lead_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[ConsortiumState] = words(ConsortiumState, default=ConsortiumState.FORMING)
    draft_key: Mapped[bytes | None]  # of its draft, wrapped (vault.py); None: nothing is written, or it was handed in

    call: Mapped[Call] = relationship(lazy="joined")
    lead: Mapped[Organisation] = relationship(lazy="joined")
    partners: Mapped[list["Partner"]] = relationship(back_populates="consortium", order_by="Partner.created_at")

    @property
    def title(self) -> str:
        return self.name

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

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

    def coverage(self) -> list[tuple[LifeDomain, list["Partner"]]]:
        """Per life domain who covers it; an empty list is a gap."""
        return [(domain, [p for p in self.taking_part if domain in p.life_domains]) for domain in LifeDomain]

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
        """Everyone of the organisations that take part."""
        found = select(User).join(Membership).join(Partner, Partner.organisation_id == Membership.organisation_id)
        found = found.where(Partner.consortium_id == self.id, Partner.state == PartnerState.ACCEPTED, User.active)
        return list(db.session.scalars(found.distinct()))


class Partner(Root):
    """One organisation in one consortium, with what it will do. The lead is a partner that has accepted."""

    __tablename__ = "consortium_partner"
    __table_args__ = (UniqueConstraint("consortium_id", "organisation_id"),)

    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    contribution: Mapped[str] = mapped_column(default="")  # its part of the work, in its own words
    life_domains: Mapped[list[str]] = mapped_column(JSON, default=list)  # values of LifeDomain that it covers
    state: Mapped[PartnerState] = words(PartnerState, default=PartnerState.INVITED)
    answered_at: Mapped[Instant | None]

    consortium: Mapped[Consortium] = relationship(back_populates="partners")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
