"""What the pages of amendments read."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.agreements.amendment_models import AgreementVersion, Amendment, Consent
from app.agreements.authority_models import Signature, signatures_of
from app.agreements.models import Agreement, AgreementParty
from app.agreements.replacing import KIND_OF_PART, replaceable
from app.extensions import db
from app.people.models import Membership, Organisation
from app.programmes.independence import judged_in
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


def successors(agreement: Agreement) -> list[tuple[Part, list[Organisation]]]:
    """By the part of a party that may leave: who can take it over. None whom the proposal would be refused for."""
    found = []
    for part in dict.fromkeys(one.part for one in replaceable(agreement)):
        stay = [one.organisation for one in replaceable(agreement) if one.part == part == Part.PROVIDER]
        found.append((part, [*(stay if len(stay) > 1 else ()), *_newcomers(agreement, part)]))
    return found


def _newcomers(agreement: Agreement, part: Part) -> list[Organisation]:
    """Vetted organisations of the kind, with somebody who can sign, that never had a part in the bond and share nobody
    with those from whom an assessor must be independent (or who would have to be independent of them)."""
    bond = agreement.programme
    taken = select(Party.organisation_id).where(Party.programme_id == bond.id)
    had = select(AgreementParty.organisation_id).where(AgreementParty.agreement_id == agreement.id)
    apart = judged_in(bond) if part == Part.ASSESSOR else {one.id for one in bond.organisations(Part.ASSESSOR)}
    theirs = select(Membership.user_id).where(Membership.organisation_id.in_(apart))
    tied = select(Membership.organisation_id).where(Membership.user_id.in_(theirs))
    found = select(Organisation).where(Organisation.kind == KIND_OF_PART[part], Organisation.vetted_at.is_not(None))
    found = found.where(Organisation.id.in_(select(Membership.organisation_id)), Organisation.id.not_in(apart))
    for out in (taken, had, tied):
        found = found.where(Organisation.id.not_in(out))
    return list(db.session.scalars(found.order_by(Organisation.name)))


def signatures_by_place(places: Iterable[AgreementParty | Consent]) -> dict[uuid.UUID, list[Signature]]:
    """Who signed where, the first of two included."""
    found: dict[uuid.UUID, list[Signature]] = {}
    for one in signatures_of(*places):
        found.setdefault(one.party_id or one.consent_id, []).append(one)  # type: ignore[arg-type]
    return found
