"""The desk and the auditor hear of statements that do not follow, or are taken back."""

from flask_babel import gettext as _

from app.access.actions import Action
from app.bank.models import BankStatement
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part


def tell_gap(statement: BankStatement) -> None:
    programme = statement.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a statement of the bank was taken though it does not follow", bond=programme.title),
            [statement.gap, _("Reason: %(reason)s", reason=statement.gap_reason)],
        )

    readers = programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(readers, Action.BANK_STATEMENT_IMPORT, statement, words, "bank.statement", id=statement.id)


def tell_void_proposed(statement: BankStatement, actor: User) -> None:
    """Colleagues, one of whom agrees or not."""
    programme = statement.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a statement of the bank is to be voided", bond=programme.title),
            [
                _("%(name)s proposes to void %(file)s.", name=actor.name, file=statement.file_name),
                _("Reason: %(reason)s", reason=statement.void_reason),
            ],
        )

    readers = [user for user in programme.people(Part.INTERMEDIARY) if user.id != actor.id]
    notify(readers, Action.BANK_STATEMENT_PROPOSE_VOID, statement, words, "bank.statement", id=statement.id)


def tell_voided(statement: BankStatement, actor: User) -> None:
    programme = statement.programme

    def words() -> Notice:
        return Notice(
            _("%(bond)s: a statement of the bank is voided", bond=programme.title),
            [
                _("%(file)s counts no more; %(name)s agreed.", name=actor.name, file=statement.file_name),
                _("Reason: %(reason)s", reason=statement.void_reason),
            ],
        )

    readers = programme.people(Part.INTERMEDIARY, Part.AUDITOR)
    notify(readers, Action.BANK_STATEMENT_VOID, statement, words, "bank.statement", id=statement.id)
