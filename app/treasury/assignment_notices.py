from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.programmes.models import Part
from app.treasury.assignment import Assignment
from app.treasury.notices import shown


def tell_half_signed(assignment: Assignment, action: Action) -> None:
    """The people of the organisation that signs with two: nothing is proposed or taken over yet."""
    organisation = assignment.co_signer
    if organisation is None:
        return
    first = assignment.proposed_by if organisation.id == assignment.giver_id else assignment.accepted_by
    programme = assignment.programme

    def words() -> Notice:
        facts = {
            "name": first.name if first is not None else "",
            "giver": assignment.giver.name,
            "receiver": assignment.receiver.name,
            "amount": shown(assignment.amount_minor, programme),
        }
        return Notice(
            _("%(bond)s: a transfer of a commitment to sign as the second", bond=programme.title),
            [
                _("%(name)s signed that %(receiver)s takes over %(amount)s of %(giver)s.", **facts),
                _("Your organisation signs with two: it goes on when a second signatory has signed."),
            ],
        )

    notify(organisation.people(), action, assignment, words, "treasury.assignment", id=assignment.id)


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
