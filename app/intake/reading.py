"""Views of rows about a person are logged (domain, section 9)."""

from typing import Any

from sqlalchemy import exists, select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.intake.models import Participant
from app.people.models import User
from app.programmes.models import Programme


def note_reading(participant: Participant, *, actor: User) -> None:
    """Views of rows about a person are logged (domain, section 9): once per reader, participant and day."""
    if not _read_today(participant, actor):
        _record_reading(participant, participant, actor=actor)


def note_list_reading(programme: Programme, shown: int, *, actor: User) -> None:
    """The same for a list of `shown` people: one entry on the bond per reader and day."""
    if shown and not _read_today(programme, actor):
        first = db.session.scalars(Participant.visible_to(actor).where(Participant.programme == programme).limit(1))
        _record_reading(programme, first.one(), actor=actor)


def _read_today(subject: Any, actor: User) -> bool:
    found = exists().where(
        AuditEntry.subject_id == subject.id,
        AuditEntry.action == str(Action.PARTICIPANT_READ),
        AuditEntry.actor_id == actor.id,
        AuditEntry.at >= clock.local(clock.today()),
    )
    return bool(db.session.scalar(select(found)))


@operation
def _record_reading(subject: Any, person: Participant, *, actor: User) -> None:
    record(Action.PARTICIPANT_READ, subject, actor, on_behalf_of=person)
