"""What became of a claim in money: its settlement, its line and what was booked for its statement.

For the provider of the participant and the municipality that pays; never for the assessor, so that money cannot sway
the judgement (domain, section 9).
"""

import uuid
from collections.abc import Sequence
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
    column("first_settlement_id", Uuid),
    column("kind"),
    column("gross_minor"),
    column("paid_minor"),
)
_settlement = table("settlement", column("id", Uuid), column("number"), column("state"), column("checked_by_id", Uuid))
_statement = table("statement", column("id", Uuid), column("settlement_id", Uuid), column("payer_id", Uuid))


@dataclass(frozen=True, slots=True)
class Settled:
    """One line of a settlement (minor units): the first, or a `later` one of another `kind`, below zero to take back.

    `statement_id` and `transfers` for the municipality alone.
    """

    settlement_id: uuid.UUID
    number: int
    kind: str
    later: bool
    gross_minor: int
    paid_minor: int
    statement_id: uuid.UUID | None
    transfers: list[Transfer]


def settled(claim: Claim, user: Any) -> list[Settled]:
    """The lines of a claim in settlements that the parties may read, in their order; none when none is for `user`."""
    pays = claim.participant.payer_id in user.resident_ids
    if not pays and claim.participant.provider_id not in user.organisation_ids:
        return []
    owed = (_statement.c.settlement_id == _line.c.settlement_id) & (_statement.c.payer_id == _line.c.payer_id)
    found = (
        select(_settlement.c.id, _settlement.c.number, _line.c.kind, _line.c.first_settlement_id.is_not(None))
        .add_columns(_line.c.gross_minor, _line.c.paid_minor, _statement.c.id)
        .join(_line, _line.c.settlement_id == _settlement.c.id)
        .outerjoin(_statement, owed)
        .where(_line.c.claim_id == claim.id, _settlement.c.state != "discarded")
        .where(_settlement.c.checked_by_id.is_not(None))
        .order_by(_settlement.c.number)
    )
    rows: list[Any] = list(db.session.execute(found))
    booked = _booked([row[-1] for row in rows]) if pays else []
    return [
        Settled(id, number, kind, later, gross, paid, statement if pays else None, _of(booked, statement))
        for id, number, kind, later, gross, paid, statement in rows
    ]


def _booked(statements: Sequence[uuid.UUID]) -> Sequence[Transfer]:
    found = select(Transfer).where(Transfer.cause_id.in_(statements)).order_by(Transfer.created_at)
    return db.session.scalars(found).all()


def _of(booked: Sequence[Transfer], statement_id: uuid.UUID) -> list[Transfer]:
    return [one for one in booked if one.cause_id == statement_id]
