"""Who was first: told to the one who came second, so that nobody looks for a button that is gone."""

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app.access.actions import Action
from app.audit.models import AuditEntry
from app.core.format import moment
from app.extensions import db
from app.people.models import Membership, User


def who_was_first(subject: Any) -> str | None:
    """The last step that somebody took with `subject`, with name and time; only to a colleague of that person, and to
    who did it."""
    if not current_user.is_authenticated:
        return None
    steps = [str(action) for action in subject.FLOW.steps]
    found = select(AuditEntry.action, AuditEntry.at, User.id, User.name).join(User, User.id == AuditEntry.actor_id)
    found = found.where(AuditEntry.subject_id == subject.id, AuditEntry.action.in_(steps))
    last = db.session.execute(found.order_by(AuditEntry.seq.desc()).limit(1)).first()
    if last is None:
        return None
    action, at, person, name = last
    theirs = set(db.session.scalars(select(Membership.organisation_id).where(Membership.user_id == person)))
    if person != current_user.id and not theirs & current_user.organisation_ids:
        return None
    step = Action(action).label
    return _("The last step was taken by %(name)s on %(at)s: “%(act)s”.", name=name, at=moment(at), act=step)
