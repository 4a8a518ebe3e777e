"""The end of an agreement before its time."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.agreements.models import Agreement
from app.agreements.termination_states import FLOW, Ground, TerminationState
from app.core.models import Instant, Root, words
from app.people.models import Organisation, User
from app.programmes.models import Programme

STANDS = text("state <> 'withdrawn'")


class Termination(Root):
    """The agreement ends with `last_day`: effects achieved up to then count, nothing after it. `ended_on` and
    `accrued_until` are the days that the bond had before. An `amendment` where all parties agreed."""

    __tablename__ = "termination"
    __table_args__ = (
        Index("uq_termination_standing", "agreement_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )
    FLOW = FLOW

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"))
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    amendment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("amendment.id"))
    ground: Mapped[Ground] = words(Ground)
    reason: Mapped[str]
    against_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    last_day: Mapped[date]
    ended_on: Mapped[date]
    accrued_until: Mapped[date]
    state: Mapped[TerminationState] = words(TerminationState, default=TerminationState.DECLARED)
    declared_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    given_at: Mapped[Instant | None]

    agreement: Mapped[Agreement] = relationship(back_populates="terminations", lazy="joined")
    programme: Mapped[Programme] = relationship(lazy="joined")
    against: Mapped[Organisation | None] = relationship()
    declared_by: Mapped[User] = relationship(foreign_keys=[declared_by_id])
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id])

    @property
    def title(self) -> str:
        return _("End of the agreement")

    @classmethod
    def visible_to(cls, user: Any) -> Select["Termination"]:
        readable = Agreement.visible_to(user).with_only_columns(Agreement.id)
        return select(cls).where(cls.agreement_id.in_(readable))

    def roles_of(self, user: Any) -> set[Role]:
        return self.agreement.roles_of(user)
