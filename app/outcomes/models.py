import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship, synonym

from app.access.roles import Role
from app.core.flow import Labelled
from app.core.models import Amount, Instant, Root, Row, append_only, words
from app.evidence.models import EvidenceFile
from app.extensions import db
from app.intake.models import Participant, cared_for_by, cohort_roles, person_roles
from app.intake.recusals import left_to_others, unless_recused
from app.outcomes.basis_models import MeasurementBasis as MeasurementBasis
from app.outcomes.batch_models import BatchCount as BatchCount
from app.outcomes.clock_models import ClockRun as ClockRun
from app.outcomes.clock_models import Milestone as Milestone
from app.outcomes.correction_models import DayCorrection as DayCorrection
from app.outcomes.states import CLAIM_FLOW, MEASUREMENT_FLOW, ClaimState
from app.outcomes.tally_models import LineTally as LineTally
from app.outcomes.tally_models import MilestoneTally as MilestoneTally
from app.outcomes.tally_models import ProofTally as ProofTally
from app.people.models import Organisation, User
from app.pricing.models import Effect, EvidenceType
from app.programmes.models import Part, Programme, programmes_of


class RejectionReason(Labelled):
    NO_EVIDENCE = "no_evidence", _l("the evidence does not show the effect")
    NOT_INDEPENDENT = "not_independent", _l("the evidence comes from the provider")
    TOO_LATE = "too_late", _l("outside the evidence window")
    NOT_SUSTAINED = "not_sustained", _l("not sustained long enough")
    DOUBLE = "double", _l("already paid or claimed elsewhere")


