"""Every night the portal asks its own books whether they are right, and keeps what they answered."""

from collections import Counter
from datetime import date

from sqlalchemy import Select, exists, select

from app.access.actions import Action
from app.access.record import record
from app.audit import trail
from app.core import clock
from app.core.errors import NotNow
from app.core.operation import operation
from app.extensions import db
from app.ledger.checking import faults, invariants
from app.reports.books_models import BooksCheck
from app.reports.books_notices import tell_faults

NIGHT_HOUR = 2  # local: when nobody works and the banks have not yet sent their statements
CHAIN = "audit.chain"


def due_night() -> date | None:
    """The night whose check is still to be done; None before it begins and once it is done."""
    today = clock.today()
    if clock.now() < clock.local(today, NIGHT_HOUR) or _is_checked(today):
        return None
    return today


def _is_checked(day: date) -> bool:
    return bool(db.session.scalar(select(exists().where(BooksCheck.day == day))))


def check_books(day: date) -> BooksCheck:
    """Ask every rule, and the chain of the trail. Whoever works meanwhile may make one rule see half of an act: what
    seems wrong is asked again while nobody writes. `NotNow` when the other worker was first."""
    return keep_answer(day, seems_wrong=bool(ask_books()))


def ask_books() -> Counter[str]:
    """Number of faults per rule that does not hold."""
    found = Counter(line.partition(": ")[0] for line in faults())
    broken = sum(1 for _ in trail.verify())
    return found + Counter({CHAIN: broken})


@operation
def keep_answer(day: date, seems_wrong: bool) -> BooksCheck:
    """The answer of a night, for ever. What `seems_wrong` is asked anew here, where nobody else writes."""
    if _is_checked(day):
        raise NotNow("The books of this night are checked.")
    failed = ask_books() if seems_wrong else Counter()
    made = BooksCheck(day=day, rules=len(list(invariants())) + 1, failed=dict(failed))
    db.session.add(made)
    record(Action.BOOKS_CHECK, made, None, day=day, rules=made.rules, failed=made.failed)
    if failed:
        tell_faults(made)
    return made


def nights() -> Select[BooksCheck]:
    """What the books answered, the last night first."""
    return select(BooksCheck).order_by(BooksCheck.day.desc())
