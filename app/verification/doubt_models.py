"""What the assessor is told, at any time after the signature, about an effect that it signed off."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, Select, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, words
from app.outcomes.models import Claim
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of
from app.verification.appeal_states import DOUBT_FLOW, DoubtState

WAITING = text("state = 'waiting'")


class Doubt(Root):
    """The provider of an effect, or the municipality that pays for it, told the assessor that it may be false or a
    mistake. The assessor reopens the effect or answers why it stands; only it and who told it read of it, for the other
    side may be what the doubt is about."""

    __tablename__ = "doubt"
    __table_args__ = (
        Index(
            "uq_doubt_waiting",
            "claim_id",
            "organisation_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )
    FLOW = DOUBT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    told_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    said: Mapped[str]
    state: Mapped[DoubtState] = words(DoubtState, default=DoubtState.WAITING)
    answer: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    claim: Mapped[Claim] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    told_by: Mapped[User] = relationship(foreign_keys=[told_by_id])
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def title(self) -> str:
        return _("Doubt about %(number)s", number=self.claim.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Doubt"]:
        mine = or_(
            cls.programme_id.in_(programmes_of(user, Part.ASSESSOR)), cls.organisation_id.in_(user.organisation_ids)
        )
        return select(cls).where(mine, cls.claim_id.in_(Claim.visible_to(user).with_only_columns(Claim.id)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.claim.roles_of(user)
