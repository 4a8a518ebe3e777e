"""Who is told of money that nobody asked for, and of what is owed to a municipality: the desk, and who paid it."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.access.actions import Action
from app.ledger.models import Transfer
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.settlement.models import Statement
from app.settlement.reference import grouped
from app.treasury.notices import shown
from app.treasury.other_receipt import OtherReceipt
from app.treasury.states import OtherReceiptKind


def tell_other_receipt(made: OtherReceipt) -> None:
    """The desk; a municipality that paid too much, and a provider that paid back."""
    programme = made.programme

    def words() -> Notice:
        amount = shown(made.amount_minor, programme)
        told = [_("%(amount)s came in: %(what)s.", amount=amount, what=made.title)]
        if made.kind == OtherReceiptKind.OVERPAID:
            told.append(
                _("It stays yours: it is set off against what you owe, or paid back to the account that you name.")
            )
        return Notice(_("%(bond)s: %(what)s", bond=programme.title, what=made.title), told)

    payers = made.organisation.people() if made.organisation is not None else []
    page = "treasury.credits" if made.kind == OtherReceiptKind.OVERPAID else "programmes.show"
    if made.organisation in programme.organisations(Part.INVESTOR):
        page = "treasury.holding"
    notify(payers, Action.OTHER_RECEIPT_BOOK, made, words, page, id=programme.id)
    desk = programme.people(Part.INTERMEDIARY)
    notify(desk, Action.OTHER_RECEIPT_BOOK, made, _for_the_desk(made), "treasury.credits", id=programme.id)


def _for_the_desk(made: OtherReceipt) -> Callable[[], Notice]:
    def words() -> Notice:
        values = {"amount": shown(made.amount_minor, made.programme), "party": made.party, "what": made.title}
        return Notice(
            _("%(bond)s: %(what)s", bond=made.programme.title, what=made.title),
            [_("%(amount)s of %(party)s came in: %(what)s.", **values)],
        )

    return words


def tell_reversal_proposed(receipt: OtherReceipt, actor: User) -> None:
    """Colleagues, one of whom agrees or not."""
    lead = _l("%(name)s proposes to take back %(amount)s of %(party)s: %(what)s.")
    _tell_reversal(receipt, Action.OTHER_RECEIPT_PROPOSE_REVERSAL, lead, actor, (Part.INTERMEDIARY,))


def tell_kept(receipt: OtherReceipt, actor: User) -> None:
    lead = _l("%(name)s keeps %(amount)s of %(party)s as it was booked: %(what)s.")
    _tell_reversal(receipt, Action.OTHER_RECEIPT_KEEP, lead, actor, (Part.INTERMEDIARY,))


def tell_reversed(receipt: OtherReceipt, actor: User) -> None:
    """The desk, the auditor, and who was told that it had come in."""
    lead = _l("%(amount)s of %(party)s was booked wrongly, and the books took it back: %(what)s.")
    _tell_reversal(receipt, Action.OTHER_RECEIPT_REVERSE, lead, actor, (Part.INTERMEDIARY, Part.AUDITOR))
    programme, payer = receipt.programme, receipt.organisation
    page = "treasury.credits" if receipt.kind == OtherReceiptKind.OVERPAID else "programmes.show"
    words = _reversal(receipt, lead, actor)
    people = payer.people() if payer is not None else []
    notify(people, Action.OTHER_RECEIPT_REVERSE, receipt, words, page, id=programme.id)


def _tell_reversal(receipt: OtherReceipt, action: Action, lead: Any, actor: User, parts: tuple[Part, ...]) -> None:
    readers = [user for user in receipt.programme.people(*parts) if user.id != actor.id]
    notify(readers, action, receipt, _reversal(receipt, lead, actor), "bank.other_receipt", id=receipt.id)


def _reversal(receipt: OtherReceipt, lead: Any, actor: User) -> Callable[[], Notice]:
    def words() -> Notice:
        facts = {"name": actor.name, "party": receipt.party, "what": receipt.title}
        amount = shown(receipt.amount_minor, receipt.programme)
        told = [str(lead) % {**facts, "amount": amount}]
        if receipt.reversal_reason:
            told.append(_("Reason: %(reason)s", reason=receipt.reversal_reason))
        return Notice(_("%(bond)s: %(what)s", bond=receipt.programme.title, what=receipt.title), told)

    return words


def tell_set_off(statement: Statement, amount_minor: int, booked: Transfer) -> None:
    """The municipality, and the desk."""
    programme = statement.settlement.programme

    def words() -> Notice:
        values = {"amount": shown(amount_minor, programme), "reference": grouped(statement.reference)}
        left = shown(statement.outstanding_minor, programme)
        return Notice(
            _("%(bond)s: set off", bond=programme.title),
            [
                _("%(amount)s that the bond owed was set off against %(reference)s.", **values),
                _("Still to be paid: %(amount)s.", amount=left),
            ],
        )

    readers = [*statement.payer.people(), *programme.people(Part.INTERMEDIARY)]
    notify(readers, Action.STATEMENT_SET_OFF, statement, words, "treasury.follow", id=booked.id)
