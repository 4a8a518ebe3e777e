from collections.abc import Callable, Iterable

from flask_babel import gettext as _

from app.access.actions import Action
from app.agreements.notices import preparers, signatories
from app.agreements.termination_models import Termination
from app.core.format import day
from app.notifications.notify import Notice, notify
from app.people.models import User


def tell_declared(termination: Termination) -> None:
    def words() -> Notice:
        bond = termination.programme.title
        return Notice(
            _("%(bond)s: end of the agreement to confirm", bond=bond),
            [
                _("Ground: %(ground)s. Last day: %(day)s.", ground=termination.ground.label, day=_day(termination)),
                _("A second person, an official of the leading municipality, confirms it or takes it back."),
            ],
        )

    _tell(preparers(termination.agreement), Action.TERMINATION_DECLARE, termination, words)


def tell_given(termination: Termination) -> None:
    """Every party, with what follows."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the agreement ends", bond=termination.programme.title),
            [
                _("Ground: %(ground)s. Last day: %(day)s.", ground=termination.ground.label, day=_day(termination)),
                *what_follows(termination),
            ],
        )

    readers = [*termination.programme.people(), *signatories(termination.agreement)]
    _tell(readers, Action.TERMINATION_CONFIRM, termination, words)


def tell_withdrawn(termination: Termination) -> None:
    def words() -> Notice:
        bond = termination.programme.title
        return Notice(
            _("%(bond)s: the agreement does not end", bond=bond),
            [_("The declaration was taken back. The agreement goes on as it was.")],
        )

    _tell(preparers(termination.agreement), Action.TERMINATION_WITHDRAW, termination, words)


def what_follows(termination: Termination) -> list[str]:
    """The same on the page and in the mail."""
    return [
        _("Nobody comes in after the last day, and the plan of the intake stops there."),
        _("An amendment that waits for signatures lapses; milestones of the agreement after the last day lapse."),
        _("Effects achieved up to and including that day count, are verified and are paid at the agreed prices."),
        _("An effect that is reached later is not paid."),
        _("Evidence may still be handed in within the term of each effect."),
        _("Then follow the last settlement, the last distribution to the investors and the close of the bond."),
    ]


def _day(termination: Termination) -> str:
    return day(termination.last_day)


def _tell(readers: Iterable[User], action: Action, termination: Termination, words: Callable[[], Notice]) -> None:
    notify(readers, action, termination, words, "agreements.termination", id=termination.id)
