"""The second lock: what an operation writes in the trail, it must have been allowed to do."""

from typing import Any

from app.access.actions import Action
from app.access.closed import why_closed
from app.access.guard import may, why_not_same_person
from app.audit import trail
from app.audit.models import AuditEntry
from app.core.errors import NotNow, NotYours
from app.extensions import db


def record(
    action: Action, subject: Any, actor: Any, *, on_behalf_of: Any = None, nameless: bool = False, **facts: Any
) -> AuditEntry:
    """Write that `actor` (None: the portal itself) did `action` to `subject`, with `facts` for the reader.

    `on_behalf_of` is the thing that gave the right where `subject` is only now being made: the programme of a new
    call. `nameless`: the right is checked but no name is kept, for acts that nobody may trace to a tenderer.
    Raises `NotYours` when the table or the four-eyes rule does not allow the actor to do it, `NotNow` in a closed bond.
    """
    db.session.flush()  # a new row knows its bond only then
    if not may(action, on_behalf_of or subject, actor):
        raise NotYours(f"{action} is not allowed for this person")
    closed = why_closed(action, on_behalf_of or subject)
    if closed is not None:
        raise NotNow(closed)
    same = why_not_same_person(action, subject, actor)
    if same is not None:
        raise NotYours(same)
    return trail.append(action, subject, None if nameless else actor, facts)
