"""What a good password is, and whether one fits; at most two are hashed at a time."""

import threading
import unicodedata
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_security.utils import hash_password, verify_password

from app.core.errors import Refused
from app.people import attempts
from app.people.guessable import is_guessable

LEAST, MOST = 12, 128
FAILURES = "5 per 15 minutes"


def normal(typed: str) -> str:
    """The same password from every keyboard (NFKD, as the sign-in library does)."""
    return unicodedata.normalize("NFKD", typed)


def why_weak(typed: str, name: str, email: str, around: Iterable[str] = ()) -> str | None:
    """The reason why this is no password for its owner, or None. Length counts (NIST SP 800-63B, 3.1.1.2).

    `around`: names and towns of the owner's organisations, which an attacker tries first, with a year behind them.
    """
    if len(typed) < LEAST:
        return _("Use at least %(least)d characters.", least=LEAST)
    if len(typed) > MOST:
        return _("Use at most %(most)d characters.", most=MOST)
    if len(set(typed)) < 5:
        return _("Use more different characters.")
    told = typed.casefold()
    if "bewezen" in told:
        return _("Leave the name of this portal out of it.")
    if is_guessable(told, [*around, email.partition("@")[2]]):
        return _(
            "This is easy to guess: repetition, a series such as 1234, an everyday password, or your organisation, "
            "town or a year. Use several words."
        )
    own = [*name.casefold().split(), email.casefold().partition("@")[0]]
    if any(len(part) > 3 and part in told for part in own):
        return _("Leave your name and your e-mail address out of it.")
    return None


def hashed(typed: str, name: str, email: str, around: Iterable[str] = ()) -> str:
    """What is stored of a new password. Refused when it is weak."""
    weak = why_weak(normal(typed), name, email, around)
    if weak is not None:
        raise Refused(weak, "password")
    return hash_password(normal(typed))


def password_fits(user: Any, typed: str | None) -> bool:
    """Is this the person's password? For acts that ask it again, such as a sign-off.

    Refused (on `password`) after five wrong ones in a quarter of an hour.
    """
    if attempts.too_many(FAILURES, "password again", user.id):
        raise Refused(_("Too many wrong passwords. Wait a quarter of an hour."), "password")
    if typed and user.password and verify_password(normal(typed), user.password):
        return True
    attempts.count(FAILURES, "password again", user.id)
    return False


def expect_password(user: Any, typed: str | None) -> None:
    """Refused, on `password`, when it is not the person's own: the answer of a page that asks it again."""
    if not password_fits(user, typed):
        raise Refused(_("This is not your password."), "password")


class AFewAtATime:
    """Hashing costs 64 MB and a tenth of a second of a core each: a rush on the sign-in page must not take them all."""

    def __init__(self, context: Any, at_most: int = 2) -> None:
        self._context = context
        self._turn = threading.BoundedSemaphore(at_most)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def hash(self, *args: Any, **options: Any) -> Any:
        with self._turn:
            return self._context.hash(*args, **options)

    def verify(self, *args: Any, **options: Any) -> Any:
        with self._turn:
            return self._context.verify(*args, **options)

    def verify_and_update(self, *args: Any, **options: Any) -> Any:
        with self._turn:
            return self._context.verify_and_update(*args, **options)
