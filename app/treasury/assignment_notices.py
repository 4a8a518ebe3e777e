from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.programmes.models import Part
from app.treasury.assignment import Assignment
from app.treasury.notices import shown


def tell_assignment(assignment: Assignment, action: Action) -> None:
    """Both investors and the intermediary, at every step; other investors hear nothing."""
    programme = assignment.programme

    def words() -> Notice:
        facts = {
            "giver": assignment.giver.name,
            "receiver": assignment.receiver.name,
            "amount": shown(assignment.amount_minor, programme),
        }
        told = {
            Action.ASSIGNMENT_PROPOSE: _("%(giver)s proposes that %(receiver)s takes over %(amount)s.", **facts),
            Action.ASSIGNMENT_ACCEPT: _(
                "%(receiver)s accepts to take over %(amount)s of %(giver)s. The intermediary decides.", **facts
            ),
            Action.ASSIGNMENT_CONSENT: _(
                "%(receiver)s has taken over %(amount)s of the commitment of %(giver)s.", **facts
            ),
            Action.ASSIGNMENT_REFUSE: _(
                "It was refused that %(receiver)s takes over %(amount)s of %(giver)s.", **facts
            ),
            Action.ASSIGNMENT_WITHDRAW: _(
                "%(giver)s no longer proposes that %(receiver)s takes over %(amount)s.", **facts
            ),
        }[action]
        lines = [told]
        if assignment.refused_because:
            lines.append(_("Reason: %(reason)s", reason=assignment.refused_because))
        return Notice(_("%(bond)s: transfer of a commitment", bond=programme.title), lines)

    readers = [*assignment.giver.people(), *assignment.receiver.people(), *programme.people(Part.INTERMEDIARY)]
    notify(readers, action, assignment, words, "treasury.assignment", id=assignment.id)
