"""The colleague who is to confirm, and the auditor, hear of money that left without a released batch."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.access.actions import Action
from app.bank.models import BankEntry, in_fours
from app.core import format
from app.core.money import Money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part

if TYPE_CHECKING:
    from app.bank.without_batch import Beside


def tell_proposed(line: BankEntry, found: Sequence["Beside"], actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: money left without a released batch", bond=line.programme.title),
            [*_facts(line, found), _("%(name)s says what it was; a second person confirms it.", name=actor.name)],
        )

    _tell(line, Action.BANK_ENTRY_PROPOSE, words, actor)


def tell_confirmed(line: BankEntry, found: Sequence["Beside"], actor: User) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: money that left without a released batch is confirmed", bond=line.programme.title),
            [*_facts(line, found), _("Confirmed by %(name)s.", name=actor.name)],
        )

    _tell(line, Action.BANK_ENTRY_CONFIRM, words, actor)


def _facts(line: BankEntry, found: Sequence["Beside"]) -> list[str]:
    amount = format.money(Money(-line.amount_minor, line.programme.currency))
    facts = {"amount": amount, "iban": in_fours(line.iban) or "–", "day": format.day(line.booked_on)}
    told = [_("%(amount)s went to %(iban)s on %(day)s.", **facts)]
    if any(not one.is_same for one in found):
        told.append(_("This is not the account that the portal knows of the receiver."))
    return told


def _tell(line: BankEntry, action: Action, words: object, actor: User) -> None:
    people = line.programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    readers = [user for user in people if user.id != actor.id]
    notify(readers, action, line, words, "bank.proposed_entry", id=line.id)  # type: ignore[arg-type]
