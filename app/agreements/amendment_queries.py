"""What the pages of amendments read."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import or_, select

from app.agreements.amendment_models import AgreementVersion, Amendment, Consent
from app.agreements.authority_models import Signature, signatures_of
from app.agreements.models import Agreement, AgreementParty
from app.agreements.replacing import KIND_OF_PART
from app.extensions import db
from app.people.models import Organisation
from app.programmes.models import Part, Party


def before_of(amendment: Amendment) -> Agreement | AgreementVersion:
    """What the amendment changes: the agreement of today, or the version that it replaced."""
    if amendment.agreement.digest == amendment.replaces:
        return amendment.agreement
    kept = select(AgreementVersion).filter_by(agreement_id=amendment.agreement_id, digest=amendment.replaces)
    return db.session.scalars(kept).one()


def may_sign_for(amendment: Amendment, user: Any) -> list[Organisation]:
    """The user's organisations that are asked and have not signed yet."""
    return [
        one.organisation
        for one in amendment.consents
        if one.signed_at is None and one.organisation_id in user.organisation_ids
    ]


def chosen(form: Any, organisations: Sequence[Organisation]) -> Organisation:
    """For whom a person acts, where the form asked."""
    if len(organisations) == 1:
        return organisations[0]
    return next(one for one in organisations if str(one.id) == form.organisation.data)


def successors(agreement: Agreement) -> list[Organisation]:
    """Service providers of the agreement that stay, and vetted organisations that have no part in the bond."""
    taken = select(Party.organisation_id).where(Party.programme_id == agreement.programme_id)
    had = select(AgreementParty.organisation_id).where(AgreementParty.agreement_id == agreement.id)
    stay = had.where(AgreementParty.part == Part.PROVIDER, AgreementParty.left_on.is_(None))
    free = Organisation.id.not_in(taken) & Organisation.id.not_in(had) & Organisation.vetted_at.is_not(None)
    kinds = Organisation.kind.in_(KIND_OF_PART.values())
    found = select(Organisation).where(or_(Organisation.id.in_(stay), free & kinds))
    return list(db.session.scalars(found.order_by(Organisation.name)))


def signatures_by_place(places: Iterable[AgreementParty | Consent]) -> dict[uuid.UUID, list[Signature]]:
    """Who signed where, the first of two included."""
    found: dict[uuid.UUID, list[Signature]] = {}
    for one in signatures_of(*places):
        found.setdefault(one.party_id or one.consent_id, []).append(one)  # type: ignore[arg-type]
    return found
