"""Approved claims that lean, further back than one link, on an effect that does not stand any more: for who signs.

What an effect requires itself is on record, so it counts (replay/1: `requires` is met by any fact on record, paid or
not); a reopening takes back its direct dependants alone. Whether a later link is true all the same is for people: who
judged read of it, and who signs reads it as well.
"""

from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.required import codes_before, said_broken
from app.outcomes.states import COUNTING, ClaimState
from app.pricing.models import Effect, PriceTable
from app.programmes.models import Programme
from app.verification.signing import unsigned

MOST = 50  # who signs looks at each; few people lose an effect that was signed off


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """A claim that the next sign-off takes as proven, and a sentence per earlier link that is lost."""

    claim: Claim
    said: list[str]


def broken_to_sign(programme: Programme) -> list[BrokenChain]:
    """At most `MOST`, the oldest first."""
    found = select(Effect).join(PriceTable).where(PriceTable.programme_id == programme.id)
    effects = db.session.scalars(found).unique()
    chained = [one.id for one in effects if codes_before(one) - set(one.requires or ())]
    if not chained:
        return []
    gone = aliased(Claim)
    lost = exists().where(gone.participant_id == Claim.participant_id, gone.state.not_in(COUNTING))
    claims = select(Claim).where(*unsigned(programme), Claim.state == ClaimState.VERIFIED)
    claims = claims.where(Claim.effect_id.in_(chained), lost).order_by(Claim.achieved_on, Claim.id)
    told = (BrokenChain(one, said_broken(one)) for one in db.session.scalars(claims.limit(MOST)).unique())
    return [one for one in told if one.said]
