"""The parts of a distribution in the books, in portions: the same few statements for two investors and for ten thousand
but one more for each portion."""

import uuid

from app.core.progress import EACH, Tell
from app.extensions import db
from app.ledger import posting
from app.ledger.balances import waiting_for
from app.ledger.models import AccountKind
from app.people.models import User
from app.treasury.flows import Due
from app.treasury.models import Distribution, DistributionPart


def set_aside(distribution: Distribution, paying: list[Due], actor: User, tell: Tell) -> None:
    """A part for each, and its capital and its return as pending transfers."""
    programme, bank = distribution.programme, (AccountKind.BANK, None)
    places = [
        (kind, due.commitment.organisation_id)
        for due in paying
        for kind, amount in _kinds(due.principal_minor, due.return_minor)
        if amount
    ]
    stand = posting.accounts(programme.id, [bank, *places], programme.currency)
    for first in range(0, len(paying), EACH):
        parts = [
            DistributionPart(
                id=uuid.uuid4(),
                distribution=distribution,
                position=position,
                commitment_id=due.commitment.id,
                tranche=due.commitment.tranche,
                organisation=due.commitment.organisation,
                principal_minor=due.principal_minor,
                return_minor=due.return_minor,
            )
            for position, due in enumerate(paying[first : first + EACH], start=first + 1)
        ]
        db.session.add_all(parts)
        db.session.flush()
        posting.prepare_all(
            (
                (stand[kind, part.organisation_id], stand[bank], amount, part, uuid.uuid5(part.id, kind))
                for part in parts
                for kind, amount in _kinds(part.principal_minor, part.return_minor)
                if amount
            ),
            entered_by=actor,
        )
        tell(first + len(parts))


def _kinds(principal_minor: int, return_minor: int) -> tuple[tuple[AccountKind, int], ...]:
    return (AccountKind.INVESTOR_CAPITAL, principal_minor), (AccountKind.INVESTOR_RETURN, return_minor)


def book_set_aside(distribution: Distribution, actor: User, tell: Tell) -> None:
    """What was set aside leaves the bank account."""
    parts = [part.id for part in distribution.parts]
    for first in range(0, len(parts), EACH):
        waiting = waiting_for(DistributionPart.__tablename__, *parts[first : first + EACH])
        posting.post_all_pending(waiting, entered_by=actor)
        tell(first + EACH)
