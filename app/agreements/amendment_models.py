"""How an agreement changes after it was signed: by an amendment that every party signs."""

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, Select, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.agreements.amendment_states import FLOW, AmendmentKind, AmendmentState, LeaveCause
from app.agreements.models import Agreement
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import ROLE_OF_PART, Part, Programme

PROPOSED = text("state = 'proposed'")


class Amendment(Root):
    """What the agreement will say as a whole when everybody has signed; `replaces` is the digest of what it changes.

    Of a party that goes: `leaving`, why, `last_day` and who takes over (`joining` is new to the agreement or another
    party of it). Of an end by agreement: `last_day`.
    """

    __tablename__ = "amendment"
    __table_args__ = (
        UniqueConstraint("agreement_id", "number"),
        Index("uq_amendment_open", "agreement_id", unique=True, sqlite_where=PROPOSED, postgresql_where=PROPOSED),
    )
    FLOW = FLOW

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"))
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    number: Mapped[int]
    kind: Mapped[AmendmentKind] = words(AmendmentKind)
    reason: Mapped[str]
    text: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]  # SHA-256 of text and terms, which every party signs
    replaces: Mapped[str]
    leaving_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    joining_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    cause: Mapped[LeaveCause | None] = words(LeaveCause, nullable=True)
    last_day: Mapped[date | None]
    state: Mapped[AmendmentState] = words(AmendmentState, default=AmendmentState.PROPOSED)
    proposed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    in_force_at: Mapped[Instant | None]
    refused_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    refused_because: Mapped[str] = mapped_column(default="")

    agreement: Mapped[Agreement] = relationship(back_populates="amendments", lazy="joined")
    programme: Mapped[Programme] = relationship(lazy="joined")
    leaving: Mapped[Organisation | None] = relationship(foreign_keys=[leaving_id])
    joining: Mapped[Organisation | None] = relationship(foreign_keys=[joining_id])
    refused_by: Mapped[Organisation | None] = relationship(foreign_keys=[refused_by_id])
    proposed_by: Mapped[User] = relationship()
    consents: Mapped[list["Consent"]] = relationship(
        back_populates="amendment", order_by="[Consent.part, Consent.created_at, Consent.id]"
    )

    @property
    def title(self) -> str:
        return _("Amendment %(number)d", number=self.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["Amendment"]:
        """Whoever may read the agreement, and whoever is asked to sign."""
        readable = Agreement.visible_to(user).with_only_columns(Agreement.id)
        return select(cls).where(cls.agreement_id.in_(readable))

    def roles_of(self, user: Any) -> set[Role]:
        roles = self.agreement.roles_of(user) - {Role.SIGNATORY}
        for consent in self.consents:
            if consent.organisation_id in user.organisation_ids:
                roles.add(ROLE_OF_PART[consent.part])
                if consent.signed_at is None:
                    roles.add(Role.SIGNATORY)
        return roles | {Role.SELF} if user.id == self.proposed_by_id else roles

    def parts_of(self, user: Any) -> set[Role]:
        """The hats of a party that is asked to join, so that it reads the agreement before it signs."""
        if self.state != AmendmentState.PROPOSED or self.joining_id not in user.organisation_ids:
            return set()
        return {ROLE_OF_PART[one.part] for one in self.consents if one.organisation_id == self.joining_id}


class Consent(Row):
    """A party that is asked to sign the amendment and, once it has, its signature over `digest`."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("amendment_id", "organisation_id"),)

    amendment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("amendment.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    part: Mapped[Part] = words(Part)
    signed_at: Mapped[Instant | None]
    signed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    digest: Mapped[str] = mapped_column(default="")

    amendment: Mapped[Amendment] = relationship(back_populates="consents")
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    signed_by: Mapped[User | None] = relationship()


@append_only
class AgreementVersion(Row):
    """What the agreement said until `amendment` replaced it; `created_at` is that moment. `number` 1 was signed first.

    What was settled before keeps it, and an auditor can read it for ever.
    """

    __tablename__ = "agreement_version"
    __table_args__ = (UniqueConstraint("agreement_id", "number"),)

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id"))
    amendment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("amendment.id"), unique=True)
    number: Mapped[int]
    text: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]


def asked_to_sign(user: Any) -> Select[uuid.UUID]:
    """Ids of the agreements that an organisation of `user` is asked to join."""
    asked = select(Amendment.agreement_id).where(Amendment.state == AmendmentState.PROPOSED)
    return asked.where(Amendment.joining_id.in_(user.organisation_ids))


def terms_at(agreement: Agreement, moment: datetime) -> dict[str, Any]:
    """The terms as they were in force at `moment`; those of today where no amendment replaced them since."""
    later = select(AgreementVersion.terms).where(
        AgreementVersion.agreement_id == agreement.id, AgreementVersion.created_at > moment
    )
    found: dict[str, Any] | None = db.session.scalar(later.order_by(AgreementVersion.number).limit(1))
    return agreement.terms if found is None else found


def versions_of(agreement: Agreement) -> list[AgreementVersion]:
    """What it said before, oldest first; not what it says now."""
    found = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id)
    return list(db.session.scalars(found.order_by(AgreementVersion.number)))
