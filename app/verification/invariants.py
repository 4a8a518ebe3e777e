"""What must be true of every batch and docket at any moment. Each function yields a line per fault."""

import hashlib
from collections.abc import Iterator

from sqlalchemy import func, select

from app.extensions import db
from app.outcomes.models import Batch, BatchCount, Claim, Measurement
from app.outcomes.states import ClaimState
from app.verification.listing import drawn_of, entries, ids_of
from app.verification.models import Docket
from app.verification.sampling import draw, list_digest, stratum_digest
from app.verification.seal import is_sealed
from app.verification.signing import digest_of, lines_of
from app.verification.statement_models import PreparedSignature, SealedStatement


def batches_hold_what_was_signed() -> Iterator[str]:
    """The list of a batch, made again from its claims, has the fingerprint and the numbers that were signed."""
    for batch in db.session.scalars(select(Batch)).unique():
        counted = select(Claim.state, func.count()).where(Claim.batch_id == batch.id).group_by(Claim.state)
        claims: dict[ClaimState, int] = dict(iter(db.session.execute(counted)))  # type: ignore[arg-type]
        measured = list(db.session.scalars(select(Measurement).where(Measurement.batch_id == batch.id)).unique())
        rejected = sum(one.state == ClaimState.REJECTED for one in measured) + claims.get(ClaimState.REJECTED, 0)
        if digest_of(lines_of(Claim.batch_id == batch.id), measured) != batch.digest:
            yield f"batch {batch.id}: its fingerprint does not fit its claims"
        if (batch.verified_count, batch.rejected_count) != (len(measured) + sum(claims.values()) - rejected, rejected):
            yield f"batch {batch.id}: its numbers do not fit its claims"
        held = select(func.coalesce(func.sum(BatchCount.verified), 0), func.coalesce(func.sum(BatchCount.rejected), 0))
        if tuple(map(int, db.session.execute(held.where(BatchCount.batch_id == batch.id)).one())) != (
            batch.verified_count,
            batch.rejected_count,
        ):
            yield f"batch {batch.id}: what is counted per effect does not sum to its numbers"


def what_counts_for_money_is_signed() -> Iterator[str]:
    """No claim or measurement is signed off or settled without a batch."""
    for name, kind in (("claim", Claim), ("measurement", Measurement)):
        signed = kind.state.in_([ClaimState.SIGNED_OFF, ClaimState.SETTLED])  # type: ignore[attr-defined]
        for id in db.session.scalars(select(kind.id).where(signed, kind.batch_id.is_(None))):  # type: ignore[attr-defined]
            yield f"{name} {id}: counts for money and stands in no batch"


def draws_can_be_made_again() -> Iterator[str]:
    """Every docket still holds the list that was locked, and its seed draws the same claims."""
    for docket in db.session.scalars(select(Docket)).unique():
        made = [(one.effect.code, stratum_digest(entries(docket.id, one.effect_id))) for one in docket.strata]
        if list_digest(made) != docket.list_digest:
            yield f"docket {docket.id}: its list is not the one that was locked"
        for one in docket.strata:
            claims = ids_of(docket.id, one.effect_id)
            if docket.seed and set(draw(docket.seed, claims, one.drawn)) != drawn_of(docket.id, one.effect_id):
                yield f"docket {docket.id}: its seed draws other claims of {one.effect.code}"


def seals_hold() -> Iterator[str]:
    """Every sealed statement is as it was sealed, by its digest and by the published certificate."""
    for one in db.session.scalars(select(SealedStatement)).unique():
        if hashlib.sha256(one.content).hexdigest() != one.digest:
            yield f"statement {one.id}: it is not the file that was sealed"
        elif not is_sealed(one.content, one.certificate.pem):
            yield f"statement {one.id}: its seal does not fit the certificate"


def second_signatures_are_of_another_person() -> Iterator[str]:
    """A batch with two signatures has two people under it, and the list that both signed for."""
    found = select(PreparedSignature).where(PreparedSignature.batch_id.is_not(None))
    for one in db.session.scalars(found).unique():
        if one.counter_signed_by_id in (None, one.signed_by_id):
            yield f"signature {one.id}: the same person signed twice"
        if one.batch is not None and one.batch.digest != one.digest:
            yield f"signature {one.id}: it stands under another list"
