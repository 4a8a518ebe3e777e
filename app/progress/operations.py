"""Milestones and corrective actions, as people move them. What the portal sees by itself is in `guarding`."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.access.record import record
from app.core import clock
from app.core.errors import Refused
from app.core.format import day
from app.core.national_id import refuse_national_id
from app.core.operation import operation
from app.extensions import db
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme
from app.programmes.states import FLOW
from app.programmes.told_codes import refuse_code
from app.progress import notices
from app.progress.models import CorrectiveAction, ProgressMilestone
from app.progress.planning import WINDS_UP
from app.progress.states import WarningKind


@operation
def add_milestone(
    programme: Programme, name: str, owner: Organisation, due_on: date, *, actor: User, once: uuid.UUID
) -> ProgressMilestone:
    """Set a milestone that `owner`, a party of the bond, answers for; it is told. Refused for a day that is past."""
    existing = db.session.get(ProgressMilestone, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    FLOW.advance(programme, Action.MILESTONE_ADD)
    _check(owner, programme, due_on, name=name)
    made = ProgressMilestone(id=once, programme=programme, owner=owner, name=name, due_on=due_on)
    db.session.add(made)
    record(Action.MILESTONE_ADD, made, actor, on_behalf_of=programme, name=name, due=due_on, owner=owner.name)
    notices.tell_added(made, actor)
    return made


def _check(owner: Organisation, programme: Programme, due_on: date, **texts: str) -> None:
    if owner.id not in {party.organisation_id for party in programme.parties if party.part != Part.AUDITOR}:
        raise Refused(_("Choose a party of this bond."), "owner")
    if due_on < clock.today():
        raise Refused(_("This day is past."), "due_on")
    last = programme.tail_until + WINDS_UP
    if due_on > last:
        raise Refused(_("The bond is over by then: choose %(day)s or an earlier day.", day=day(last)), "due_on")
    refuse_national_id(**texts)
    refuse_code(**texts)


@operation
def meet_milestone(
    milestone: ProgressMilestone, met_on: date, note: str, *, actor: User, version: int | None = None
) -> None:
    """It was met on `met_on`; `note` says what shows it. Refused for a day to come, or before it was set."""
    _step(milestone, Action.MILESTONE_MEET, note, version)
    _expect_past(met_on, "met_on")
    if met_on < milestone.programme.starts_on:
        raise Refused(_("This lies before the bond began."), "met_on")
    milestone.met_on = met_on
    record(Action.MILESTONE_MEET, milestone, actor, met_on=met_on)


def _step(moved: ProgressMilestone | CorrectiveAction, act: Action, note: str, version: int | None) -> None:
    """What every step has in common; `note` is read by all parties."""
    moved.expect_version(version)
    moved.FLOW.advance(moved, act)
    refuse_national_id(note=note)
    refuse_code(note=note)
    moved.note = note


def _expect_past(on: date, field: str) -> None:
    if on > clock.today():
        raise Refused(_("The day cannot lie in the future."), field)


@operation
def drop_milestone(milestone: ProgressMilestone, reason: str, *, actor: User, version: int | None = None) -> None:
    """It counts no more; it stays on the page with the reason, and its owner is told."""
    _give_up(milestone, Action.MILESTONE_DROP, reason, version, actor)
    notices.tell_dropped(milestone, actor)


def _give_up(
    moved: ProgressMilestone | CorrectiveAction, act: Action, reason: str, version: int | None, actor: User
) -> None:
    _step(moved, act, reason, version)
    record(act, moved, actor)


@operation
def propose_action(
    programme: Programme,
    what: str,
    owner: Organisation,
    due_on: date,
    about: WarningKind | None = None,
    *,
    actor: User,
    once: uuid.UUID,
) -> CorrectiveAction:
    """Ask `owner` to do something by `due_on`; it counts once the owner agreed. Whoever proposes something to the own
    organisation has agreed by that."""
    existing = db.session.get(CorrectiveAction, once)
    if existing is not None and existing.programme_id == programme.id:
        return existing
    FLOW.advance(programme, Action.CORRECTIVE_PROPOSE)
    _check(owner, programme, due_on, what=what)
    made = CorrectiveAction(
        id=once, programme=programme, owner=owner, proposed_by=actor, about=about, what=what, due_on=due_on
    )
    db.session.add(made)
    facts: dict[str, Any] = {"owner": owner.name, "due": due_on, "about": about}
    record(Action.CORRECTIVE_PROPOSE, made, actor, on_behalf_of=programme, **facts)
    if owner.id in actor.organisation_ids:
        agree_to_action(made, actor=actor)
    else:
        notices.tell_proposed(made, actor)
    return made


@operation
def agree_to_action(action: CorrectiveAction, *, actor: User, version: int | None = None) -> None:
    """The owner will do it by the day named; the intermediary and whoever proposed it are told."""
    _step(action, Action.CORRECTIVE_AGREE, "", version)
    action.agreed_at, action.agreed_by = clock.now(), actor
    record(Action.CORRECTIVE_AGREE, action, actor, due=action.due_on)
    notices.tell_agreed(action, actor)


@operation
def decline_action(action: CorrectiveAction, reason: str, *, actor: User, version: int | None = None) -> None:
    _give_up(action, Action.CORRECTIVE_DECLINE, reason, version, actor)
    notices.tell_declined(action, actor)


@operation
def finish_action(
    action: CorrectiveAction, done_on: date, note: str, *, actor: User, version: int | None = None
) -> None:
    """The owner did it; `note` says what. Refused for a day to come or before it was agreed."""
    _step(action, Action.CORRECTIVE_FINISH, note, version)
    _expect_past(done_on, "done_on")
    agreed_on = clock.day_of(action.agreed_at) if action.agreed_at else done_on
    if done_on < agreed_on:
        raise Refused(_("It was only agreed after that day."), "done_on")
    action.done_on = done_on
    record(Action.CORRECTIVE_FINISH, action, actor, done_on=done_on)
    notices.tell_finished(action, actor)


@operation
def withdraw_action(action: CorrectiveAction, reason: str, *, actor: User, version: int | None = None) -> None:
    """It is asked no more, of an owner who had agreed either; everybody concerned is told."""
    _give_up(action, Action.CORRECTIVE_WITHDRAW, reason, version, actor)
    notices.tell_withdrawn(action, actor)
