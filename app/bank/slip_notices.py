from flask_babel import gettext as _

from app.access.actions import Action
from app.bank.slip import ChargeSlip
from app.core import format
from app.core.money import Money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part


def _shown(slip: ChargeSlip) -> str:
    return format.money(Money(slip.amount_minor, slip.programme.currency))


def tell_prepared(slip: ChargeSlip, actor: User) -> None:
    """Colleagues at the intermediary, one of whom reads the document."""

    def words() -> Notice:
        facts = {"what": slip.title, "amount": _shown(slip), "day": format.day(slip.on), "name": actor.name}
        return Notice(
            _("%(bond)s: %(what)s to approve", bond=slip.programme.title, what=slip.title),
            [
                _("%(what)s: %(amount)s on %(day)s, prepared by %(name)s with a document of the bank.", **facts),
                _("A second person of the intermediary reads the document, and approves or rejects it."),
            ],
        )

    readers = [user for user in slip.programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.CHARGE_PREPARE, slip, words, "bank.slip", id=slip.id)


def tell_decided(slip: ChargeSlip, action: Action) -> None:
    def words() -> Notice:
        facts = {"bond": slip.programme.title, "what": slip.title}
        if action == Action.CHARGE_REJECT:
            told = _("Reason: %(reason)s", reason=slip.rejected_because)
            return Notice(_("%(bond)s: %(what)s rejected", **facts), [told])
        told = _("%(amount)s is booked on %(day)s.", amount=_shown(slip), day=format.day(slip.on))
        return Notice(_("%(bond)s: %(what)s booked", **facts), [told])

    notify(slip.programme.people(Part.INTERMEDIARY), action, slip, words, "bank.slip", id=slip.id)
