import uuid
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.board.states import CONVERSATION_FLOW, FLOW, EntryState
from app.calls.models import Call
from app.core.flow import Labelled
from app.core.models import Instant, Root, Row, words
from app.people.models import Organisation, OrganisationKind
from app.programmes.models import LifeDomain


class Wish(Labelled):
    OFFER = "offer", _l("offers"), "info"
    NEED = "need", _l("looks for"), "warn"


class Entry(Root):
    """What one organisation offers or needs for one call, per life domain and municipality of the bond."""

    __tablename__ = "board_entry"
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    wish: Mapped[Wish] = words(Wish)
    text: Mapped[str]
    life_domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    municipality_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    withdrawn_at: Mapped[Instant | None]

    call: Mapped[Call] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("%(organisation)s on the board", organisation=self.organisation.name)

    @property
    def state(self) -> EntryState:
        return EntryState.SHOWN if self.withdrawn_at is None else EntryState.WITHDRAWN

    @property
    def domains(self) -> list[LifeDomain]:
        return [domain for domain in LifeDomain if domain in self.life_domains]

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Entry"]:
        """Service providers only; to the governments of the bond the board does not exist."""
        if OrganisationKind.PROVIDER not in user.kinds():
            return select(cls).where(cls.id.is_(None))
        return select(cls)

    def roles_of(self, user: Any) -> set[Role]:
        return {Role.MEMBER} if self.organisation_id in user.organisation_ids else set()


class Conversation(Root):
    """Two organisations about one entry: the one that stands on the board, and the one that wrote to it."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("entry_id", "organisation_id"),)
    FLOW = CONVERSATION_FLOW

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("board_entry.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)

    entry: Mapped[Entry] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    messages: Mapped[list["Message"]] = relationship(
        back_populates="conversation", order_by="Message.created_at, Message.id"
    )

    @property
    def title(self) -> str:
        names = (self.entry.organisation.name, self.organisation.name)
        return _("%(one)s and %(other)s", one=names[0], other=names[1])

    @property
    def call(self) -> Call:
        return self.entry.call

    @property
    def state(self) -> EntryState:
        return self.entry.state

    @property
    def programme_id(self) -> uuid.UUID:
        return self.entry.programme_id

    def side_of(self, user: Any) -> Organisation | None:
        """For which of the two organisations the person speaks; who belongs to both speaks for the one that wrote."""
        sides = (self.organisation, self.entry.organisation)
        return next((one for one in sides if one.id in user.organisation_ids), None)

    def other_side(self, side: Organisation) -> Organisation:
        return self.entry.organisation if side.id == self.organisation_id else self.organisation

    @classmethod
    def visible_to(cls, user: Any) -> Select["Conversation"]:
        own = Entry.organisation_id.in_(user.organisation_ids)
        found = select(cls).join(Entry, Entry.id == cls.entry_id)
        return found.where(or_(own, cls.organisation_id.in_(user.organisation_ids)))

    def roles_of(self, user: Any) -> set[Role]:
        return {Role.MEMBER} if self.side_of(user) is not None else set()


class Message(Row):
    """One message; who of the organisation wrote it is for its own people to know."""

    __tablename__ = "message"

    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str]

    conversation: Mapped[Conversation] = relationship(back_populates="messages")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
