from flask_babel import gettext as _

from app.access.actions import Action
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.people.models import User
from app.programmes.models import Part
from app.readers.models import ReaderTest


def tell_invited(test: ReaderTest) -> None:
    """The two readers."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: you are asked to read invented files", bond=test.programme.title),
            [
                _("You and somebody else each say of the same files whether they prove “%(effect)s”.", **_effect(test)),
                _("Please do not talk about them: the test shows whether the definition speaks for itself."),
            ],
        )

    notify(_readers(test), Action.READER_TEST_INVITE, test, words, "readers.show", id=test.id)


def _readers(test: ReaderTest) -> list[User]:
    return [reader for reader in (test.first_reader, test.second_reader) if reader is not None]


def tell_withdrawn(test: ReaderTest) -> None:
    """Whoever wrote the files, and the readers when there are any."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the two-reader test of “%(effect)s” is withdrawn", bond=test.programme.title, **_effect(test)),
            [
                _("%(name)s withdrew it and says why: “%(why)s”", name=by.name if by else "–", why=test.withdrawn_why),
                _("Nobody needs to read the files any more. What was answered is not shown to anybody."),
            ],
        )

    by, author = db.session.get(User, test.withdrawn_by_id), test.author
    told = [*_readers(test), *([author] if author else [])]
    notify(told, Action.READER_TEST_WITHDRAW, test, words, "readers.show", id=test.id)


def tell_done(test: ReaderTest) -> None:
    """The governments of the bond, and not with whose verdicts."""

    def words() -> Notice:
        return Notice(
            _("%(bond)s: the two-reader test of “%(effect)s” is done", bond=test.programme.title, **_effect(test)),
            [_outcome(test)],
        )

    officials = test.programme.people(Part.GOVERNMENT)
    notify(officials, Action.READER_TEST_JUDGE, test, words, "readers.show", id=test.id)


def _outcome(test: ReaderTest) -> str:
    if test.agreement.passes:
        return _("Both readers agreed. The definition passes.")
    if test.agreement.kappa is None:
        return _("Both said the same of every file, so nothing was tested. Write files on both sides of the threshold.")
    return _("The two readers did not agree enough. Make the definition clearer and have it read again.")


def _effect(test: ReaderTest) -> dict[str, str]:
    return {"effect": test.definition["name"]}
