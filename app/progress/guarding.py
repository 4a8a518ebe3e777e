"""What the portal does by itself for the bonds that are delivered: it lays the milestones of the agreement, sees when
they are met, warns once, and reminds whoever has something to do soon."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.operation import housekeeping, operation
from app.extensions import db
from app.programmes.models import Programme
from app.programmes.states import Phase
from app.progress import notices
from app.progress.agreed import Agreed, agreed_milestones, is_of_intake, seen_of
from app.progress.models import CorrectiveAction, EarlyWarning, ProgressMilestone
from app.progress.plan import Setting, setting_of
from app.progress.states import MILESTONE_FLOW, CorrectiveState, MilestoneState
from app.progress.watch import Warned, warnings_of

REMIND_BEFORE = timedelta(days=14)


def delivered_bonds() -> list[uuid.UUID]:
    """Bonds in delivery, and those with a warning that still stands although they are not."""
    standing = select(EarlyWarning.programme_id).where(EarlyWarning.standing.is_not(None))
    found = select(Programme.id).where((Programme.phase == Phase.DELIVERY) | Programme.id.in_(standing))
    return list(db.session.scalars(found))


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new since the last round: milestones to lay, those that have another day or owner now, or none any more,
    those met and when, warnings to give and to end."""

    lay: list[Agreed]
    move: list[tuple[ProgressMilestone, Agreed]]
    lapse: list[ProgressMilestone]
    met: list[tuple[ProgressMilestone, date]]
    give: dict[str, Warned]
    end: list[EarlyWarning]

    def __bool__(self) -> bool:
        return bool(self.lay or self.move or self.lapse or self.met or self.give or self.end)


def look_after(programme: Programme) -> bool:
    """One round for one bond; whether anything was new. Most rounds only read, and hold up nobody."""
    return bool(changes_of(programme)) and guard_bond(programme)


def changes_of(programme: Programme) -> Changes:
    setting = setting_of(programme) if programme.phase == Phase.DELIVERY else None
    milestones = _milestones(programme, setting) if setting is not None else ([], [], [], [])
    rows = select(EarlyWarning).where(EarlyWarning.programme_id == programme.id, EarlyWarning.standing.is_not(None))
    standing = {row.standing: row for row in db.session.scalars(rows)}
    found = {one.standing(programme): one for one in warnings_of(programme, setting)}
    give = {name: one for name, one in found.items() if name not in standing}
    return Changes(*milestones, give, [row for name, row in standing.items() if name not in found])


def _milestones(programme: Programme, setting: Setting) -> tuple[list[Agreed], list[Any], list[Any], list[Any]]:
    """To lay, to move, to let lapse, met: an amendment or an early end changes what the agreement asks by when."""
    kept = db.session.scalars(
        select(ProgressMilestone).where(
            ProgressMilestone.programme_id == programme.id, ProgressMilestone.code.is_not(None)
        )
    ).all()
    agreed = {one.code: one for one in agreed_milestones(programme, setting)}
    known = {one.code for one in kept}
    waiting = [one for one in kept if one.state == MilestoneState.OPEN]
    seen = seen_of(programme)
    days = {one.id: seen.met_on(one.code or "") for one in waiting}
    met = [(one, on) for one in waiting if (on := days[one.id]) is not None]
    left = [(one, agreed.get(one.code or "")) for one in waiting if days[one.id] is None]
    move = [(one, now) for one, now in left if now is not None and _is_moved(one, now)]
    lapse = [one for one, now in left if now is None]
    return [one for code, one in agreed.items() if code not in known], move, lapse, met


def _is_moved(milestone: ProgressMilestone, now: Agreed) -> bool:
    return (milestone.due_on, milestone.owner_id) != (now.due_on, now.owner.id)


@operation
def guard_bond(programme: Programme) -> bool:
    """Write down and tell what is new, worked out anew, for another worker may have been first.

    Milestones first: one that was met already when it was laid was never late.
    """
    first = changes_of(programme)
    laid = _lay(programme, first.lay) + _move(first.move) + _lapse(first.lapse)
    met = _see(changes_of(programme).met)
    changes = changes_of(programme)
    _tell(programme, changes.give)
    for row in changes.end:
        row.standing, row.ended_at = None, clock.now()
        record(Action.WARNING_END, row, None, kind=row.kind)
    return bool(laid or met or changes)


def renew_milestones(programme: Programme) -> None:
    """What the agreement asks by when, after it changed: to lay, to move and to let lapse; part of the act."""
    changes = changes_of(programme)
    _lay(programme, changes.lay)
    _move(changes.move)
    _lapse(changes.lapse)


def _lay(programme: Programme, found: list[Agreed]) -> int:
    for new in found:
        laid = ProgressMilestone(programme=programme, code=new.code, owner=new.owner, due_on=new.due_on)
        db.session.add(laid)
        record(Action.MILESTONE_ADD, laid, None, code=new.code, due=new.due_on)
    return len(found)


def _move(found: list[tuple[ProgressMilestone, Agreed]]) -> int:
    for milestone, now in found:
        MILESTONE_FLOW.advance(milestone, Action.MILESTONE_MOVE)
        record(Action.MILESTONE_MOVE, milestone, None, before=milestone.due_on, due=now.due_on, owner=now.owner.name)
        milestone.due_on, milestone.owner, milestone.reminded_at = now.due_on, now.owner, None
    return len(found)


def _lapse(found: list[ProgressMilestone]) -> int:
    for milestone in found:
        MILESTONE_FLOW.advance(milestone, Action.MILESTONE_LAPSE)
        record(Action.MILESTONE_LAPSE, milestone, None, code=milestone.code, due=milestone.due_on)
    return len(found)


def _see(found: list[tuple[ProgressMilestone, date]]) -> int:
    for milestone, on in found:
        MILESTONE_FLOW.advance(milestone, Action.MILESTONE_SEE)
        milestone.met_on = on
        known = {"month": f"{on:%Y-%m}"} if is_of_intake(milestone.code) else {"met_on": on}
        record(Action.MILESTONE_SEE, milestone, None, **known)
    return len(found)


def _tell(programme: Programme, found: dict[str, Warned]) -> None:
    for name, warned in found.items():
        row = EarlyWarning(programme=programme, kind=warned.kind, about=warned.about, standing=name)
        db.session.add(row)
        record(Action.WARNING_GIVE, row, None, kind=warned.kind)
        notices.tell_warning(programme, row, warned)


@housekeeping
def remind() -> int:
    """Owners of what is due within `REMIND_BEFORE`, once; how many reminders."""
    until = clock.today() + REMIND_BEFORE
    milestones = _soon(ProgressMilestone, MilestoneState.OPEN, until)
    for milestone in milestones:
        milestone.reminded_at = clock.now()
        notices.remind_of_milestone(milestone)
    actions = _soon(CorrectiveAction, CorrectiveState.AGREED, until)
    for action in actions:
        action.reminded_at = clock.now()
        notices.remind_of_action(action)
    return len(milestones) + len(actions)


def _soon(model: Any, state: Any, until: Any) -> list[Any]:
    """Nothing that is late already: of that a warning tells."""
    found = select(model).join(Programme, Programme.id == model.programme_id).where(Programme.phase == Phase.DELIVERY)
    found = found.where(model.state == state, model.reminded_at.is_(None))
    return list(db.session.scalars(found.where(model.due_on >= clock.today(), model.due_on <= until)).unique())
