"""What must be true of every batch at any moment. Each function yields a line per fault."""

from collections.abc import Iterator

from sqlalchemy import select

from app.extensions import db
from app.outcomes.models import Batch, Claim
from app.outcomes.operations import digest_of
from app.outcomes.states import ClaimState


def batches_hold_what_was_signed() -> Iterator[str]:
    """The list of a batch, made again from its claims, has the fingerprint and the numbers that were signed."""
    for batch in db.session.scalars(select(Batch)).unique():
        claims = list(db.session.scalars(select(Claim).where(Claim.batch_id == batch.id)).unique())
        rejected = sum(claim.state == ClaimState.REJECTED for claim in claims)
        if digest_of(claims) != batch.digest:
            yield f"batch {batch.id}: its fingerprint does not fit its claims"
        if (batch.verified_count, batch.rejected_count) != (len(claims) - rejected, rejected):
            yield f"batch {batch.id}: its numbers do not fit its claims"


def what_counts_for_money_is_signed() -> Iterator[str]:
    """No claim is signed off or settled without a batch."""
    signed = Claim.state.in_([ClaimState.SIGNED_OFF, ClaimState.SETTLED])
    for claim in db.session.scalars(select(Claim.id).where(signed, Claim.batch_id.is_(None))):
        yield f"claim {claim}: counts for money and stands in no batch"
