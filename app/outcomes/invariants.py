"""What must be true of every batch at any moment. Each function yields a line per fault."""

from collections.abc import Iterator

from sqlalchemy import select

from app.agreements.models import Agreement
from app.agreements.providing import consortia_of, lots_of_provider
from app.agreements.states import AgreementState
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Batch, Claim, Measurement
from app.outcomes.operations import digest_of
from app.outcomes.states import ClaimState


def batches_hold_what_was_signed() -> Iterator[str]:
    """The list of a batch, made again from its claims, has the fingerprint and the numbers that were signed."""
    for batch in db.session.scalars(select(Batch)).unique():
        claims = list(db.session.scalars(select(Claim).where(Claim.batch_id == batch.id)).unique())
        measured = list(db.session.scalars(select(Measurement).where(Measurement.batch_id == batch.id)).unique())
        decided: list[Claim | Measurement] = [*claims, *measured]
        rejected = sum(one.state == ClaimState.REJECTED for one in decided)
        if digest_of(claims, measured) != batch.digest:
            yield f"batch {batch.id}: its fingerprint does not fit its claims"
        if (batch.verified_count, batch.rejected_count) != (len(decided) - rejected, rejected):
            yield f"batch {batch.id}: its numbers do not fit its claims"


def participants_are_in_a_lot_of_their_provider() -> Iterator[str]:
    """Under an agreement with lots everyone is in one that the provider won; under an undivided one nobody is."""
    forced = select(Agreement).where(Agreement.state == AgreementState.IN_FORCE)
    for agreement in db.session.scalars(forced).unique():
        found = select(Participant.code, Participant.provider_id, Participant.lot_id).where(
            Participant.programme_id == agreement.programme_id
        )
        is_divided = any(one["lot"] is not None for one in consortia_of(agreement.terms))
        for code, provider_id, lot_id in db.session.execute(found):
            won = {lot["id"] for lot in lots_of_provider(agreement.terms, [provider_id])}
            if (str(lot_id) not in won) if is_divided else (lot_id is not None):
                yield f"participant {code}: is in no lot that its provider won"


def what_counts_for_money_is_signed() -> Iterator[str]:
    """No claim or measurement is signed off or settled without a batch."""
    for name, kind in (("claim", Claim), ("measurement", Measurement)):
        signed = kind.state.in_([ClaimState.SIGNED_OFF, ClaimState.SETTLED])  # type: ignore[attr-defined]
        for id in db.session.scalars(select(kind.id).where(signed, kind.batch_id.is_(None))):  # type: ignore[attr-defined]
            yield f"{name} {id}: counts for money and stands in no batch"
