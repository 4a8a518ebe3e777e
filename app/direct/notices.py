from flask_babel import gettext as _

from app.access.actions import Action
from app.direct.models import DirectAward, NamedProvider
from app.direct.states import NamedState
from app.notifications.notify import Notice, notify
from app.programmes.models import Part


def tell_asked(award: DirectAward, place: NamedProvider, *, again: bool = False) -> None:
    """The organisation that is asked; `again`: it had accepted, to deliver with others than are named now."""
    bond = award.programme

    def words() -> Notice:
        said = [
            _("%(lead)s wants to agree with your organisation without a tender.", lead=bond.lead.name),
            _("Read why, and say whether you take part. Nothing binds before every party has signed."),
        ]
        if again:
            said.append(_("Who takes part has changed, so what your organisation answered before no longer counts."))
        return Notice(_("%(bond)s: you are asked to deliver", bond=bond.title), said)

    notify(place.organisation.people(), Action.DIRECT_NAME, award, words, "direct.show", id=award.id)


def tell_withdrawn(award: DirectAward, place: NamedProvider) -> None:
    """The organisation that was named before."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: your organisation is no longer named", bond=award.programme.title),
            [_("%(lead)s named other service providers for this bond.", lead=award.programme.lead.name)],
        )

    readers = place.organisation.people()
    notify(readers, Action.DIRECT_NAME, award, words, "programmes.show", id=award.programme_id)


def tell_answered(award: DirectAward, place: NamedProvider) -> None:
    """The leading municipality and the intermediary, who draft the agreement when all have accepted."""
    accepted = place.state == NamedState.ACCEPTED
    action = Action.DIRECT_ACCEPT if accepted else Action.DIRECT_DECLINE
    bond, name = award.programme.title, place.organisation.name
    left = len(award.asked)

    def words() -> Notice:
        if not accepted:
            said = _("The leading municipality names anew who takes part: with another, or without it.")
            return Notice(_("%(bond)s: %(name)s declined", bond=bond, name=name), [said])
        said = _("Service providers that still have to answer: %(left)d.", left=left)
        return Notice(_("%(bond)s: %(name)s takes part", bond=bond, name=name), [said])

    readers = [*award.programme.lead.people(), *award.programme.people(Part.INTERMEDIARY)]
    notify(readers, action, award, words, "direct.show", id=award.id)
