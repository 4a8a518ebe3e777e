"""What comes after the signature: an appeal against a decision, and an effect that is reopened."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Root, Row, append_only, words
from app.intake.recusals import not_recused
from app.outcomes.models import Claim, Measurement
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme
from app.verification.appeal_states import APPEAL_FLOW, AppealState, ReopenReason

Proof = Claim | Measurement
ONE_PROOF = "(claim_id IS NULL) <> (measurement_id IS NULL)"
OPEN = text("state = 'filed'")


class OfProof:
    """About one claim, or about one measurement."""

    claim: Any
    measurement: Any

    @property
    def proof(self) -> Proof:
        return self.claim or self.measurement  # type: ignore[no-any-return]


class Appeal(OfProof, Root):
    """A provider says that what was rejected or reopened is proven, or a payer that what was signed off is not.

    Upheld for the provider, the effect stands anew in `anew_claim` or `anew_measurement`, which the next sign-off
    takes; what was signed first never changes. Upheld for the payer, the effect is reopened.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint(ONE_PROOF, name="one_proof"),
        CheckConstraint("anew_claim_id IS NULL OR anew_measurement_id IS NULL", name="one_anew"),
        Index("uq_appeal_open_claim", "claim_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("uq_appeal_open_measurement", "measurement_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )
    FLOW = APPEAL_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"))
    measurement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("measurement.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    filed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    by_provider: Mapped[bool]
    reason: Mapped[str]
    state: Mapped[AppealState] = words(AppealState, default=AppealState.FILED)
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[Instant | None]
    reminded_at: Mapped[Instant | None]  # when it was told to be late, once
    decision_words: Mapped[str] = mapped_column(default="")
    anew_claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"))
    anew_measurement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("measurement.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    claim: Mapped[Claim | None] = relationship(foreign_keys=[claim_id])
    measurement: Mapped[Measurement | None] = relationship(foreign_keys=[measurement_id])
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    filed_by: Mapped[User] = relationship(foreign_keys=[filed_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def title(self) -> str:
        return _("Appeal about %(number)s", number=self.proof.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Appeal"]:
        return select(cls).where(about_visible(cls, user))

    def roles_of(self, user: Any) -> set[Role]:
        return self.proof.roles_of(user)


@append_only
class Reopening(OfProof, Row):
    """An effect that was signed off no longer counts, from `created_at` on; what was paid for it is taken back."""

    __tablename__ = "reopening"
    __table_args__ = (
        CheckConstraint(ONE_PROOF, name="one_proof"),
        UniqueConstraint("claim_id"),
        UniqueConstraint("measurement_id"),
    )

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    claim_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("claim.id"))
    measurement_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("measurement.id"))
    reason: Mapped[ReopenReason] = words(ReopenReason)
    explanation: Mapped[str]
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    appeal_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("appeal.id"))

    claim: Mapped[Claim | None] = relationship()
    measurement: Mapped[Measurement | None] = relationship()
    by: Mapped[User] = relationship()


def about_visible(model: Any, user: Any) -> Any:
    """SQL: the claim or measurement that a row is about may be seen by `user`."""
    claims = Claim.visible_to(user).with_only_columns(Claim.id)
    measurements = Measurement.visible_to(user).with_only_columns(Measurement.id)
    return or_(model.claim_id.in_(claims), model.measurement_id.in_(measurements))


def about(proof: Proof) -> dict[str, uuid.UUID]:
    """The key of a row about this proof: its column and id."""
    return {"claim_id" if isinstance(proof, Claim) else "measurement_id": proof.id}


def assessors_of(proof: Proof) -> list[User]:
    """Whoever judges for the assessor, without those who left this case to colleagues."""
    people = proof.programme.people(Part.ASSESSOR)
    return not_recused(people, proof.participant_id) if isinstance(proof, Claim) else people


def sides_of(proof: Proof) -> tuple[Organisation, Organisation]:
    """(the provider of the effect, the municipality that pays for it)."""
    about = proof.participant if isinstance(proof, Claim) else proof
    return about.provider, about.payer


def readers_of(proof: Proof) -> list[User]:
    """Who is told of it on both sides: of a claim, in the municipality, those who follow its residents."""
    provider, payer = sides_of(proof)
    return [*provider.people(), *(payer.case_owners() if isinstance(proof, Claim) else payer.people())]
