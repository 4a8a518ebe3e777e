"""Hand the claims of a period to the assessor in one go."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.outcomes.caseload_queries import registered_between
from app.outcomes.clock_models import ClockRun
from app.outcomes.models import Claim
from app.outcomes.notices import tell_submitted_together
from app.outcomes.rules import check_hand_in
from app.people.models import User
from app.programmes.models import Programme

AT_ONCE = 1_000  # people whose claims are read in one statement
MOST_NAMED = 20


@operation
def submit_period(programme: Programme, first: date, last: date, *, seen: str, actor: User) -> int:
    """Submit every registered claim of the actor's organisation achieved from `first` to `last`; how many.

    `seen` is the digest of the list that the person read: `NotNow` when it changed meanwhile. Each claim has its own
    entry in the trail; the assessor is told once. Refused, with each claim named, while the rules do not allow one.
    """
    claims = registered_between(programme, actor, first, last)
    if not claims:
        raise Refused(_("No registered claim was achieved in this period."))
    if digest_of_list(claims) != seen:
        raise NotNow(_("The list changed since you read it. Look at it again."))
    _check_all(claims)
    for claim in claims:
        claim.FLOW.advance(claim, Action.CLAIM_SUBMIT)
        claim.submitted_at = clock.now()
        record(Action.CLAIM_SUBMIT, claim, actor)
    tell_submitted_together(programme, len(claims))
    return len(claims)


def _check_all(claims: Sequence[Claim]) -> None:
    """Each by the rules of a single one; all that cannot be handed in is named at once."""
    leaning = [one for one in claims if one.effect.lasts or one.effect.requires]
    broken: list[Refused] = []
    for at in range(0, len(leaning), AT_ONCE):
        some = leaning[at : at + AT_ONCE]
        ids = {one.participant_id for one in some}
        noted, others = _by_person(ClockRun, ids), _by_person(Claim, ids)
        for one in some:
            try:
                check_hand_in(one, noted[one.participant_id], others[one.participant_id])
            except Refused as refused:
                broken.append(Refused(_("Claim %(number)s: %(why)s", number=one.number, why=refused.message)))
    if broken:
        raise Refused(broken[0].message, None, broken[1:MOST_NAMED])


def _by_person(kind: Any, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    rows = defaultdict(list)
    for row in db.session.scalars(select(kind).where(kind.participant_id.in_(ids))).unique():
        rows[row.participant_id].append(row)
    return rows


def digest_of_list(claims: Iterable[Claim]) -> str:
    return hashlib.sha256("".join(sorted(f"{claim.id.hex}{claim.version}" for claim in claims)).encode()).hexdigest()
