"""A payment comes back from the bank and goes out again. Called by the bank's desk, which knows the lines."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import NotNow, Refused
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import waiting_for
from app.ledger.models import Transfer, TransferKind
from app.people.models import Organisation, User
from app.programmes.models import Programme
from app.treasury import ending_notices
from app.treasury.returned import ReturnedPayment


@operation
def book_return(
    programme: Programme,
    cause: Any,
    organisation: Organisation | None,
    amount_minor: int,
    on: date,
    reason: str,
    *,
    actor: User,
    once: uuid.UUID,
) -> ReturnedPayment:
    """The bank gave the whole payment `cause` back on the day `on`: its posting is reversed, the same amount is set
    aside, and it can be paid again. A payment comes back once; what is then paid is a payment of its own. Without an
    organisation (VAT, the guarantor) nothing is set aside: it is owed again, and prepared anew.
    """
    existing = db.session.get(ReturnedPayment, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    if db.session.scalar(select(ReturnedPayment.id).filter_by(cause_id=cause.id)) is not None:
        raise NotNow(_("It was booked already that this payment came back."))
    posted = _posted_for(cause)
    if sum(one.amount_minor for one in posted) != amount_minor:
        raise Refused(_("What came back is not what was paid."), "cause")
    made = ReturnedPayment(
        id=once,
        programme=programme,
        cause_type=cause.__tablename__,
        cause_id=cause.id,
        organisation=organisation,
        amount_minor=amount_minor,
        on=on,
        reason=reason,
    )
    db.session.add(made)
    for transfer in posted:
        posting.reverse(transfer, made, entered_by=actor)
        if organisation is not None:
            _set_aside(made, transfer, actor)
    record(
        Action.RETURN_BOOK,
        made,
        actor,
        on_behalf_of=programme,
        organisation=made.payee,
        amount=amount_minor,
        reason=reason,
    )
    ending_notices.tell_returned(made)
    return made


def _set_aside(made: ReturnedPayment, was: Transfer, actor: User) -> None:
    once = uuid.uuid5(made.id, str(was.debit_id))
    posting.prepare(
        was.debit, was.credit, was.amount_minor, made, entered_by=actor, once=once, reference=was.reference
    )


def _posted_for(cause: Any) -> list[Transfer]:
    """What left the account for it and was not reversed."""
    undone = aliased(Transfer)
    found = (
        select(Transfer)
        .outerjoin(undone, undone.pending_id == Transfer.id)
        .where(Transfer.cause_type == cause.__tablename__, Transfer.cause_id == cause.id, undone.id.is_(None))
        .where(Transfer.kind.in_((TransferKind.POSTED, TransferKind.POST_PENDING)))
        .order_by(Transfer.created_at, Transfer.id)
    )
    return list(db.session.scalars(found))


def pay_again(returned: ReturnedPayment, *, actor: User) -> None:
    """Inside an operation that records it: a second person let the payment go again."""
    if returned.repaid_at is not None:
        return
    returned.repaid_at = clock.now()
    for pending in waiting_for(ReturnedPayment.__tablename__, returned.id):
        posting.post_pending(pending, entered_by=actor)
