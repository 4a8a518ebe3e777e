"""One document under several claims: seen while a claim is entered, and said why.

It may be right, as one letter of a landlord can prove a home and that it was kept; or one proof is claimed twice. The
provider that enters the claim is told of its own other claims, and says why; the assessor reads it where it judges.
Source: the domain, section 9: an effect is paid once.
"""

import uuid
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from app.core.errors import Refused
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.programmes.models import Part, programmes_of

MOST = 5  # claims that are named
NO_FILE: Mapping[uuid.UUID, int] = MappingProxyType({})
FIELD = "same_document_because"


def others_with(digest: str, user: Any) -> Sequence[Claim]:
    """Claims with this document (SHA-256), the oldest first, in any bond in which `user` works for a provider: of
    those that `user` may read, and of no other provider not even that there is one."""
    found = Claim.visible_to(user).where(
        Claim.programme_id.in_(programmes_of(user, Part.PROVIDER)),
        Claim.evidence_digest == digest,
        Claim.state != ClaimState.WITHDRAWN,
    )
    return db.session.scalars(found.order_by(Claim.created_at, Claim.id).limit(MOST)).unique().all()


def expect_said(digest: str, because: str, user: Any, rows: Mapping[uuid.UUID, int] = NO_FILE) -> str | None:
    """Why the document proves this claim too, as it is kept: None where it stands under no other claim. `Refused`, with
    those claims named, while nothing is said. `rows`: claims that only this file would make, by the row they are in,
    since their numbers are nowhere yet."""
    others = others_with(digest, user) if digest else ()
    if not others:
        return None
    if because.strip():
        return because.strip()
    raise stands_under("; ".join(_("%(number)s (%(what)s)", number=named(one, rows), what=one.title) for one in others))


def stands_under(claims: str) -> Refused:
    told = _(
        "Rule “once only”: this document stands under another claim already: %(claims)s. If it proves this effect too, "
        "say here why; the assessor reads it.",
        claims=claims,
    )
    return Refused(told, FIELD)


def named(claim: Claim, rows: Mapping[uuid.UUID, int]) -> str:
    return _("row %(number)d of this file", number=rows[claim.id]) if claim.id in rows else claim.number
