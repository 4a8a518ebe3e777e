"""The answers a person can get instead of what was asked for."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _


class Refused(Exception):
    """A rule of the domain says no and a person can mend it; shown on `field` of the form (422).

    `also` are other rules that say no, so that a person hears everything at once.
    """

    def __init__(self, message: object, field: str | None = None, also: Sequence["Refused"] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.also = also


def refused_by(check: Callable[..., Any], *facts: Any) -> list[Refused]:
    """What a rule says of these facts, all of it."""
    try:
        check(*facts)
    except Refused as refused:
        return [refused, *refused.also]
    return []


def refuse_with(found: Sequence[Refused]) -> None:
    """Raise all of them as one, so that a person hears everything at once; nothing where there is none."""
    if found:
        raise Refused(found[0].message, found[0].field, found[1:])


class NotNow(Exception):
    """The act exists and is yours, but not in this state or at this moment (409)."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message


class FirstThis(NotNow):
    """Something else of this person comes first: who asks for a page is led to `path`, whoever sends a form gets it as
    the way on (409)."""

    def __init__(self, message: object, path: str, label: object) -> None:
        super().__init__(message)
        self.path = path
        self.label = label


class Changed(NotNow):
    """Somebody else changed the thing since it was read (409); what was typed is kept on the page."""

    def __init__(self, version: int | None = None) -> None:
        self.version = version
        super().__init__(_("This changed meanwhile. What you typed is kept; look at what is new and try again."))


class DoneAlready(NotNow):
    """This very form was answered before (409); the person is led to where the first answer led (accounts.answered)."""

    def __init__(self) -> None:
        super().__init__(_("This was done already."))


class NotYours(Exception):
    """No hat of this person allows the act (403)."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message
