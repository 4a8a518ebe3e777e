"""The library's mail as rows of ours: in the reader's language, sent by the worker like every other mail."""

from typing import Any

from flask_babel import gettext as _
from flask_security import MailUtil
from flask_security.utils import hash_password

from app.access.actions import Action
from app.core.operation import housekeeping
from app.extensions import db
from app.notifications.notify import Notice, path_for, write_to
from app.people.models import User


class LibraryMail(MailUtil):
    def send_mail(
        self, template: str, subject: str, recipient: Any, sender: Any, body: Any, html: Any, **context: Any
    ) -> None:
        """Lay the mail in a row. The address of a link is built from our own settings, never from the request."""
        user = context["user"]
        kind = template.rpartition("/")[2]
        if kind == "reset_instructions":
            hash_password("as long as for an address without an account")
            path = path_for("security.reset_password", token=context["reset_token"])
        elif kind == "confirmation_instructions":
            path = path_for("security.confirm_email", token=context["confirmation_token"])
        else:
            path = path_for("security.forgot_password")
        if _is_changed():
            _lay(kind, user, path)  # the library commits this together with the new password
        else:
            housekeeping(_lay)(kind, user, path)  # and this it would never commit


def _is_changed() -> bool:
    return bool(db.session.new or db.session.deleted or any(db.session.is_modified(row) for row in db.session.dirty))


def _lay(kind: str, user: User, path: str) -> None:
    write_to(user.email, user.locale, Action.ACCOUNT_EDIT, user, lambda: words_of(kind), path)


def words_of(kind: str) -> Notice:
    """What the mail says. Both notices after a change say what to do when it was not you."""
    if kind == "reset_instructions":
        return Notice(
            _("Choose a new password"),
            [
                _("Somebody, probably you, asked for a new password for your account."),
                _("The link works for a day. If it was not you, do nothing: your password stays as it is."),
            ],
        )
    if kind == "confirmation_instructions":
        return Notice(
            _("Verify your e-mail address"),
            [_("Follow the link to verify this address. Then you can sign in.")],
        )
    return Notice(
        _("Your password is changed"),
        [
            _("The password of your account was changed just now."),
            _("If it was not you, choose a new one at once through the link."),
        ],
    )
