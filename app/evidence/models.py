import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import DateTime, ForeignKey, Index, Select, UniqueConstraint, Uuid, column, or_, select, table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, words
from app.evidence.states import FLOW, FileState
from app.intake.models import Participant, cared_for_by
from app.people.models import User

if TYPE_CHECKING:
    from app.outcomes.models import Claim

# Claims stand above this package; for what the database finds they are read by name.
_claim = table("claim", column("id", Uuid), column("submitted_at", DateTime))


class EvidenceFile(Root):
    """One document of a claim. The name that it had is not kept: people put names of people in it.

    `sha256` is that of the document as the provider has it, `kept_sha256` that of the copy here, which has no metadata
    of the camera. `key` opens what lies in the store under `stored_as`; it is gone once the file is. `size` in bytes.
    """

    __tablename__ = "evidence_file"
    __table_args__ = (
        UniqueConstraint("claim_id", "number"),
        Index("ix_evidence_file_due", "state", "keep_until"),
    )
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"))
    number: Mapped[int]  # within the claim, from 1
    media_type: Mapped[str]
    ending: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    kept_sha256: Mapped[str]
    stored_as: Mapped[str] = mapped_column(unique=True)
    key: Mapped[bytes | None] = mapped_column(deferred=True)
    kept_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    keep_until: Mapped[date]  # the last day of the audit window
    state: Mapped[FileState] = words(FileState, default=FileState.KEPT)
    gone_at: Mapped[Instant | None]

    participant: Mapped[Participant] = relationship(lazy="joined")
    claim: Mapped["Claim"] = relationship(back_populates="files")
    kept_by: Mapped[User] = relationship()

    @property
    def title(self) -> str:
        return _("Document %(number)d", number=self.number)

    @property
    def filename(self) -> str:
        return f"evidence-{self.claim_id.hex[:8]}-{self.number}.{self.ending}"

    @classmethod
    def visible_to(cls, user: Any) -> Select["EvidenceFile"]:
        """As the participant; the assessor once the claim is handed in."""
        people = Participant.visible_to(user).with_only_columns(Participant.id)
        found = select(cls).where(cls.participant_id.in_(people))
        handed_in = cls.claim_id.in_(select(_claim.c.id).where(_claim.c.submitted_at.is_not(None)))
        return found.where(or_(handed_in, cls.participant.has(cared_for_by(user))))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.participant.roles_of(user)
        return roles if self.claim.submitted_at is not None else roles - {Role.ASSESSOR}
