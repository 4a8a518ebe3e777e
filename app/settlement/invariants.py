"""What must be true of every settlement at any moment. Each function yields a line per fault."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select

from app.extensions import db
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from app.programmes.models import Programme
from app.settlement.models import Settlement, SettlementLine, Statement
from app.settlement.operations import standing
from app.settlement.states import STANDING, SettlementState
from app.settlement.valuing import recompute


def settlements_recompute() -> Iterator[str]:
    """Computed again from its inputs, every settlement equals what was stored, to the cent."""
    for programme in db.session.scalars(select(Programme)).unique():
        before: list[Settlement] = []
        for settlement in standing(programme):
            yield from recompute(settlement, before)
            before.append(settlement)


def statements_sum_their_lines() -> Iterator[str]:
    """A municipality owes the sum of the lines of its own residents."""
    summed = select(SettlementLine.settlement_id, SettlementLine.payer_id, func.sum(SettlementLine.paid_minor))
    lines = {
        (settlement, payer): int(paid)
        for settlement, payer, paid in db.session.execute(
            summed.group_by(SettlementLine.settlement_id, SettlementLine.payer_id)
        )
    }
    owed = select(Statement.settlement_id, Statement.payer_id, Statement.amount_minor, Statement.reference)
    for settlement, payer, amount, reference in db.session.execute(owed):
        if lines.pop((settlement, payer), None) != amount:
            yield f"statement {reference}: does not sum its lines"
    for settlement, payer in lines:
        yield f"settlement {settlement}: {payer} has lines and no statement"


def no_claim_is_settled_twice() -> Iterator[str]:
    """A claim or measurement stands in one settlement that counts at the most, and only when it was signed off."""
    for name, proof in (("claim", Claim), ("measurement", Measurement)):
        seen: dict[object, int] = defaultdict(int)
        found = select(proof.id, proof.state, Settlement.state).select_from(SettlementLine)  # type: ignore[attr-defined]
        found = found.join(getattr(SettlementLine, name)).join(SettlementLine.settlement)
        for id, state, settlement_state in db.session.execute(found.where(Settlement.state.in_(STANDING))):
            seen[id] += 1
            if seen[id] > 1:
                yield f"{name} {id}: settled twice"
            done = settlement_state in (SettlementState.APPROVED, SettlementState.PAID)
            if state != (ClaimState.SETTLED if done else ClaimState.SIGNED_OFF):
                yield f"{name} {id}: is {state} in a settlement that is {settlement_state}"
