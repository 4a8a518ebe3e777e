from flask_babel import gettext as _

from app.access.actions import Action
from app.notifications.notify import Notice, notify
from app.people.models import Organisation, User
from app.programmes.models import Part, Programme


def tell_submitted(programme: Programme, submitter: User) -> None:
    """Colleagues at the leading municipality, of whom a second one approves."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: programme to approve", bond=programme.title),
            [
                _("%(name)s asks a second official to read and approve this programme.", name=submitter.name),
                _("After approval it is public and the price table can be drafted."),
            ],
        )

    readers = [user for user in programme.lead.people() if user.id != submitter.id]
    notify(readers, Action.PROGRAMME_SUBMIT, programme, words, "programmes.show", id=programme.id)


def tell_returned(programme: Programme, reason: str) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: programme returned to draft", bond=programme.title),
            [_("The second official asks for a change: %(reason)s", reason=reason)],
        )

    notify(programme.lead.people(), Action.PROGRAMME_RETURN, programme, words, "programmes.show", id=programme.id)


def tell_approved(programme: Programme) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: programme approved", bond=programme.title),
            [_("The programme is approved and public. The next step is the price per effect.")],
        )

    notify(programme.people(), Action.PROGRAMME_APPROVE, programme, words, "programmes.show", id=programme.id)


def tell_added(programme: Programme, organisation: Organisation, part: Part, actor: User) -> None:
    """The people of the organisation that got a part, but not whoever gave it."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(name)s has a part in this bond", bond=programme.title, name=organisation.name),
            [
                _("%(lead)s added your organisation as %(part)s.", lead=programme.lead.name, part=part.label),
                _("The page of the bond shows what that allows you to see and do."),
            ],
        )

    readers = [user for user in organisation.people() if user.id != actor.id]
    notify(readers, Action.PROGRAMME_ADD_PARTY, programme, words, "programmes.show", id=programme.id)


def tell_removed(programme: Programme, organisation: Organisation, part: Part, actor: User) -> None:
    """The people of the organisation that lost its part; the bond may be out of their sight, so to their home."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: %(name)s has no part in this bond any more", bond=programme.title, name=organisation.name),
            [
                _(
                    "%(lead)s took back the part of your organisation: %(part)s.",
                    lead=programme.lead.name,
                    part=part.label,
                )
            ],
        )

    readers = [user for user in organisation.people() if user.id != actor.id]
    notify(readers, Action.PROGRAMME_REMOVE_PARTY, programme, words, "workspace.home")
