"""What leans on an effect that is reopened: other claims for the same person. Rows in, rows out.

A claim that requires it is paid for no more, unless the same effect was proven otherwise by that day (replay/1,
step 2).
One that only came after in the chain still counts, since what it requires itself is on record; the assessor looks at
it anew. What is not signed for yet counts for nothing before it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.access.actions import Action
from app.access.guard import may
from app.extensions import db
from app.outcomes.models import Claim, claims_of
from app.outcomes.required import codes_before
from app.outcomes.states import COUNTING, ClaimState
from app.verification.appeal_models import Proof, Reopening


@dataclass(frozen=True, slots=True)
class Dependents:
    """The claims that require it, and those that only came after in a chain."""

    lost: list[Claim]
    after: list[Claim]

    def signed(self) -> "Dependents":
        """Those that counted when it was reopened."""
        return Dependents([one for one in self.lost if is_signed(one)], [one for one in self.after if is_signed(one)])

    def unsigned(self) -> "Dependents":
        """Those that count for nothing before they are signed for, such as what is with the assessor."""
        return Dependents(
            [one for one in self.lost if not is_signed(one)], [one for one in self.after if not is_signed(one)]
        )


def is_signed(claim: Claim) -> bool:
    return claim.state in (ClaimState.SIGNED_OFF, ClaimState.SETTLED)


@dataclass(frozen=True, slots=True)
class Ground:
    """An effect on which a claim leans and that was reopened; `is_required`: so the claim is not paid."""

    reopening: Reopening
    is_required: bool


def dependents_of(proof: Proof, *, reader: Any = None) -> Dependents:
    """What `proof`, about to be reopened or just reopened, takes with it. A measurement has none. `reader`: without the
    claims that this person may not read, such as those that were not handed in."""
    if not isinstance(proof, Claim):
        return Dependents([], [])
    claims = [one for one in claims_of(proof.participant) if one.id != proof.id]
    counting = [one for one in claims if one.state in COUNTING and one.achieved_on >= proof.achieved_on]
    leaning = [one for one in counting if not _proven_otherwise(proof, one, claims)]
    if reader is not None:
        leaning = [one for one in leaning if may(Action.CLAIM_READ, one, reader)]
    return Dependents(
        [one for one in leaning if proof.effect.code in one.effect.requires],
        [one for one in leaning if proof.effect.code in codes_before(one.effect) - set(one.effect.requires)],
    )


def grounds_lost(claim: Claim) -> list[Ground]:
    """The reopened effects on which this claim leans, while it counts itself."""
    chain = codes_before(claim.effect)
    if not chain or claim.state not in COUNTING:
        return []
    claims = claims_of(claim.participant)
    gone = {
        one.id: one
        for one in claims
        if one.state == ClaimState.REOPENED
        and one.effect.code in chain
        and one.achieved_on <= claim.achieved_on
        and not _proven_otherwise(one, claim, claims)
    }
    found = select(Reopening).where(Reopening.claim_id.in_(gone)).order_by(Reopening.created_at)
    return [
        Ground(one, gone[one.claim_id].effect.code in claim.effect.requires)  # type: ignore[index]
        for one in db.session.scalars(found)
    ]


def _proven_otherwise(gone: Claim, leaning: Claim, claims: Iterable[Claim]) -> bool:
    """Another claim of the effect that is gone stands, reached by the day of the one that leans on it."""
    return any(
        one.effect_id == gone.effect_id
        and one.id != gone.id
        and one.state in COUNTING
        and one.achieved_on <= leaning.achieved_on
        for one in claims
    )
