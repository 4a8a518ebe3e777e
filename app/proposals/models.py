import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ForeignKey, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.calls.models import Call
from app.consortia.models import Consortium
from app.core.models import Instant, Root, Row, words
from app.people.models import Organisation, User
from app.proposals.states import FLOW, ProposalState


class Proposal(Root):
    """One plan of one consortium. `sealed` is ciphertext, `wrapped_key` its key under `SEALING_KEY`,
    `digest` the SHA-256 of the plaintext: it proves later that what was opened is what was handed in."""

    __tablename__ = "proposal"
    FLOW = FLOW

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    consortium_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consortium.id"), unique=True)
    sealed: Mapped[bytes]
    wrapped_key: Mapped[bytes]
    digest: Mapped[str]
    state: Mapped[ProposalState] = words(ProposalState, default=ProposalState.DRAFT)
    submitted_at: Mapped[Instant | None]
    submitted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    call: Mapped[Call] = relationship(lazy="joined")
    consortium: Mapped[Consortium] = relationship(lazy="joined")
    confirmations: Mapped[list["Confirmation"]] = relationship(back_populates="proposal", cascade="all, delete-orphan")

    @property
    def title(self) -> str:
        return _("Plan of %(consortium)s", consortium=self.consortium.name)

    @property
    def programme_id(self) -> uuid.UUID:
        return self.call.programme_id

    @classmethod
    def visible_to(cls, user: Any) -> Select["Proposal"]:
        """Only the consortium's own; a rival's sealed plan does not exist."""
        return select(cls).where(cls.consortium_id.in_(Consortium.visible_to(user).with_only_columns(Consortium.id)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.consortium.roles_of(user)


class Confirmation(Row):
    """A partner stands behind the plan with this `digest`; a later change asks for it again."""

    __tablename__ = "proposal_confirmation"
    __table_args__ = (UniqueConstraint("proposal_id", "organisation_id"),)

    proposal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    digest: Mapped[str]

    proposal: Mapped[Proposal] = relationship(back_populates="confirmations")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    user: Mapped[User] = relationship()
