"""The only code that says who may sign for an organisation."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.agreements import authority_notices as notices
from app.agreements.authority_models import How, SignedKind, SigningAuthority
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User


@dataclass(frozen=True, slots=True)
class AuthorityFacts:
    """`proof`: where it stands; `until_on` None: until it is revoked. Days inclusive."""

    kinds: Sequence[SignedKind]
    how: How
    proof: str
    from_on: date
    until_on: date | None = None


@operation
def record_authority(
    organisation: Organisation, person: User, facts: AuthorityFacts, *, actor: User, once: uuid.UUID
) -> SigningAuthority:
    """A manager records that a colleague signs for the organisation; all its managers are told.

    Refused without proof, for somebody of another organisation, or for a period that has ended.
    """
    existing = db.session.get(SigningAuthority, once)
    if existing is not None:
        return existing
    refuse_national_id(proof=facts.proof)
    if organisation.id not in person.organisation_ids:
        raise Refused(_("This person does not belong to the organisation."), "person")
    if not facts.kinds:
        raise Refused(_("Choose at least one kind."), "kinds")
    if not facts.proof:
        raise Refused(_("Say where it stands that this person may sign."), "proof")
    if facts.until_on is not None and facts.until_on < max(facts.from_on, clock.today()):
        raise Refused(_("The period has ended before it counts."), "until_on")
    authority = SigningAuthority(
        id=once,
        organisation=organisation,
        user=person,
        kinds=[kind.value for kind in facts.kinds],
        how=facts.how,
        proof=facts.proof,
        from_on=facts.from_on,
        until_on=facts.until_on,
        recorded_by=actor,
    )
    db.session.add(authority)
    told: dict[str, Any] = {
        "kinds": authority.kinds,
        "how": facts.how,
        "proof": facts.proof,
        "signatory": str(person.id),
    }
    record(Action.AUTHORITY_RECORD, authority, actor, on_behalf_of=organisation, **told)
    notices.tell_recorded(authority)
    return authority


@operation
def revoke_authority(authority: SigningAuthority, *, actor: User) -> None:
    """From this moment on the person signs nothing more; what was signed stands."""
    if authority.revoked_at is not None:
        raise NotNow(_("This was revoked already."))
    authority.revoked_at = clock.now()
    record(Action.AUTHORITY_REVOKE, authority, actor, signatory=str(authority.user_id))
    notices.tell_revoked(authority)
