"""Hand the claims of a period to the assessor in one go."""

import hashlib
from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.outcomes.caseload_queries import registered_between
from app.outcomes.models import Claim
from app.outcomes.notices import tell_submitted_together
from app.people.models import User
from app.programmes.models import Programme


@operation
def submit_period(programme: Programme, first: date, last: date, *, seen: str, actor: User) -> int:
    """Submit every registered claim of the actor's organisation achieved from `first` to `last`; how many.

    `seen` is the digest of the list that the person read: `NotNow` when it changed meanwhile. Each claim has its own
    entry in the trail; the assessor is told once.
    """
    claims = registered_between(programme, actor, first, last)
    if not claims:
        raise Refused(_("No registered claim was achieved in this period."))
    if digest_of_list(claims) != seen:
        raise NotNow(_("The list changed since you read it. Look at it again."))
    for claim in claims:
        claim.FLOW.advance(claim, Action.CLAIM_SUBMIT)
        claim.submitted_at = clock.now()
        record(Action.CLAIM_SUBMIT, claim, actor)
    tell_submitted_together(programme, len(claims))
    return len(claims)


def digest_of_list(claims: Iterable[Claim]) -> str:
    return hashlib.sha256("".join(sorted(f"{claim.id.hex}{claim.version}" for claim in claims)).encode()).hexdigest()
