"""What may truly be said of a payment: approved is not yet paid, and what came back is to be paid again.

Whether it left the account is known above the treasury, by the lines of the bank: that package adds to `GONE_OUT`.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, exists, select, union_all

from app.extensions import db
from app.ledger.models import Transfer
from app.programmes.models import Programme
from app.treasury.models import CostPayment, Distribution, DistributionPart
from app.treasury.queries import transfers_of
from app.treasury.remittance import Remittance, RemittancePart
from app.treasury.returned import ReturnedPayment
from app.treasury.states import PaymentState

PAID = _l("paid")
TO_BE_PAID_AGAIN = _l("returned, to be paid again")
OWED_AGAIN = _l("returned, owed again")  # to who is no party: another payment is prepared
GONE_OUT: list[Callable[[], Select[Any]]] = []  # each selects the ids of payments that the bank carried out


@dataclass(frozen=True, slots=True)
class Standings:
    """Of one bond: the payments that wholly left the account, and by payment what came back of it."""

    paid: set[uuid.UUID]
    returned: dict[uuid.UUID, list[ReturnedPayment]] = field(default_factory=dict)

    def of(self, payment: Any, own: Collection[uuid.UUID] | None = None) -> tuple[Any, str]:
        """Words and tone for a cost, a distribution or a remittance. `own`: to who may not know what came back of
        others, only what came back of these organisations."""
        back = [one for one in self.returned.get(payment.id, ()) if own is None or one.organisation_id in own]
        if any(one.repaid_at is None for one in back):
            return (TO_BE_PAID_AGAIN if back[0].organisation_id is not None else OWED_AGAIN), "warn"
        if payment.state == PaymentState.APPROVED and payment.id in self.paid:
            return PAID, "good"
        return payment.state.label, payment.state.tone

    def came_back(self, payment: Any) -> list[tuple[ReturnedPayment, list[Transfer]]]:
        """What came back of it, each with the transfers that took it back and paid it again."""
        back = self.returned.get(payment.id, [])
        moved = transfers_of(back) if back else {}
        return [(one, moved[one.id]) for one in back]


def standings(programme: Programme) -> Standings:
    """In a fixed number of selects, however many payments there are."""
    gone: Any = union_all(*(found() for found in GONE_OUT))
    back = list(
        db.session.scalars(
            select(ReturnedPayment).filter_by(programme_id=programme.id).order_by(ReturnedPayment.created_at)
        ).unique()
    )
    sent = select(ReturnedPayment.id).filter_by(programme_id=programme.id)
    again = set(db.session.scalars(sent.where(ReturnedPayment.id.in_(gone))))
    origin = _wholes(back)
    returned: dict[uuid.UUID, list[ReturnedPayment]] = {}
    open_ones: set[uuid.UUID] = set()
    for one in back:
        whole = origin[one.id]
        returned.setdefault(whole, []).append(one)
        if one.id not in again:
            open_ones.add(whole)  # it was sent anew, and no line of the bank shows it yet
    still: tuple[tuple[Any, Any], ...] = (
        (CostPayment, CostPayment.id.not_in(gone)),
        (
            Distribution,
            exists().where(DistributionPart.distribution_id == Distribution.id, DistributionPart.id.not_in(gone)),
        ),
        (Remittance, exists().where(RemittancePart.remittance_id == Remittance.id, RemittancePart.id.not_in(gone))),
    )
    paid: set[uuid.UUID] = set()
    for model, is_left in still:
        found = select(model.id).where(model.programme_id == programme.id, model.state == PaymentState.APPROVED)
        paid |= set(db.session.scalars(found.where(~is_left)))
    return Standings(paid - open_ones, returned)


def _wholes(back: list[ReturnedPayment]) -> dict[uuid.UUID, uuid.UUID]:
    """By returned payment the cost, distribution or remittance that it was a (part of a) payment of."""
    causes = [one.cause_id for one in back]
    wholes: dict[uuid.UUID, uuid.UUID] = {}
    if not causes:
        return wholes
    parts = select(DistributionPart.id, DistributionPart.distribution_id).where(DistributionPart.id.in_(causes))
    others = select(RemittancePart.id, RemittancePart.remittance_id).where(RemittancePart.id.in_(causes))
    known = {id: whole for found in (parts, others) for id, whole in db.session.execute(found)}
    for one in back:  # oldest first: what came back twice has its first return before it
        wholes[one.id] = wholes.get(one.cause_id) or known.get(one.cause_id, one.cause_id)
    return wholes
