"""Who signed an agreement or a change of it for an organisation, under which `accounts.signing_authority`."""

import uuid
from typing import TYPE_CHECKING, Union

from sqlalchemy import CheckConstraint, ForeignKey, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.accounts.signing_authority import How, SignedKind, SigningAuthority, authorities_of
from app.core.models import Row, append_only
from app.extensions import db
from app.people.models import User

__all__ = ["How", "Signature", "SignedKind", "SigningAuthority", "authorities_of", "signatures_of"]

if TYPE_CHECKING:
    from app.agreements.amendment_models import Consent
    from app.agreements.models import AgreementParty


@append_only
class Signature(Row):
    """What one person signed for an organisation, under which authority (none: it has recorded nobody)."""

    __tablename__ = "signature"
    __table_args__ = (CheckConstraint("(party_id IS NULL) <> (consent_id IS NULL)", name="one_place"),)

    party_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agreement_party.id"), index=True)
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consent.id"), index=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    authority_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signing_authority.id"))
    digest: Mapped[str]

    user: Mapped[User] = relationship()
    authority: Mapped[SigningAuthority | None] = relationship()


def signatures_of(*places: Union["AgreementParty", "Consent"]) -> list[Signature]:
    ids = [place.id for place in places]
    found = select(Signature).where(or_(Signature.party_id.in_(ids), Signature.consent_id.in_(ids)))
    people = joinedload(Signature.user), joinedload(Signature.authority)
    return list(db.session.scalars(found.options(*people).order_by(Signature.created_at)).unique())
