"""An investor that does not pay in what was called: declared by one of the intermediary, confirmed by another."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Index, Select, and_, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Amount, Instant, Root, words
from app.people.models import Organisation
from app.programmes.models import Part, Programme, programmes_of
from app.treasury.models import CapitalCallPart
from app.treasury.states import DEFAULT_FLOW, DefaultState

LONGEST_REASON = 500  # characters; investors and auditor read it in a notice
ARRIVED: list[Callable[[CapitalCallPart], Sequence[Any]]] = []  # the bank, which stands above, tells what came in


class InvestorDefault(Root):
    """`part` was not paid in by its due day. It stays owed, and the default is cured on the day on which all of it came
    in; `lapsed_minor`: what was not called yet of the commitment, and is not called any more since the default was
    confirmed."""

    __tablename__ = "investor_default"
    __table_args__ = (
        Index(
            "uq_investor_default_part",
            "part_id",
            unique=True,
            sqlite_where=text("state <> 'rejected'"),
            postgresql_where=text("state <> 'rejected'"),
        ),
    )
    FLOW = DEFAULT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    part_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("capital_call_part.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    reason: Mapped[str]
    state: Mapped[DefaultState] = words(DefaultState, default=DefaultState.DECLARED)
    lapsed_minor: Mapped[Amount] = mapped_column(default=0)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    part: Mapped[CapitalCallPart] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Default of %(name)s", name=self.organisation.name)

    @property
    def lost_minor(self) -> int:
        """What the bond does not get of what was promised, as long as the default stands."""
        return self.part.amount_minor + self.lapsed_minor

    @classmethod
    def visible_to(cls, user: Any) -> Select["InvestorDefault"]:
        """The desk; the investor itself once a second person confirmed it."""
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        told = cls.state.in_((DefaultState.CONFIRMED, DefaultState.CURED)) & cls.decided_at.is_not(None)
        own = and_(told, cls.organisation_id.in_(user.organisation_ids))
        return select(cls).where(or_(desk, own))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.programme.roles_of(user)
        return roles | {Role.MEMBER} if self.organisation_id in user.organisation_ids else roles


def arrived_unmatched(part: CapitalCallPart) -> list[Any]:
    """Lines of the bank that nobody matched yet and that may be this very money."""
    return [line for found in ARRIVED for line in found(part)]


def parts_in_default() -> Select[uuid.UUID]:
    """The ids of the parts of capital calls of which a default is confirmed: owed still, but counted on no more."""
    return select(InvestorDefault.part_id).where(InvestorDefault.state == DefaultState.CONFIRMED)
