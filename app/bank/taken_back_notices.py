from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.access.actions import Action
from app.bank.taken_back import TakenBack
from app.core import format
from app.core.money import Money
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.settlement.payment_models import StatementPayment
from app.settlement.reference import grouped
from app.treasury import credit_notices
from app.treasury.models import CapitalCallPart
from app.treasury.other_receipt import OtherReceipt


def tell_prepared(back: TakenBack, actor: User) -> None:
    """Colleagues at the intermediary, one of whom looks at the line."""

    def words() -> Notice:
        facts = {"amount": _shown(back, back.amount_minor), "name": actor.name, "reason": back.reason}
        return Notice(
            _("%(bond)s: %(what)s", bond=back.programme.title, what=back.title),
            [
                _("%(amount)s, says %(name)s: %(reason)s", **facts),
                _("A second person of the intermediary agrees or refuses. Nothing is booked before."),
            ],
        )

    readers = [user for user in back.programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.TAKE_BACK_PREPARE, back, words, "bank.taken_back", id=back.id)


def tell_approved(back: TakenBack, receipts: Sequence[Any], actor: User) -> None:
    """The desk and the auditor; and of each receipt who had paid it, since it is asked again."""

    def words() -> Notice:
        facts = {"amount": _shown(back, back.amount_minor), "reason": back.reason}
        return Notice(
            _("%(bond)s: taken back in the books", bond=back.programme.title),
            [_("%(amount)s that came in is booked back: %(reason)s", **facts)],
        )

    desk = back.programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(desk, Action.TAKE_BACK_APPROVE, back, words, "bank.taken_back", id=back.id)
    for one in receipts:
        _tell_payer(back, one, actor)


def _tell_payer(back: TakenBack, receipt: Any, actor: User) -> None:
    subject: Any
    if isinstance(receipt, OtherReceipt):
        credit_notices.tell_reversed(receipt, actor)
        return
    if isinstance(receipt, CapitalCallPart):
        people, subject = receipt.organisation.people(), receipt.capital_call
        reference, endpoint = receipt.reference, "treasury.capital_call"
    elif isinstance(receipt, StatementPayment):
        people, subject = receipt.statement.payer.people(), receipt.statement
        reference, endpoint = grouped(receipt.statement.reference), "settlement.statement"
    else:
        return  # a guarantor has no account on the portal

    def words() -> Notice:
        taken = back.taken_by is not None
        facts = {"amount": _shown(back, receipt.amount_minor), "reference": reference}
        told = (
            _("The bank took back %(amount)s that had come in with %(reference)s.", **facts)
            if taken
            else _("%(amount)s had been booked for %(reference)s by mistake, and is booked back.", **facts)
        )
        lines = [told, _("Reason: %(reason)s", reason=back.reason), _("So this amount is still to be paid.")]
        again = receipt.due_again_on if isinstance(receipt, CapitalCallPart) else None
        if again is not None:
            lines[-1] += " " + _("It is asked again by %(day)s, with the same reference.", day=format.day(again))
        return Notice(_("%(bond)s: a payment of yours is booked back", bond=back.programme.title), lines)

    notify(people, Action.TAKE_BACK_APPROVE, subject, words, endpoint, id=subject.id)


def tell_rejected(back: TakenBack) -> None:
    def words() -> Notice:
        return Notice(
            _("%(bond)s: nothing is taken back", bond=back.programme.title),
            [_("Reason: %(reason)s", reason=back.rejected_because)],
        )

    readers = back.programme.people(Part.INTERMEDIARY)
    notify(readers, Action.TAKE_BACK_REJECT, back, words, "bank.taken_back", id=back.id)


def _shown(back: TakenBack, minor: int) -> str:
    return format.money(Money(minor, back.programme.currency))
