"""A part of a commitment goes from one investor to another, with the consent of both and of the intermediary.

Only what was not called yet: capital that was paid in, and what comes back of it, stay with who paid it. No price is
agreed here, for this is no trading platform.
"""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Select, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.capital.models import Commitment
from app.core.models import Amount, Instant, Root, words
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of
from app.treasury.states import ASSIGNMENT_FLOW, AssignmentState


class Assignment(Root):
    """`amount_minor` of `commitment`, proposed to `receiver`. `digest`: of the agreement that the receiver joined, 64
    hex digits; empty where there was none yet. `made`: the commitment that it became. `co_proposed_by`,
    `co_accepted_by`: the second signatory, where the organisation recorded that two sign together."""

    __tablename__ = "assignment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = ASSIGNMENT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    commitment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("commitment.id"), index=True)
    giver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    amount_minor: Mapped[Amount]
    reason: Mapped[str]
    state: Mapped[AssignmentState] = words(AssignmentState, default=AssignmentState.PROPOSED)
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    co_proposed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    co_proposed_at: Mapped[Instant | None]
    accepted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    accepted_at: Mapped[Instant | None]
    co_accepted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    co_accepted_at: Mapped[Instant | None]
    digest: Mapped[str] = mapped_column(default="")
    consented_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    consented_at: Mapped[Instant | None]
    refused_because: Mapped[str] = mapped_column(default="")
    made_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("commitment.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    commitment: Mapped[Commitment] = relationship(foreign_keys=[commitment_id])
    giver: Mapped[Organisation] = relationship(foreign_keys=[giver_id], lazy="joined")
    receiver: Mapped[Organisation] = relationship(foreign_keys=[receiver_id], lazy="joined")
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])
    accepted_by: Mapped[User | None] = relationship(foreign_keys=[accepted_by_id])
    co_proposed_by: Mapped[User | None] = relationship(foreign_keys=[co_proposed_by_id])
    co_accepted_by: Mapped[User | None] = relationship(foreign_keys=[co_accepted_by_id])
    consented_by: Mapped[User | None] = relationship(foreign_keys=[consented_by_id])

    @property
    def title(self) -> str:
        return _("Transfer of a commitment")

    @property
    def co_signer(self) -> Organisation | None:
        """Whose second signature is waited for."""
        return {AssignmentState.SIGNED_ONCE: self.giver, AssignmentState.ACCEPTED_ONCE: self.receiver}.get(self.state)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Assignment"]:
        """The two investors, the intermediary and the auditor; nobody else hears who leaves. What is signed by the
        first of two is not yet proposed to anybody."""
        proposed = cls.state != AssignmentState.SIGNED_ONCE
        receives = and_(cls.receiver_id.in_(user.organisation_ids), proposed)
        own = or_(cls.giver_id.in_(user.organisation_ids), receives)
        desk = cls.programme_id.in_(programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR))
        return select(cls).where(or_(own, desk))

    def roles_of(self, user: Any) -> set[Role]:
        """MEMBER: of the investor that gives; SIGNATORY: of the one that receives."""
        roles = self.programme.roles_of(user)
        if self.giver_id in user.organisation_ids:
            roles = roles | {Role.MEMBER}
        return roles | {Role.SIGNATORY} if self.receiver_id in user.organisation_ids else roles
