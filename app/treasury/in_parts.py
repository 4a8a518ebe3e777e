"""What was asked of an investor or the guarantor comes in in parts: each part a row of its own."""

from collections.abc import Callable
from typing import TypeVar

from flask_babel import gettext as _

from app.core.errors import Refused
from app.extensions import db
from app.programmes.models import Programme
from app.treasury import notices
from app.treasury.guarantee import GuaranteeCall
from app.treasury.models import CapitalCallPart

Asked = TypeVar("Asked", CapitalCallPart, GuaranteeCall)


def in_part(
    asked: Asked, amount_minor: int, programme: Programme, split_off: Callable[[], Asked]
) -> Asked:
    """What `amount_minor` of what was asked is: the row itself, or one of its own (`split_off`) that leaves the rest as
    it was asked. Refused when it is more than is still owed, or nothing.

    So the day of each payment counts by itself, and what is about the row that was asked (a reminder, a default, a call
    that is withdrawn) is about the rest alone.
    """
    if amount_minor <= 0:
        raise Refused(_("Give the amount that came in."), "amount")
    if amount_minor > asked.amount_minor:
        owed = notices.shown(asked.amount_minor, programme)
        told = _("Of this call %(amount)s is still owed, no more.", amount=owed)
        if isinstance(asked, CapitalCallPart):  # a guarantor is no party, and nothing else can be owed to it
            told += " " + _("Book that here, and what the bank shows above it as money that nobody asked for.")
        raise Refused(told, "amount")
    if amount_minor == asked.amount_minor:
        return asked
    asked.amount_minor -= amount_minor
    paid = split_off()
    db.session.add(paid)
    db.session.flush()
    return paid
