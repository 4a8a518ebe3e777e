"""What a bond settled before, as the next settlement reads it: columns and no rows, since it may be a million lines.

A `Past` and its lines can be read wherever a `Settlement` and its lines can, as far as valuing goes.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from sqlalchemy import null, select

from app.core.progress import EACH, Tell, silent, told
from app.extensions import db
from app.intake.models import Participant
from app.outcomes.models import Claim, Measurement
from app.outcomes.states import ClaimState
from app.pricing.models import Effect
from app.programmes.models import Programme
from app.settlement.made import Made
from app.settlement.models import Settlement, SettlementLine
from app.settlement.states import STANDING, LineKind


@dataclass(frozen=True, slots=True)
class Proven:
    """A claim as far as it is valued."""

    id: uuid.UUID
    achieved_on: date
    created_at: Any
    quantity: int
    effect: str  # its code
    participant_id: uuid.UUID
    participant: str  # the code
    payer_id: uuid.UUID
    lot_id: uuid.UUID | None
    provider_id: uuid.UUID
    state: ClaimState = ClaimState.SIGNED_OFF


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line of an earlier settlement. Of its `steps` only the VAT is kept."""

    settlement_id: uuid.UUID
    kind: LineKind
    payer_id: uuid.UUID
    claim_id: uuid.UUID | None
    measurement_id: uuid.UUID | None
    gross_minor: int
    paid_minor: int
    steps: Sequence[Mapping[str, Any]]
    proof: Any  # what was proven; None where this line is not the first one of it

    @property
    def proof_id(self) -> uuid.UUID:
        return self.claim_id or self.measurement_id  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Past:
    """A settlement that stands."""

    id: uuid.UUID
    period_from: date
    period_to: date
    is_final: bool = False
    is_closing: bool = False
    lines: list[PastLine] = field(default_factory=list)


def history(programme: Programme, with_vat: bool, tell: Tell = silent) -> list[Past]:
    """The settlements of a bond that were not discarded, oldest first; `with_vat`: the VAT in each line is read too.
    `tell` hears how many lines were read."""
    found = select(
        Settlement.id, Settlement.period_from, Settlement.period_to, Settlement.is_final, Settlement.is_closing
    ).where(Settlement.programme_id == programme.id, Settlement.state.in_(STANDING))
    past = {row[0]: Past(*row) for row in db.session.execute(found.order_by(Settlement.number))}
    for line in told(_lines(programme, list(past), with_vat), tell) if past else ():
        past[line.settlement_id].lines.append(line)
    return list(past.values())


def _lines(programme: Programme, ids: list[uuid.UUID], with_vat: bool) -> Iterator[PastLine]:
    measured = {one.id: one for one in db.session.scalars(select(Measurement).filter_by(programme_id=programme.id))}
    line = (
        SettlementLine.settlement_id,
        SettlementLine.kind,
        SettlementLine.payer_id,
        SettlementLine.claim_id,
        SettlementLine.measurement_id,
        SettlementLine.gross_minor,
        SettlementLine.paid_minor,
        SettlementLine.steps if with_vat else null(),
    )
    proof = (Claim.id, Claim.achieved_on, Claim.created_at, Claim.quantity, Effect.code, Claim.participant_id)
    people = (Participant.code, Participant.payer_id, Participant.lot_id, Participant.provider_id, Claim.state)
    found = (
        select(*line, *proof, *people)
        .select_from(SettlementLine)
        .outerjoin(SettlementLine.claim)
        .outerjoin(Claim.effect)
        .outerjoin(Claim.participant)
        .where(SettlementLine.settlement_id.in_(ids))
        .order_by(SettlementLine.settlement_id, SettlementLine.position)
        .execution_options(yield_per=10 * EACH)
    )
    seen: dict[Any, Any] = {}  # days, codes and people occur again and again: one object of each is enough
    for settlement_id, kind, payer_id, claim_id, measurement_id, gross, paid, steps, *claim in db.session.execute(
        found
    ):
        proof_of: Any = measured.get(measurement_id)
        if claim_id is not None and kind == LineKind.FIRST:
            proof_of = Proven(*(seen.setdefault(one, one) for one in claim))
        same = (seen.setdefault(settlement_id, settlement_id), kind, seen.setdefault(payer_id, payer_id))
        id = proof_of.id if claim_id is not None and proof_of is not None else claim_id
        yield PastLine(*same, id, measurement_id, gross, paid, _vat(steps), proof_of)


def _vat(steps: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in steps or () if one["rule"] == "vat"]


def stored_lines(settlement_id: uuid.UUID) -> Iterator[Made]:
    """The lines of one settlement in their order, whole, a portion at a time."""
    columns = (getattr(SettlementLine, one.name) for one in fields(Made))
    found = select(*columns).where(SettlementLine.settlement_id == settlement_id).order_by(SettlementLine.position)
    for row in db.session.execute(found.execution_options(yield_per=10 * EACH)):
        yield Made(*row)
