"""A bidder's objection to an award decision."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.consortia.models import Consortium
from app.core.models import Instant, Root
from app.evaluation.belonging import OfEvaluation
from app.evaluation.models import Evaluation, consortia_of, evaluations_of
from app.evaluation.states import OBJECTION_FLOW, Stage
from app.people.models import User


class Objection(OfEvaluation, Root):
    """A bidder objects within the standstill; the award cannot become final before it is decided.

    `upheld` stays empty when it lapsed: another objection had the decision withdrawn first.
    """

    __tablename__ = "objection"
    FLOW = OBJECTION_FLOW

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluation.id"), index=True)
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"))
    filed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    grounds: Mapped[str]
    examined_at: Mapped[Instant | None]
    examined_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    heard_on: Mapped[date | None]
    hearing: Mapped[str] = mapped_column(default="")  # what was said; the bidder reads it
    decision: Mapped[str] = mapped_column(default="")
    upheld: Mapped[bool | None]
    decided_at: Mapped[Instant | None]

    evaluation: Mapped[Evaluation] = relationship(back_populates="objections")
    consortium: Mapped[Consortium] = relationship(lazy="joined")
    filed_by: Mapped[User] = relationship(foreign_keys=[filed_by_id])

    @property
    def stage(self) -> "Stage":
        """How far it is: filed, looked into, heard, decided."""
        if self.decided_at is not None:
            return Stage.DECIDED
        if self.heard_on is not None:
            return Stage.HEARD
        return Stage.FILED if self.examined_at is None else Stage.EXAMINED

    @property
    def title(self) -> str:
        return _("Objection of %(consortium)s", consortium=self.consortium.name)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Objection"]:
        """Its own consortium, the governments and the auditor of the bond."""
        parties = evaluations_of(user)
        return select(cls).where(or_(cls.evaluation_id.in_(parties), cls.consortium_id.in_(consortia_of(user))))

    def roles_of(self, user: Any) -> set[Role]:
        return self.evaluation.call.programme.roles_of(user) | self.consortium.roles_of(user)
