"""What the pages of progress read."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.notifications.models import Notification
from app.people.models import Membership, Organisation
from app.programmes.models import Part, Party, Programme
from app.progress.models import CorrectiveAction, EarlyWarning, ProgressMilestone
from app.progress.plan import Setting
from app.progress.watch import Warned, readable, warnings_of


@dataclass(frozen=True, slots=True)
class Told:
    """That an organisation was told, and when."""

    organisation: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A warning as the page shows it; `told` is empty until the worker came round."""

    warned: Warned
    told: list[Told]


def listed_warnings(programme: Programme, setting: Setting | None, user: Any) -> list[Listed]:
    """What holds now and this reader may see, with who was told of it."""
    found = readable(warnings_of(programme, setting), user)
    rows = db.session.execute(
        select(EarlyWarning.standing, EarlyWarning.id).where(
            EarlyWarning.programme_id == programme.id, EarlyWarning.standing.is_not(None)
        )
    )
    ids: dict[str | None, uuid.UUID] = dict(rows.all())  # type: ignore[arg-type]
    told = told_of(programme, [*ids.values(), *(one.told_of for one in found if one.told_of)])
    both = ((one, (one.told_of, ids.get(one.standing(programme)))) for one in found)
    return [Listed(one, _once(row for id in rows for row in told.get(id, ()))) for one, rows in both]


def _once(told: Iterable[Told]) -> list[Told]:
    """Each organisation once, when it was told first."""
    first: dict[str, Told] = {}
    for one in sorted(told, key=lambda one: (one.at, one.organisation)):
        first.setdefault(one.organisation, one)
    return list(first.values())


def told_of(programme: Programme, subjects: Sequence[uuid.UUID]) -> dict[Any, list[Told]]:
    """Which parties of the bond were told of these things, the first notice to each."""
    found = (
        select(Notification.subject_id, Organisation.name, Notification.created_at)
        .join(Membership, Membership.user_id == Notification.user_id)
        .join(Party, Party.organisation_id == Membership.organisation_id)
        .join(Organisation, Organisation.id == Party.organisation_id)
        .where(Party.programme_id == programme.id, Notification.subject_id.in_(subjects))
        .order_by(Notification.created_at, Organisation.name)
    )
    told: dict[Any, dict[str, Told]] = {}
    for subject, name, at in db.session.execute(found) if subjects else ():
        told.setdefault(subject, {}).setdefault(name, Told(name, at))
    return {subject: list(by_name.values()) for subject, by_name in told.items()}


def told_in_order(action: CorrectiveAction) -> Sequence[Any]:
    """(when, organisation, act), the newest first: each party once for each act, however many of its people heard."""
    when = func.min(Notification.created_at)
    found = (
        select(when, Organisation.name, Notification.action)
        .join(Membership, Membership.user_id == Notification.user_id)
        .join(Party, Party.organisation_id == Membership.organisation_id)
        .join(Organisation, Organisation.id == Party.organisation_id)
        .where(Party.programme_id == action.programme_id, Notification.subject_id == action.id)
        .group_by(Organisation.name, Notification.action)
        .order_by(when.desc(), Organisation.name)
    )
    return db.session.execute(found).all()


def milestones_of(programme: Programme) -> Sequence[ProgressMilestone]:
    found = select(ProgressMilestone).filter_by(programme_id=programme.id)
    return db.session.scalars(found.order_by(ProgressMilestone.due_on, ProgressMilestone.created_at)).unique().all()


def actions_of(programme: Programme) -> Sequence[CorrectiveAction]:
    found = select(CorrectiveAction).filter_by(programme_id=programme.id)
    return db.session.scalars(found.order_by(CorrectiveAction.due_on, CorrectiveAction.created_at)).unique().all()


def parties_to_choose(programme: Programme) -> list[Organisation]:
    """Who may answer for a milestone or an action: an auditor reads, and never acts (domain, section 2)."""
    acting = (party.organisation for party in programme.parties if party.part != Part.AUDITOR)
    return sorted(acting, key=lambda one: one.name)
