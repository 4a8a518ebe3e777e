"""Views of rows about a person are logged (domain, section 9)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import exists, select

from app.access.actions import Action
from app.access.record import record
from app.audit.models import AuditEntry
from app.core import clock
from app.core.operation import operation
from app.extensions import db
from app.intake.models import Intake, Participant, Referral
from app.people.models import User
from app.programmes.models import Programme

Gate = Callable[[Participant, User], None]
_gates: list[Gate] = []


def hold(gate: Gate) -> Gate:
    """A package that stands above adds what somebody does before a case opens: `gate` raises while it is not done."""
    _gates.append(gate)
    return gate


def expect_open(person: Participant | Referral, actor: User) -> None:
    """Before anything of one person is shown: the page of a claim, its documents."""
    if isinstance(person, Participant):
        for gate in _gates:
            gate(person, actor)


def note_reading(person: Participant | Referral, *, actor: User) -> None:
    """Once per reader, person and day, where the case is open to the reader."""
    expect_open(person, actor)
    action = Action.PARTICIPANT_READ if isinstance(person, Participant) else Action.REFERRAL_READ
    if not _read_today(action, person, actor):
        _record_reading(action, person, person, actor=actor)


def note_list_reading(programme: Programme, shown: int, *, actor: User) -> None:
    """The same for a list of `shown` people: one entry on the bond per reader and day."""
    if shown and not _read_today(Action.PARTICIPANT_READ, programme, actor):
        _record_reading(Action.PARTICIPANT_READ, programme, _somebody(programme, actor), actor=actor)


def _somebody(programme: Programme, actor: User) -> Participant | Referral:
    """Somebody on the list: towards a person, and not towards the bond, a municipality may read."""
    for kind in (Participant, Referral):
        found = kind.visible_to(actor).where(kind.programme_id == programme.id).limit(1)
        person = db.session.scalars(found).unique().one_or_none()
        if person is not None:
            return person
    raise RuntimeError("a list of nobody was read")


def note_key_reading(intake: Intake, shown: int, *, actor: User) -> None:
    """The same for a list of `shown` codes."""
    if shown and not _read_today(Action.KEY_READ, intake, actor):
        _record_reading(Action.KEY_READ, intake, intake, actor=actor)


def _read_today(action: Action, subject: Any, actor: User) -> bool:
    found = exists().where(
        AuditEntry.subject_id == subject.id,
        AuditEntry.action == str(action),
        AuditEntry.actor_id == actor.id,
        AuditEntry.at >= clock.local(clock.today()),
    )
    return bool(db.session.scalar(select(found)))


@operation
def _record_reading(action: Action, subject: Any, towards: Any, *, actor: User) -> None:
    record(action, subject, actor, on_behalf_of=towards)
