"""More time after an outage, as one official proposes it and another confirms or refuses it (art. 2.109 Aw)."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.states import EXTENSION_FLOW, CallState, ExtensionState
from app.core import clock
from app.core.format import moment as shown_moment
from app.core.format import second
from app.core.models import Instant, Root, words
from app.people.models import User

if TYPE_CHECKING:
    from app.calls.models import Call

_STANDING = text("state = 'proposed'")


class Extension(Root):
    """The portal could not be reached from `began_at` to `ended_at`, because of `cause`; everybody would get until
    `deadline`. While it stands no plan is opened; from `lapses_at` on it stands no more."""

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("ended_at > began_at", name="outage"),
        Index("uq_extension_standing", "call_id", unique=True, sqlite_where=_STANDING, postgresql_where=_STANDING),
    )
    FLOW = EXTENSION_FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant]
    cause: Mapped[str]
    deadline_before: Mapped[Instant]
    deadline: Mapped[Instant]
    lapses_at: Mapped[Instant]
    state: Mapped[ExtensionState] = words(ExtensionState, default=ExtensionState.PROPOSED)
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[Instant | None]
    refused_because: Mapped[str] = mapped_column(default="")

    call: Mapped["Call"] = relationship(back_populates="extensions")
    proposed_by: Mapped[User] = relationship()

    @property
    def stands(self) -> bool:
        """Is it still to be answered? Not once its term has passed, also before the worker has said so."""
        alive = self.call.state in (CallState.PUBLISHED, CallState.CLOSED)
        return alive and self.state == ExtensionState.PROPOSED and clock.now() < self.lapses_at

    def deadline_at(self, moment: datetime) -> datetime:
        """The deadline that a confirmation at `moment` gives. After the old deadline nobody can count on more time, so
        what passed since (or since it was proposed, if later) is added, to the whole minute."""
        waited = moment - max(self.created_at, self.deadline_before)
        minutes = -(-waited // timedelta(minutes=1))
        return self.deadline + timedelta(minutes=max(minutes, 0))

    def said(self) -> list[tuple[str, str]]:
        """What it says, for every page that shows it: (name, value). Who proposed it is in the trail."""
        return [
            (_("The portal could not be reached"), f"{second(self.began_at)} – {second(self.ended_at)}"),
            (_("What went wrong"), self.cause),
            (_("Deadline for plans"), shown_moment(self.deadline_before)),
            (_("Proposed deadline"), shown_moment(self.deadline)),
        ]

    @property
    def title(self) -> str:
        return _("More time after an outage: %(call)s", call=self.call.title)

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Extension"]:
        """Whoever sees the call sees it."""
        from app.calls.models import Call

        return select(cls).where(cls.call_id.in_(Call.visible_to(user).with_only_columns(Call.id)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.call.roles_of(user)
