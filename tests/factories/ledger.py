import uuid
from typing import Any

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core.operation import operation
from app.extensions import db
from app.ledger import posting
from app.ledger.cli import invariants
from app.ledger.models import Transfer


@operation
def in_books(work: Any, *, programme: Any, actor: Any) -> Any:
    """Do `work()` inside an operation, as every entry in the books must be."""
    result = work()
    record(Action.CAPITAL_CALL_PREPARE, programme, actor)
    return result


def book(debit: Any, credit: Any, amount_minor: int, *, programme: Any, actor: Any, once: uuid.UUID | None = None):
    """A posted transfer with the programme as its cause; accounts are (kind, organisation id)."""

    def work() -> Transfer:
        accounts = [posting.account(programme.id, *side) for side in (debit, credit)]
        return posting.post(*accounts, amount_minor, programme, entered_by=actor, once=once)

    return in_books(work, programme=programme, actor=actor)


def transfers_of(cause: Any) -> list[Transfer]:
    found = select(Transfer).where(Transfer.cause_id == cause.id).order_by(Transfer.created_at)
    return list(db.session.scalars(found))


def book_faults() -> list[str]:
    """What is wrong with books and desk; agreements and settlements laid by factories are no concern here."""
    mine = [(name, check) for name, check in invariants() if name.startswith(("ledger.", "treasury.", "bank."))]
    return [f"{name}: {line}" for name, check in mine for line in check()]
