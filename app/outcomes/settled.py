"""What became of a claim in money: its settlement, its line and what was booked for its statement.

For the provider of the participant and the municipality that pays; never for the assessor, so that money cannot sway
the judgement (domain, section 9).
"""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Uuid, column, select, table

from app.extensions import db
from app.ledger.models import Transfer
from app.outcomes.models import Claim

# Settlement stands above outcomes and is not imported; its tables are read by name.
_line = table(
    "settlement_line",
    column("claim_id", Uuid),
    column("settlement_id", Uuid),
    column("payer_id", Uuid),
    column("gross_minor"),
    column("paid_minor"),
)
_settlement = table("settlement", column("id", Uuid), column("number"), column("state"), column("checked_by_id", Uuid))
_statement = table("statement", column("id", Uuid), column("settlement_id", Uuid), column("payer_id", Uuid))


@dataclass(frozen=True, slots=True)
class Settled:
    """One line of a settlement (minor units). `statement_id` and `transfers` for the municipality alone."""

    settlement_id: uuid.UUID
    number: int
    gross_minor: int
    paid_minor: int
    statement_id: uuid.UUID | None
    transfers: list[Transfer]


def settled(claim: Claim, user: Any) -> Settled | None:
    """The line of a claim in a settlement that the parties may read; None when there is none for `user`."""
    pays = claim.participant.payer_id in user.organisation_ids
    if not pays and claim.participant.provider_id not in user.organisation_ids:
        return None
    owed = (_statement.c.settlement_id == _line.c.settlement_id) & (_statement.c.payer_id == _line.c.payer_id)
    found = (
        select(_settlement.c.id, _settlement.c.number, _line.c.gross_minor, _line.c.paid_minor, _statement.c.id)
        .join(_line, _line.c.settlement_id == _settlement.c.id)
        .outerjoin(_statement, owed)
        .where(_line.c.claim_id == claim.id, _settlement.c.state != "discarded")
        .where(_settlement.c.checked_by_id.is_not(None))
    )
    row = db.session.execute(found).first()
    if row is None:
        return None
    settlement_id, number, gross, paid, statement_id = row
    if not pays:
        return Settled(settlement_id, number, gross, paid, None, [])
    booked = select(Transfer).where(Transfer.cause_id == statement_id).order_by(Transfer.created_at)
    return Settled(settlement_id, number, gross, paid, statement_id, list(db.session.scalars(booked)))
