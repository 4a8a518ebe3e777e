"""Who is told of what about the progress of a bond: whoever must act, and whoever asked for it."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.access.actions import Action
from app.core.format import day
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.people.models import Membership, User
from app.programmes.models import Part, Programme
from app.progress.models import CorrectiveAction, EarlyWarning, ProgressMilestone
from app.progress.watch import Warned


def people_of(organisation_ids: Iterable[Any]) -> list[User]:
    found = select(User).join(Membership).where(Membership.organisation_id.in_(list(organisation_ids)), User.active)
    return list(db.session.scalars(found.distinct()))


def tell_warning(programme: Programme, row: EarlyWarning, found: Warned) -> int:
    """Those of whom an act is expected; how many were told."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(warning)s", bond=programme.title, warning=found.kind.label),
            [found.words(), _("Agree on the page of progress who does what about it, and by when.")],
        )

    readers = people_of(found.acts)
    notify(readers, Action.WARNING_GIVE, row, words, "progress.index", id=programme.id)
    return len(readers)


def tell_added(milestone: ProgressMilestone, actor: User) -> None:
    """Whoever answers for it."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a milestone for %(name)s", bond=milestone.programme.title, name=milestone.owner.name),
            [_("%(what)s, by %(day)s.", what=milestone.title, day=day(milestone.due_on))],
        )

    readers = [one for one in milestone.owner.people() if one.id != actor.id]
    notify(readers, Action.MILESTONE_ADD, milestone, words, "progress.index", id=milestone.programme_id)


def remind_of_milestone(milestone: ProgressMilestone) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a milestone comes near", bond=milestone.programme.title),
            [_("%(what)s, by %(day)s.", what=milestone.title, day=day(milestone.due_on))],
        )

    notify(
        milestone.owner.people(), Action.MILESTONE_MEET, milestone, words, "progress.index", id=milestone.programme_id
    )


def tell_dropped(milestone: ProgressMilestone, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: a milestone is dropped", bond=milestone.programme.title),
            [milestone.title, _("Reason: %(reason)s", reason=milestone.note)],
        )

    readers = [one for one in milestone.owner.people() if one.id != actor.id]
    notify(readers, Action.MILESTONE_DROP, milestone, words, "progress.index", id=milestone.programme_id)


def tell_proposed(action: CorrectiveAction, actor: User) -> None:
    """The organisation that is asked to do it."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: an action is asked of %(name)s", bond=action.programme.title, name=action.owner.name),
            [
                _("%(what)s, by %(day)s.", what=action.what, day=day(action.due_on)),
                _("Agree to it, or say why not."),
            ],
        )

    _tell(action, Action.CORRECTIVE_PROPOSE, words, action.owner.people(), actor)


def tell_agreed(action: CorrectiveAction, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: an action is agreed", bond=action.programme.title),
            [
                _(
                    "%(name)s will do this by %(day)s: %(what)s",
                    name=action.owner.name,
                    day=day(action.due_on),
                    what=action.what,
                )
            ],
        )

    _tell(action, Action.CORRECTIVE_AGREE, words, _concerned(action), actor)


def tell_declined(action: CorrectiveAction, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(name)s declines an action", bond=action.programme.title, name=action.owner.name),
            [action.what, _("Reason: %(reason)s", reason=action.note)],
        )

    _tell(action, Action.CORRECTIVE_DECLINE, words, _concerned(action), actor)


def tell_finished(action: CorrectiveAction, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: an action is done", bond=action.programme.title),
            [action.what, _("What was done: %(note)s", note=action.note)],
        )

    _tell(action, Action.CORRECTIVE_FINISH, words, _concerned(action), actor)


def tell_withdrawn(action: CorrectiveAction, actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: an action is withdrawn", bond=action.programme.title),
            [action.what, _("Reason: %(reason)s", reason=action.note)],
        )

    _tell(action, Action.CORRECTIVE_WITHDRAW, words, [*action.owner.people(), *_concerned(action)], actor)


def remind_of_action(action: CorrectiveAction) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: an agreed action comes near", bond=action.programme.title),
            [_("%(what)s, by %(day)s.", what=action.what, day=day(action.due_on))],
        )

    notify(action.owner.people(), Action.CORRECTIVE_FINISH, action, words, "progress.corrective", id=action.id)


def _concerned(action: CorrectiveAction) -> list[User]:
    """Who proposed it, and the intermediary, who guards progress."""
    return [action.proposed_by, *action.programme.people(Part.INTERMEDIARY)]


def _tell(action: CorrectiveAction, act: Action, words: Any, readers: Iterable[User], actor: User) -> None:
    others = [one for one in readers if one.id != actor.id]
    notify(others, act, action, words, "progress.corrective", id=action.id)
