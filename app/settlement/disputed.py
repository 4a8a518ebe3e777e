"""How much of a statement is disputed, where the municipality named the lines: what it pays meanwhile is the rest."""

from app.settlement.groups import groups_named
from app.settlement.models import Statement
from app.settlement.states import DisputeState


def disputed_minor(statement: Statement) -> int:
    """What is to be paid for the lines that the open dispute is about, at most what is still to be paid (minor units);
    nothing where it names none, or where none is open."""
    waits = DisputeState.RAISED, DisputeState.ANSWERED
    named = {id for one in statement.disputes if one.state in waits for id in one.about}
    paid = sum(group.paid_minor for group in groups_named(statement, named))
    return max(0, min(paid, statement.outstanding_minor))