class Claim(Root):
    """One effect claimed for one participant: achieved when, how much, proven by what."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        # Each list of claims is read in the order of one of these, however long it is.
        Index("ix_claim_work_list", "programme_id", "state", "submitted_at", "id"),
        Index("ix_claim_unsigned", "programme_id", "state", "batch_id", "achieved_on", "id"),
        Index("ix_claim_oldest", "programme_id", "created_at", "id"),
        Index("ix_claim_in_batch", "batch_id", "achieved_on", "id"),
        Index("ix_claim_document", "programme_id", "evidence_digest"),
    )
    FLOW = CLAIM_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    participant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("participant.id"), index=True)
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    achieved_on: Mapped[date]
    quantity: Mapped[int] = mapped_column(default=1)
    evidence_type: Mapped[EvidenceType] = words(EvidenceType)
    evidence_issuer: Mapped[str]  # a value of IssuerClass; older rows hold what was typed
    evidence_on: Mapped[date]
    evidence_digest: Mapped[str] = mapped_column(default="")  # SHA-256 of the document, which stays with the provider
    note: Mapped[str] = mapped_column(default="")
    same_document_because: Mapped[str | None]  # why its document proves other claims too, where it was said to
    state: Mapped[ClaimState] = words(ClaimState, default=ClaimState.REGISTERED)
    registered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[Instant | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[RejectionReason | None] = words(RejectionReason, nullable=True)
    decision_words: Mapped[str] = mapped_column(default="")
    accepted_unseen: Mapped[bool] = mapped_column(default=False)  # as claimed: not drawn, its sample within tolerance
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batch.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    participant: Mapped[Participant] = relationship(
        lazy="joined", backref=backref("claims", order_by="Claim.achieved_on")
    )
    effect: Mapped[Effect] = relationship(lazy="joined")
    batch: Mapped["Batch | None"] = relationship(back_populates="claims")
    files: Mapped[list[EvidenceFile]] = relationship(back_populates="claim", order_by=EvidenceFile.number)
    messages: Mapped[list["ClaimMessage"]] = relationship(back_populates="claim", order_by="ClaimMessage.created_at")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def title(self) -> str:
        return _("%(effect)s, %(participant)s", effect=self.effect.name, participant=self.participant.code)

    @property
    def number(self) -> str:
        """How parties name the claim to each other without naming the participant."""
        return self.id.hex[:8].upper()

    @property
    def is_with_provider(self) -> bool:
        """Whether it can still be completed: before it is submitted, and while the assessor waits for an answer."""
        return self.state in (ClaimState.REGISTERED, ClaimState.QUESTIONED)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Claim"]:
        """As the participant: of another provider's people not even that something was claimed. The assessor reads a
        claim from the day on which it is handed in."""
        assessed = cls.programme_id.in_(programmes_of(user, Part.ASSESSOR)) & cls.submitted_at.is_not(None)
        people = select(Participant.id).where(or_(Participant.payer_id.in_(user.resident_ids), cared_for_by(user)))
        found = select(cls).where(or_(assessed, cls.participant_id.in_(people)))
        return found.where(cls.participant_id.not_in(left_to_others(user))) if user.organisation_ids else found

    def roles_of(self, user: Any) -> set[Role]:
        person = self.participant
        roles = person_roles(self.programme_id, person.payer_id, person.provider_id, user)
        roles = roles if self.submitted_at is not None else roles - {Role.ASSESSOR}
        return unless_recused(roles, self.participant_id, user)


class ClaimMessage(Row):
    """A question of the assessor or an answer of the provider on one claim."""

    __tablename__ = "claim_message"

    claim_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("claim.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]

    claim: Mapped[Claim] = relationship(back_populates="messages")
    user: Mapped[User] = relationship(lazy="joined")
    proof_id = synonym("claim_id")


class Measurement(Root):
    """What was established once for a cohort, or a fee that is due: it holds no person, and names who pays.

    By the kind of the effect: `value` (steps, bands), `cohort`, `treatment` and `control` (difference: numbers of
    events, the control's scaled to the cohort), `avoided_minor` (share; minor units) or `quantity` (fee). Exact
    decimals are text, as in the price table.
    """

    __tablename__ = "measurement"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("avoided_minor >= 0", name="avoided"),
        Index("ix_measurement_work_list", "programme_id", "state", "submitted_at"),
    )
    FLOW = MEASUREMENT_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    effect_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("effect.id"))
    payer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    achieved_on: Mapped[date]  # the day for which it holds, and by which it is settled
    value: Mapped[str] = mapped_column(default="")
    cohort: Mapped[str] = mapped_column(default="")
    treatment: Mapped[str] = mapped_column(default="")
    control: Mapped[str] = mapped_column(default="")
    avoided_minor: Mapped[Amount | None]
    quantity: Mapped[int | None]
    evidence_type: Mapped[EvidenceType] = words(EvidenceType)
    evidence_issuer: Mapped[str]
    evidence_on: Mapped[date]
    evidence_digest: Mapped[str]  # SHA-256 of the document, which stays with the provider
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[ClaimState] = words(ClaimState, default=ClaimState.REGISTERED)
    registered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    submitted_at: Mapped[Instant | None]
    decided_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[Instant | None]
    decision_reason: Mapped[RejectionReason | None] = words(RejectionReason, nullable=True)
    decision_words: Mapped[str] = mapped_column(default="")
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batch.id"), index=True)

    programme: Mapped[Programme] = relationship(lazy="joined")
    effect: Mapped[Effect] = relationship(lazy="joined")
    payer: Mapped[Organisation] = relationship(foreign_keys=[payer_id], lazy="joined")
    provider: Mapped[Organisation] = relationship(foreign_keys=[provider_id])
    batch: Mapped["Batch | None"] = relationship(back_populates="measurements")
    basis: Mapped[MeasurementBasis | None] = relationship(back_populates="measurement")
    messages: Mapped[list["MeasurementMessage"]] = relationship(
        back_populates="measurement", order_by="MeasurementMessage.created_at"
    )

    @property
    def title(self) -> str:
        return _("%(effect)s, %(payer)s", effect=self.effect.name, payer=self.payer.name)

    @property
    def number(self) -> str:
        return self.id.hex[:8].upper()

    @classmethod
    def visible_to(cls, user: Any) -> Select["Measurement"]:
        """Provider and assessor of the bond, and the municipality that pays: its events may be few."""
        inside = cls.programme_id.in_(programmes_of(user, Part.PROVIDER, Part.ASSESSOR))
        return select(cls).where(or_(inside, cls.payer_id.in_(user.organisation_ids)))

    def roles_of(self, user: Any) -> set[Role]:
        return cohort_roles(self.programme_id, self.payer_id, user)


class MeasurementMessage(Row):
    """The same on one measurement."""

    __tablename__ = "measurement_message"

    measurement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("measurement.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    text: Mapped[str]

    measurement: Mapped[Measurement] = relationship(back_populates="messages")
    user: Mapped[User] = relationship(lazy="joined")
    proof_id = synonym("measurement_id")


@append_only
class Batch(Row):
    """The assessor's signed statement over decided claims and measurements: what was verified, how, and the digest of
    the list."""

    __tablename__ = "batch"
    __table_args__ = (UniqueConstraint("programme_id", "number"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    signed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    statement: Mapped[str]
    method: Mapped[str] = mapped_column(default="", server_default="")  # how it was verified, in words for every party
    verified_count: Mapped[int]
    rejected_count: Mapped[int]
    digest: Mapped[str]

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship()
    signed_by: Mapped[User] = relationship()
    claims: Mapped[list[Claim]] = relationship(back_populates="batch")
    measurements: Mapped[list[Measurement]] = relationship(
        back_populates="batch", order_by="Measurement.achieved_on, Measurement.id"
    )

    @property
    def title(self) -> str:
        return _("Sign-off %(number)d", number=self.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Batch"]:
        parts = (Part.GOVERNMENT, Part.PROVIDER, Part.INTERMEDIARY, Part.ASSESSOR, Part.AUDITOR)
        return select(cls).where(cls.programme_id.in_(programmes_of(user, *parts)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)


def claims_of(participant: Participant) -> list[Claim]:
    found = select(Claim).where(Claim.participant_id == participant.id).order_by(Claim.achieved_on)
    return list(db.session.scalars(found).unique())
