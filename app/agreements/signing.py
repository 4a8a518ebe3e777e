"""Whether a person may sign for an organisation, checked at the moment of signing.

An organisation that recorded who signs for it is held to that, also when all of it has lapsed. One that recorded nobody
is signed for by any of its members, and the page says so to the other parties.
"""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _

from app.accounts.signing_authority import expect_mandate
from app.agreements.amendment_models import Consent
from app.agreements.amendment_states import AmendmentKind
from app.agreements.authority_models import (
    How,
    Signature,
    SignedKind,
    signatures_of,
)
from app.agreements.models import AgreementParty
from app.core import clock
from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.people.models import Organisation, User

Place = AgreementParty | Consent


def kind_of(place: Place) -> SignedKind:
    if isinstance(place, AgreementParty):
        return SignedKind.AGREEMENT
    return SignedKind.END if place.amendment.kind == AmendmentKind.END else SignedKind.AMENDMENT


def why_not_sign(organisations: Iterable[Organisation], kind: SignedKind, user: User) -> Any | None:
    """For the page: the reason when `user` may sign for none of these organisations today."""
    reason = None
    for organisation in organisations:
        try:
            expect_mandate(organisation, kind, user)
        except NotYours as refused:
            reason = refused.message
        else:
            return None
    return reason


def first_of_two(places: Iterable[Place], user: User) -> Any | None:
    """For the page: that `user` has signed everywhere it can, and a second signatory is waited for."""
    own = [one for one in places if one.signed_at is None and one.organisation_id in user.organisation_ids]
    signed = {one.party_id or one.consent_id for one in signatures_of(*own) if one.user_id == user.id} if own else set()
    if not own or any(one.id not in signed for one in own):
        return None
    return _("You have signed already; a second signatory of your organisation signs with you.")


def expect_to_sign(places: Iterable[Place], user: User) -> None:
    """For a page with a form: `NotNow` for the first of two who sign together. (Nobody signs for who is bound.)"""
    waits = first_of_two(places, user)
    if waits is not None:
        raise NotNow(waits)


def set_signature(place: Place, digest: str, actor: User) -> bool:
    """Sign at this place; is the organisation bound by it? Not yet after the first of two who sign together."""
    authority = expect_mandate(place.organisation, kind_of(place), actor)
    earlier = [one for one in signatures_of(place) if one.digest == digest]
    if any(one.user_id == actor.id for one in earlier):
        raise NotNow(_("You have signed already; a second signatory of your organisation signs with you."))
    field = "party_id" if isinstance(place, AgreementParty) else "consent_id"
    signature = Signature(user=actor, authority=authority, digest=digest, **{field: place.id})
    db.session.add(signature)
    if authority is not None and authority.how == How.JOINTLY and not earlier:
        return False
    place.signed_at, place.signed_by, place.digest = clock.now(), actor, digest
    return True
