"""A reopening that one person of the assessor proposes and another one confirms."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, words
from app.outcomes.models import Claim, Measurement
from app.people.models import User
from app.programmes.models import Part, Programme, programmes_of
from app.verification.appeal_models import ONE_PROOF, OfProof, about_visible
from app.verification.appeal_states import PROPOSAL_FLOW, ProposalState, ReopenReason

WAITING = text("state = 'waiting'")


class ReopeningProposal(OfProof, Root):
    """One person of the assessor found that what was signed off does not count. Until another one confirms it, the
    effect counts as before; nobody but the assessor reads of it."""

    __tablename__ = "reopening_proposal"
    __table_args__ = (
        CheckConstraint(ONE_PROOF, name="one_proof"),
        CheckConstraint("decided_by_id <> proposed_by_id OR state <> 'confirmed'", name="another_person"),
        Index("uq_reopening_proposal_claim", "claim_id", unique=True, sqlite_where=WAITING, postgresql_where=WAITING),
        Index(
            "uq_reopening_proposal_measurement",
            "measurement_id",
            unique=True,
            sqlite_where=WAITING,
            postgresql_where=WAITING,
        ),
    )
    FLOW = PROPOSAL_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"))
    measurement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("measurement.id"))
    reason: Mapped[ReopenReason] = words(ReopenReason)
    explanation: Mapped[str]
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    state: Mapped[ProposalState] = words(ProposalState, default=ProposalState.WAITING)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[Instant | None]

    programme: Mapped[Programme] = relationship(lazy="joined")
    claim: Mapped[Claim | None] = relationship()
    measurement: Mapped[Measurement | None] = relationship()
    proposed_by: Mapped[User] = relationship(foreign_keys=[proposed_by_id])

    @property
    def title(self) -> str:
        return _("Reopening of %(number)s", number=self.proof.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["ReopeningProposal"]:
        judged = cls.programme_id.in_(programmes_of(user, Part.ASSESSOR))
        return select(cls).where(judged, about_visible(cls, user))

    def roles_of(self, user: Any) -> set[Role]:
        return self.proof.roles_of(user)
