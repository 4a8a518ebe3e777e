from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from app.access.actions import Action
from app.core.format import day
from app.extensions import db
from app.notifications.notify import Notice, notify
from app.people.models import Organisation, OrganisationKind, User
from app.reports.books_models import BooksCheck

WATCHERS = (OrganisationKind.INTERMEDIARY, OrganisationKind.AUDITOR)


def tell_faults(check: BooksCheck) -> None:
    """The keepers of the portal, and who holds or audits the money of any bond. Which rule, never an amount."""

    def words() -> Notice:
        number = len(check.failed)
        return Notice(
            _("The books do not hold: check of %(day)s", day=day(check.day)),
            [
                ngettext(
                    "%(num)d of %(rules)d rules did not hold last night.",
                    "%(num)d of %(rules)d rules did not hold last night.",
                    number,
                    rules=check.rules,
                ),
                _("The keeper of the portal sees every fault with the command check-books. Pay nothing out before."),
            ],
        )

    keepers = db.session.scalars(select(User).where(User.is_admin)).all()
    holders = db.session.scalars(select(Organisation).where(Organisation.kind.in_(WATCHERS))).unique().all()
    readers = [*keepers, *(person for one in holders for person in one.people())]
    notify(readers, Action.BOOKS_CHECK, check, words, "reports.books", illustrative=False)
