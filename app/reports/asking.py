"""The books of one bond are asked at any moment, by whoever holds or audits its money; the trail keeps the answer."""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry, AuditFacts
from app.bank.reconciling import days
from app.core import clock
from app.core.errors import NotNow
from app.core.format import moment
from app.core.operation import operation
from app.core.progress import Tell, silent
from app.extensions import db
from app.ledger.checking import invariants_of_bonds
from app.people.models import User
from app.programmes.models import Part, Programme, programmes_of

REST = timedelta(minutes=5)  # between two questions about one bond: each reads all its transfers


@dataclass(frozen=True, slots=True)
class BooksAnswer:
    """What the books of a bond answered: how many `rules` were asked, and per rule that did not hold its number of
    faults. The bank's newest balance and the books on that day (minor units); None without a statement of the bank."""

    at: datetime
    rules: int
    failed: Mapping[str, int]
    bank_on: date | None = None
    bank_minor: int = 0
    books_minor: int = 0
    unexplained_minor: int = 0

    @property
    def difference_minor(self) -> int:
        return self.bank_minor - self.books_minor


def bonds_watched_by(user: Any) -> Select[Programme]:
    """Whose books this person may ask, the newest bond first."""
    watched = programmes_of(user, Part.INTERMEDIARY, Part.AUDITOR)
    return select(Programme).where(Programme.id.in_(watched)).order_by(Programme.created_at.desc())


def answers(programme_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, BooksAnswer]:
    """The last answer of each of these bonds."""
    asked = AuditEntry.subject_id.in_(programme_ids), AuditEntry.action == str(Action.BOOKS_ASK)
    last = select(func.max(AuditEntry.seq)).where(*asked).group_by(AuditEntry.subject_id)
    found = select(AuditEntry.subject_id, AuditEntry.at, AuditFacts.body).outerjoin(AuditFacts)
    rows = db.session.execute(found.where(AuditEntry.seq.in_(last)))
    return {id: _answer(at, body or {}) for id, at, body in rows}


def _answer(at: datetime, body: dict[str, Any]) -> BooksAnswer:
    on = body.get("bank_on")
    known = {name: int(body.get(name) or 0) for name in ("bank_minor", "books_minor", "unexplained_minor")}
    bank_on = date.fromisoformat(on) if on else None
    return BooksAnswer(at, body.get("rules", 0), body.get("failed", {}), bank_on, **known)


def why_wait(programme: Programme) -> str | None:
    """The books of a bond rest between two questions."""
    last = answers([programme.id]).get(programme.id)
    if last is None or clock.now() - last.at >= REST:
        return None
    return _("These books were asked just now. Ask again after %(time)s.", time=moment(last.at + REST))


def ask(programme: Programme, *, actor: User, tell: Tell = silent) -> None:
    """Every rule that can be asked of one bond. Whoever works meanwhile may make one see half of an act: what seems
    wrong is asked again while nobody writes."""
    reason = why_wait(programme)
    if reason is not None:
        raise NotNow(reason)
    seems_wrong = bool(faults_of(programme.id, tell))
    keep_asked(programme, seems_wrong, actor=actor)


def faults_of(bond: uuid.UUID, tell: Tell = silent) -> Counter[str]:
    """Number of faults per rule that does not hold in this bond."""
    found: Counter[str] = Counter()
    for number, (name, check) in enumerate(invariants_of_bonds(), 1):
        faults = sum(1 for _fault in check(bond))
        if faults:
            found[name] = faults
        tell(number)
    return found


@operation
def keep_asked(programme: Programme, seems_wrong: bool, *, actor: User) -> None:
    """The answer, with what the bank said last."""
    reason = why_wait(programme)
    if reason is not None:
        raise NotNow(reason)
    failed = faults_of(programme.id) if seems_wrong else Counter()
    newest = next(iter(days(programme.id, newest=1)), None)
    facts: dict[str, Any] = {"rules": len(invariants_of_bonds()), "failed": dict(failed)}
    if newest is not None:
        facts |= {"bank_on": newest.balance.on, "bank_minor": newest.balance.amount_minor}
        facts |= {"books_minor": newest.books, "unexplained_minor": newest.unexplained}
    record(Action.BOOKS_ASK, programme, actor, **facts)
