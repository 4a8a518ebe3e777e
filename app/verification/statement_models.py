import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Select, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Root, Row, append_only, words
from app.intake.models import shared_with
from app.outcomes.models import Batch
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme, programmes_of
from app.verification.statement_states import FLOW, Edition, SignatureState


@append_only
class SealCertificate(Row):
    """A certificate with which the portal sealed; published, so that anybody checks a seal without the portal.

    `fingerprint`: SHA-256 of the certificate (DER), 64 hexadecimal digits. The private key is in no database.
    """

    __tablename__ = "seal_certificate"

    fingerprint: Mapped[str] = mapped_column(unique=True)
    pem: Mapped[str]

    @classmethod
    def visible_to(cls, user: Any) -> Select["SealCertificate"]:
        return select(cls)


@append_only
class SealedStatement(Row):
    """A batch as a document (PDF) under the seal of the portal, in one edition; it never changes.

    `code` (80 random bits) stands on it and on no other; `digest` is the SHA-256 of the file as it was sealed.
    """

    __tablename__ = "sealed_statement"
    __table_args__ = (
        UniqueConstraint("batch_id", "edition", "payer_id"),
        CheckConstraint("(edition = 'own') = (payer_id IS NOT NULL)", name="payer"),
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batch.id"), index=True)
    edition: Mapped[Edition] = words(Edition)
    payer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("seal_certificate.id"))
    code: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str] = mapped_column(unique=True)
    signed_by_name: Mapped[str | None]  # as it stands on the file; None: of before it was kept
    counter_signed_by_name: Mapped[str | None]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    batch: Mapped[Batch] = relationship(lazy="joined")
    payer: Mapped[Organisation | None] = relationship(lazy="joined")
    certificate: Mapped[SealCertificate] = relationship(lazy="joined")

    @property
    def programme_id(self) -> uuid.UUID:
        return self.batch.programme_id

    @property
    def title(self) -> str:
        return _("Statement of sign-off %(number)d", number=self.batch.number)

    @classmethod
    def visible_to(cls, user: Any) -> Select["SealedStatement"]:
        """Each party the edition that tells what it may know: see `Edition`. A provider beside whom another one took
        people in may not know those rows."""
        assessed = Batch.programme_id.in_(programmes_of(user, Part.ASSESSOR))
        provided = Batch.programme_id.in_(programmes_of(user, Part.PROVIDER))
        alone = provided & Batch.programme_id.not_in(shared_with(user))
        rows = select(Batch.id).where(or_(assessed, alone))
        own = (cls.edition == Edition.OWN) & cls.payer_id.in_(user.organisation_ids)
        plain = (cls.edition == Edition.PLAIN) & cls.batch_id.in_(Batch.visible_to(user).with_only_columns(Batch.id))
        return select(cls).where(or_((cls.edition == Edition.FULL) & cls.batch_id.in_(rows), own, plain))

    def roles_of(self, user: Any) -> set[Role]:
        return self.batch.roles_of(user)


class PreparedSignature(Root):
    """A first signature where the agreement asks for a second one: nothing counts before a colleague counter-signs.

    `digest` is that of the list that was signed; what is decided meanwhile makes both signatures impossible. The counts
    are of that list (`unseen_count` of the verified ones were not drawn); None where they were not kept yet.
    """

    __tablename__ = "prepared_signature"
    __table_args__ = (
        Index(
            "uq_prepared_signature_waiting",
            "programme_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    signed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    statement: Mapped[str]
    method: Mapped[str] = mapped_column(default="", server_default="")
    digest: Mapped[str]
    verified_count: Mapped[int | None]
    unseen_count: Mapped[int | None]
    rejected_count: Mapped[int | None]
    measured_count: Mapped[int | None]
    state: Mapped[SignatureState] = words(SignatureState, default=SignatureState.WAITING)
    counter_signed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    batch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("batch.id"), unique=True)

    programme: Mapped[Programme] = relationship(lazy="joined")
    organisation: Mapped[Organisation] = relationship()
    signed_by: Mapped[User] = relationship(foreign_keys=[signed_by_id])
    counter_signed_by: Mapped[User | None] = relationship(foreign_keys=[counter_signed_by_id])
    batch: Mapped[Batch | None] = relationship()

    @property
    def title(self) -> str:
        return _("First signature of %(name)s", name=self.signed_by.name)

    @property
    def is_waiting(self) -> bool:
        return self.state == SignatureState.WAITING

    @classmethod
    def visible_to(cls, user: Any) -> Select["PreparedSignature"]:
        return select(cls).where(cls.programme_id.in_(programmes_of(user, Part.ASSESSOR)))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)
