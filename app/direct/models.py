import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, words
from app.direct.states import FLOW, DirectState, NamedState
from app.people.models import Organisation, User
from app.programmes.models import Programme, programmes_of

STANDING = (NamedState.ASKED, NamedState.ACCEPTED)


class DirectAward(Root):
    """Whom a bond without a tender wants to agree with: `name` of the consortium, and why it is they."""

    __tablename__ = "direct_award"
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), unique=True)
    name: Mapped[str]
    reason: Mapped[str]  # why these providers; why nothing is tendered stands on the bond
    lead_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[DirectState] = words(DirectState, default=DirectState.OPEN)

    programme: Mapped[Programme] = relationship(lazy="joined")
    lead: Mapped[Organisation] = relationship(lazy="joined")
    named: Mapped[list["NamedProvider"]] = relationship(
        back_populates="award", order_by="[NamedProvider.created_at, NamedProvider.id]", lazy="selectin"
    )

    @property
    def title(self) -> str:
        return _("Service providers named without a tender")

    @property
    def taking_part(self) -> list["NamedProvider"]:
        """Those that have accepted, the lead first."""
        found = [one for one in self.named if one.state == NamedState.ACCEPTED]
        return sorted(found, key=lambda one: one.organisation_id != self.lead_id)

    @property
    def asked(self) -> list["NamedProvider"]:
        """Those that have not answered yet."""
        return [one for one in self.named if one.state == NamedState.ASKED]

    def place_of(self, organisation_id: uuid.UUID) -> "NamedProvider | None":
        return next((one for one in self.named if one.organisation_id == organisation_id), None)

    @classmethod
    def visible_to(cls, user: Any) -> Select["DirectAward"]:
        """The parties of the bond, and the organisations that are asked or have accepted."""
        named = select(NamedProvider.award_id).where(
            NamedProvider.organisation_id.in_(user.organisation_ids), NamedProvider.state.in_(STANDING)
        )
        return select(cls).where(or_(cls.programme_id.in_(programmes_of(user)), cls.id.in_(named)))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        for one in self.named:
            if one.organisation_id in user.organisation_ids and one.state == NamedState.ASKED:
                roles.add(Role.INVITED)
            elif one.organisation_id in user.organisation_ids and one.state == NamedState.ACCEPTED:
                roles.add(Role.LEAD if one.organisation_id == self.lead_id else Role.PARTNER)
        return roles


class NamedProvider(Root):
    """One service provider that is named: asked, and its answer with what it will do."""

    __tablename__ = "named_provider"
    __table_args__ = (UniqueConstraint("award_id", "organisation_id"),)

    award_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("direct_award.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[NamedState] = words(NamedState, default=NamedState.ASKED)
    contribution: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[Instant | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    award: Mapped[DirectAward] = relationship(back_populates="named")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    answered_by: Mapped[User | None] = relationship()


def direct_award_of(programme_id: uuid.UUID) -> Select[DirectAward]:
    return select(DirectAward).where(DirectAward.programme_id == programme_id)
