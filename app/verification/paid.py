"""What an effect that is or will be reopened means for money, in words: which settlement, never an amount.

The assessor may know that and where something was paid, since taking it back is its doing; how much would sway the
judgement (domain, section 9). A settlement that is not checked yet is known to the intermediary alone.
"""

import uuid
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Uuid, column, select, table

from app.extensions import db
from app.outcomes.models import Claim
from app.verification.appeal_models import Proof, sides_of

# Settlement stands above verification and is not imported; its tables are read by name.
_settlement = table("settlement", column("id", Uuid), column("number"), column("state"), column("checked_by_id", Uuid))
_statement = table("statement", column("settlement_id", Uuid), column("payer_id", Uuid), column("state"))
_line = table(
    "settlement_line",
    column("settlement_id", Uuid),
    column("claim_id", Uuid),
    column("measurement_id", Uuid),
    column("payer_id", Uuid),
    column("kind"),
    column("paid_minor"),
)
NOT_APPROVED, PAID = ("prepared", "checked"), "paid"


@dataclass(frozen=True, slots=True)
class Held:
    """A settlement in which the effect is paid for, or (`is_back`) in which that is taken back."""

    settlement_id: uuid.UUID
    number: int
    state: str
    is_checked: bool
    statement: str | None  # how the bill of the municipality stands
    is_back: bool

    @property
    def is_approved(self) -> bool:
        return self.state not in NOT_APPROVED


def held_in(proof: Proof) -> list[Held]:
    """The settlements that were not discarded and hold money of this effect, oldest first."""
    of_proof = _line.c.claim_id if isinstance(proof, Claim) else _line.c.measurement_id
    billed = (_statement.c.settlement_id == _line.c.settlement_id) & (_statement.c.payer_id == _line.c.payer_id)
    found: Any = (
        select(_settlement.c.id, _settlement.c.number, _settlement.c.state, _settlement.c.checked_by_id.is_not(None))
        .add_columns(_statement.c.state, _line.c.kind == "clawed_back")
        .join(_line, _line.c.settlement_id == _settlement.c.id)
        .outerjoin(_statement, billed)
        .where(of_proof == proof.id, _line.c.paid_minor != 0, _settlement.c.state != "discarded")
        .order_by(_settlement.c.number, _line.c.kind)
    )
    return [Held(*row) for row in db.session.execute(found)]


def money_words(proof: Proof, *, desk: bool = False) -> str:
    """A sentence or two on what becomes of the money; `desk`: for the intermediary, which knows its own drafts."""
    held = [one for one in held_in(proof) if desk or one.is_checked]
    paid = [one for one in held if not one.is_back]
    back = next((one for one in held if one.is_back and one.is_approved), None)
    if not paid:
        return _("Nothing was paid for it.")
    first = paid[0]
    if back is not None:
        values = {"number": first.number, "back": back.number}
        return _("It was settled in settlement %(number)d and taken back in settlement %(back)d.", **values)
    if not first.is_approved:
        return _(
            "Nothing was paid for it yet. Settlement %(number)d holds it and is not approved by all: the intermediary "
            "discards that one and prepares it anew without this effect.",
            number=first.number,
        )
    if PAID in (first.state, first.statement):
        return _("It was paid in settlement %(number)d. The next settlement takes that back.", number=first.number)
    return _(
        "Settlement %(number)d holds it and is approved, to be paid by %(payer)s. The next settlement takes it back.",
        number=first.number,
        payer=sides_of(proof)[1].name,
    )
