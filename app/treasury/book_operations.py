"""Who took the books of a bond out of the portal, and which days."""

from datetime import date

from app.access.actions import Action
from app.access.record import record
from app.core.operation import operation
from app.people.models import User
from app.programmes.models import Programme


@operation
def export_books(
    programme: Programme, what: str, since: date | None, until: date | None, rows: int, *, actor: User
) -> None:
    """`what`: the name of the file; `rows`: how many it holds. Who reads its own accounts gets these alone."""
    record(Action.LEDGER_EXPORT, programme, actor, file=what, since=since, until=until, rows=rows)
