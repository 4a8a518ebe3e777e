"""What a call asks and gives: items of the plan, lots, documents, contacts. All of it stands once the call is public:
the database itself refuses a change then, unless a rectification makes it (`Call.rectifying`)."""

import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call, Criterion
from app.calls.states import FLOW, CallState
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, words

LONGEST = 20_000  # characters of an answer when nothing shorter is said


class ItemKind(Labelled):
    """What a bidder fills in. Of volumes and budget a call asks at most one each."""

    TEXT = "text", _l("text")
    NUMBER = "number", _l("whole number")
    CHOICE = "choice", _l("choice from a list")
    FILE = "file", _l("file")
    VOLUMES = "volumes", _l("volumes per effect")
    BUDGET = "budget", _l("budget per partner and year")


class OfCall:
    """A part of a call: whoever sees the call sees it, whoever may change the call may change it."""

    FLOW = FLOW
    call_id: Mapped[uuid.UUID]
    call: Mapped[Call]

    @classmethod
    def visible_to(cls, user: Any) -> Select[Any]:
        return select(cls).where(cls.call_id.in_(Call.visible_to(user).with_only_columns(Call.id)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.call.roles_of(user)

    @property
    def state(self) -> CallState:
        return self.call.state

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id


ONCE_PER_CALL = (ItemKind.VOLUMES, ItemKind.BUDGET)
_ONCE = text("kind IN ('volumes', 'budget')")


class PlanItem(OfCall, Row):
    """One thing that every plan answers. `longest` is in characters (text), `least` and `most` bound a number,
    `choices` are what may be chosen; `criterion`, if named, is where the answer counts."""

    __tablename__ = "plan_item"
    __table_args__ = (
        UniqueConstraint("call_id", "key"),
        CheckConstraint("longest > 0", name="longest"),
        CheckConstraint("least <= most", name="range"),
        Index("uq_plan_item_once", "call_id", "kind", unique=True, sqlite_where=_ONCE, postgresql_where=_ONCE),
    )

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    key: Mapped[str]  # names the answer in the plan; made once and kept when the title changes
    kind: Mapped[ItemKind] = words(ItemKind)
    title: Mapped[str]
    guidance: Mapped[str] = mapped_column(default="")
    longest: Mapped[int | None]
    least: Mapped[int | None]
    most: Mapped[int | None]
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    required: Mapped[bool] = mapped_column(default=True)
    criterion_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("criterion.id"), index=True)

    call: Mapped[Call] = relationship(back_populates="items")
    criterion: Mapped[Criterion | None] = relationship()


def default_items() -> list[PlanItem]:
    """What a new draft asks until its officials say otherwise: four texts and the volumes."""
    asked = {"approach": _("Approach"), "team": _("Team and roles"), "planning": _("Planning"), "risks": _("Risks")}
    items = [PlanItem(key=key, kind=ItemKind.TEXT, title=title, longest=LONGEST) for key, title in asked.items()]
    items.append(PlanItem(key="volumes", kind=ItemKind.VOLUMES, title=_("Volumes per effect")))
    for position, item in enumerate(items, start=1):
        item.position, item.required, item.choices = position, True, []
    return items


class Lot(OfCall, Row):
    """A part of the call that is awarded by itself: `cohort_size` people of these municipalities."""

    __tablename__ = "lot"
    __table_args__ = (CheckConstraint("cohort_size > 0", name="cohort"),)

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    cohort_size: Mapped[int]
    organisation_ids: Mapped[list[str]] = mapped_column(JSON, default=list)  # the municipalities, as text

    call: Mapped[Call] = relationship(back_populates="lots")


class CallDocument(OfCall, Root):
    """A file that every bidder reads. `sha256` (hex) proves that all got the same; `size` is in bytes. One that is
    withdrawn by a rectification stays readable, since plans may have been built on it."""

    __tablename__ = "call_document"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    title: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    added_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]

    call: Mapped[Call] = relationship(back_populates="documents")


class CallContact(OfCall, Row):
    """Where a bidder turns with what is no question about the call. `address`: a mail address or telephone number."""

    __tablename__ = "call_contact"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    position: Mapped[int]
    name: Mapped[str]
    function: Mapped[str] = mapped_column(default="")
    address: Mapped[str]

    call: Mapped[Call] = relationship(back_populates="contacts")
