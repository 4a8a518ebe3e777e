"""How a docket stands: who declared, and how far its claims are decided."""

import uuid
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.states import ClaimState
from app.verification.models import Declaration, Docket, DocketItem

UNDECIDED = (ClaimState.SUBMITTED, ClaimState.QUESTIONED)


def has_declared(docket: Docket, user: Any) -> bool:
    found = select(Declaration.id).where(Declaration.docket_id == docket.id, Declaration.user_id == user.id)
    return db.session.scalar(found) is not None


def states_of(docket: Docket) -> dict[uuid.UUID, Counter[ClaimState]]:
    """How the claims that are to be judged stand, per effect, in one statement."""
    found = (
        select(DocketItem.effect_id, Claim.state, func.count())
        .join(Claim, Claim.id == DocketItem.claim_id)
        .where(DocketItem.docket_id == docket.id, DocketItem.to_judge)
        .group_by(DocketItem.effect_id, Claim.state)
    )
    counted: dict[uuid.UUID, Counter[ClaimState]] = {one.effect_id: Counter() for one in docket.strata}
    for effect_id, state, number in db.session.execute(found):
        counted[effect_id][state] += number
    return counted
