import uuid
from datetime import date
from typing import Any

from flask_babel import ngettext
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core import format
from app.core.models import Amount, Instant, Root, Row, words
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of
from app.progress.states import (
    CORRECTIVE_FLOW,
    MILESTONE_FLOW,
    CashKind,
    CorrectiveState,
    MilestoneState,
    WarningKind,
)


class Owned(Root):
    """Something in a bond that one organisation answers for by a day; every party of the bond reads it."""

    __abstract__ = True

    @classmethod
    def visible_to(cls, user: Any) -> Select[Any]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user)))  # type: ignore[attr-defined]

    def roles_of(self, user: Any) -> set[Role]:
        roles: set[Role] = self.programme.roles_of(user)  # type: ignore[attr-defined]
        mine = self.owner_id in user.organisation_ids  # type: ignore[attr-defined]
        return roles | {Role.MEMBER} if mine else roles


class ProgressMilestone(Owned):
    """What must be reached by `due_on`. With a `code` it is from the agreement, and the portal notes it when met.

    `met_on`: the day on which it was met; of the intake the first day of the month, since the day is nobody's to know.
    """

    __tablename__ = "progress_milestone"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("(state = 'met') = (met_on IS NOT NULL)", name="met"),
        Index("ix_progress_milestone_due", "state", "due_on"),
    )
    FLOW = MILESTONE_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    code: Mapped[str | None]  # of the agreement: intake-half, signed-2026-06-30, …; none: added by a person
    name: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date]
    met_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")  # what shows that it was met, or why it was dropped
    state: Mapped[MilestoneState] = words(MilestoneState, default=MilestoneState.OPEN)
    reminded_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    owner: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        from app.progress.agreed import name_of

        return name_of(self.code) if self.code else self.name

    @property
    def met_when(self) -> str:
        """The day on which it was met, of the intake the month; empty: not yet."""
        if self.met_on is None:
            return ""
        return format.month(f"{self.met_on:%Y-%m}") if self._is_of_intake else format.day(self.met_on)

    @property
    def how_late(self) -> str:
        """In days, of the intake in months; empty: in time, or not met yet."""
        if self.met_on is None or self.met_on <= self.due_on:
            return ""
        if self._is_of_intake:
            months = (self.met_on.year - self.due_on.year) * 12 + self.met_on.month - self.due_on.month
            return ngettext("%(num)d month late", "%(num)d months late", months)
        return ngettext("%(num)d day late", "%(num)d days late", (self.met_on - self.due_on).days)

    @property
    def _is_of_intake(self) -> bool:
        from app.progress.agreed import is_of_intake

        return is_of_intake(self.code)


class CorrectiveAction(Owned):
    """What an organisation will do by `due_on` to bring the bond back on course; it counts once that organisation
    agreed. `about`: the kind of early warning that it answers, if any."""

    __tablename__ = "corrective_action"
    __table_args__ = (Index("ix_corrective_action_due", "state", "due_on"),)
    FLOW = CORRECTIVE_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    about: Mapped[WarningKind | None] = words(WarningKind, nullable=True)
    what: Mapped[str]
    due_on: Mapped[date]
    agreed_at: Mapped[Instant | None]
    agreed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    done_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="")  # what was done, or why it was declined or withdrawn
    state: Mapped[CorrectiveState] = words(CorrectiveState, default=CorrectiveState.PROPOSED)
    reminded_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    owner: Mapped[Organisation] = relationship(lazy="joined")
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id], lazy="joined")
    agreed_by: Mapped[User | None] = relationship(foreign_keys=[agreed_by_id], lazy="joined")

    @property
    def title(self) -> str:
        return self.what if len(self.what) <= 80 else self.what[:79] + "…"

    def roles_of(self, user: Any) -> set[Role]:
        roles = super().roles_of(user)
        return roles | {Role.SELF} if user.id is not None and user.id == self.proposed_by_id else roles


class EarlyWarning(Row):
    """That an early warning was told. `standing` names it while it holds (unique: told once), and is emptied when it is
    over; what comes back later is told anew. Whom it was told to stands in the notices."""

    __tablename__ = "early_warning"

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[WarningKind] = words(WarningKind)
    about: Mapped[str]  # the id of what it is about: a municipality, an effect, a milestone, …
    standing: Mapped[str | None] = mapped_column(unique=True)
    ended_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")


class CashLine(Root):
    """Money that the intermediary plans to come in or go out in the month of `month` (its first day), minor units."""

    __tablename__ = "cash_line"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[CashKind] = words(CashKind)
    month: Mapped[date] = mapped_column("month_on")
    amount_minor: Mapped[Amount]
    description: Mapped[str]

    programme: Mapped[Programme] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return self.description

    @classmethod
    def visible_to(cls, user: Any) -> Select["CashLine"]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)
