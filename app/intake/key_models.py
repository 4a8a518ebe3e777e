"""Nobody registered twice: what who keeps the key attested, and the codes that the assessor drew from it."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Select, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import db
from app.intake.models import Intake, Participant, is_shared, shared_with
from app.intake.recusals import left_to_others
from app.intake.states import SAMPLE_FLOW, SampleState
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of


@append_only
class KeyAttestation(Row):
    """Who keeps the key compared the names behind `people` codes and says that nobody has two.

    `digest` is the SHA-256 of those codes, sorted, one a line.
    """

    __tablename__ = "key_attestation"

    intake_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("intake.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    attested_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    people: Mapped[int]
    digest: Mapped[str]

    intake: Mapped[Intake] = relationship()
    organisation: Mapped[Organisation] = relationship()
    attested_by: Mapped[User] = relationship()


@dataclass(frozen=True, slots=True)
class ToldSample:
    """What one reader learns of a sample: `codes`, how many beside these are left to colleagues (`left`), and whether
    what was found may be read."""

    codes: list[str]
    left: int
    tells_findings: bool


class KeySample(Root):
    """Codes that the assessor drew and looks up with the key keeper: `doubles` is how many have a second code."""

    __tablename__ = "key_sample"
    FLOW = SAMPLE_FLOW

    intake_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("intake.id"), index=True)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    people: Mapped[int]  # on the list that was drawn from
    digest: Mapped[str]  # of that list, as in the attestation
    seed: Mapped[str]
    codes: Mapped[list[str]] = mapped_column(JSON)
    drawn_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    state: Mapped[SampleState] = words(SampleState, default=SampleState.DRAWN)
    doubles: Mapped[int | None]
    findings: Mapped[str] = mapped_column(default="")
    checked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    checked_at: Mapped[Instant | None]

    intake: Mapped[Intake] = relationship(lazy="joined")
    programme: Mapped[Programme] = relationship(lazy="joined")
    drawn_by: Mapped[User] = relationship(foreign_keys=[drawn_by_id])
    checked_by: Mapped[User | None] = relationship(foreign_keys=[checked_by_id])

    @property
    def title(self) -> str:
        return _("Sample of codes")

    @classmethod
    def visible_to(cls, user: Any) -> Select["KeySample"]:
        """Codes are rows about people: a provider that takes everybody in, the assessor and whoever keeps the key."""
        kept = select(Intake.id).where(Intake.key_keeper_id.in_(user.organisation_ids))
        assessed = cls.programme_id.in_(programmes_of(user, Part.ASSESSOR))
        alone = cls.programme_id.in_(programmes_of(user, Part.PROVIDER)) & cls.programme_id.not_in(shared_with(user))
        return select(cls).where(or_(assessed, alone, cls.intake_id.in_(kept)))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.intake.roles_of(user)
        return roles - {Role.PROVIDER} if is_shared(self.programme_id, user) else roles

    def told_to(self, user: Any) -> "ToldSample":
        """Without the codes of whom `user` leaves to colleagues, and without findings that name one of them."""
        left = select(Participant.code).where(Participant.programme_id == self.programme_id)
        gone = set(db.session.scalars(left.where(Participant.id.in_(left_to_others(user)))))
        is_named = any(code in self.findings for code in gone)
        return ToldSample(sorted(set(self.codes) - gone), len(gone & set(self.codes)), not is_named)
