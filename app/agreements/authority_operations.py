"""The only code that says who may sign for an organisation."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.agreements import authority_notices as notices
from app.agreements.authority_models import How, SignedKind, SigningAuthority, authorities_of
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

    It takes the place of what was recorded for the same person and kinds, from its first day on: else somebody who is
    to sign together would go on signing alone. The caller has asked for the password again.

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
    replaced = _replace_earlier(organisation, person, facts, actor)
    authority = _record(organisation, person, facts, actor, once)
    db.session.flush()
    authority.replaces = replaced
    notices.tell_recorded(authority)
    return authority


def _replace_earlier(
    organisation: Organisation, person: User, facts: AuthorityFacts, actor: User
) -> list[SigningAuthority]:
    """Revoked, or ended on the day before where the newer one begins later; for its other kinds it goes on."""
    replaced = []
    first = max(facts.from_on, clock.today())
    for earlier in authorities_of(organisation.id):
        if earlier.user_id != person.id or earlier.revoked_at is not None or not {*earlier.kinds} & {*facts.kinds}:
            continue
        until, goes_on = earlier.until_on, [SignedKind(kind) for kind in earlier.kinds if kind not in facts.kinds]
        if until is not None and until < first:
            continue
        if clock.today() < first and earlier.from_on < first:
            earlier.until_on = first - timedelta(days=1)
        else:
            earlier.revoked_at = clock.now()
        replaced.append(earlier)
        record(Action.AUTHORITY_REVOKE, earlier, actor, signatory=str(person.id), last_day=first - timedelta(days=1))
        if goes_on:
            rest = AuthorityFacts(goes_on, earlier.how, earlier.proof, max(first, earlier.from_on), until)
            _record(organisation, person, rest, actor, uuid.uuid4())
    return replaced


def _record(
    organisation: Organisation, person: User, facts: AuthorityFacts, actor: User, key: uuid.UUID
) -> SigningAuthority:
    authority = SigningAuthority(
        id=key,
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
    return authority


@operation
def revoke_authority(authority: SigningAuthority, *, actor: User) -> None:
    """From this moment on the person signs nothing more; what was signed stands."""
    if authority.revoked_at is not None:
        raise NotNow(_("This was revoked already."))
    authority.revoked_at = clock.now()
    record(Action.AUTHORITY_REVOKE, authority, actor, signatory=str(authority.user_id))
    notices.tell_revoked(authority)
