"""A soft word before the hard one: an investor says how much it thinks of, under which conditions and until when."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.capital.models import Round
from app.capital.states import INTEREST_FLOW, InterestState
from app.core.models import Amount, Root, words
from app.people.models import Organisation, User
from app.programmes.models import Part, programmes_of


class Interest(Root):
    """What `organisation` thinks of committing, in minor units. It binds nobody; after `expires_on` it lapses."""

    __tablename__ = "interest"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = INTEREST_FLOW

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    amount_minor: Mapped[Amount]
    conditions: Mapped[str] = mapped_column(default="")
    expires_on: Mapped[date]
    state: Mapped[InterestState] = words(InterestState, default=InterestState.STATED)
    stated_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    round: Mapped[Round] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    stated_by: Mapped[User] = relationship()

    @property
    def title(self) -> str:
        return _("Interest")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Interest"]:
        """The investor itself and who prepares the round; no other investor."""
        own = cls.organisation_id.in_(user.organisation_ids)
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.GOVERNMENT, Part.AUDITOR))
        return select(cls).where(or_(own, desk))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.round.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles
