"""Following the prices of a bond by mail, without an account: asked, confirmed from the mailbox itself, and ended by a
link in every mail.

Nothing is stored before the address was confirmed: until then it stands in the mail and its signed link alone. The
trail is not told: who follows may betray a tenderer, and following is no act on the bond.
"""

import uuid

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select

from app.core.operation import housekeeping
from app.extensions import db
from app.people import attempts
from app.pricing import notices
from app.pricing.models import MailFollower
from app.programmes.models import Programme

TERM_SECONDS = 2 * 24 * 3600  # to confirm
PER_ADDRESS, PER_SENDER = "3 per day", "20 per hour"  # mails to one mailbox, and asked for from one place


@housekeeping
def ask_to_follow(programme: Programme, address: str, locale: str, *, sender: str) -> None:
    """Write to `address` how to confirm. Says nothing to whoever asks: not whether the mailbox follows already, nor
    that no more is sent (nobody's mailbox is filled by a stranger)."""
    address = address.lower()
    if attempts.too_many(PER_ADDRESS, "follow", address) or attempts.too_many(PER_SENDER, "follow from", sender):
        return
    attempts.count(PER_ADDRESS, "follow", address)
    attempts.count(PER_SENDER, "follow from", sender)
    notices.ask_to_confirm(programme, address, locale, _asked().dumps([programme.id.hex, address, locale]))


def asked_in(token: str) -> tuple[Programme, str, str] | None:
    """Bond, address and language of a link that was mailed; None when it is not ours or older than two days."""
    try:
        programme_id, address, locale = _asked().loads(token, max_age=TERM_SECONDS)
    except BadSignature:
        return None
    programme = db.session.get(Programme, uuid.UUID(programme_id))
    return None if programme is None else (programme, address, locale)


@housekeeping
def follow_by_mail(programme: Programme, address: str, locale: str) -> None:
    """The mailbox was proven: it is told of each new version from now on. Twice is once."""
    if db.session.scalar(select(MailFollower).filter_by(programme_id=programme.id, address=address)) is None:
        db.session.add(MailFollower(programme_id=programme.id, address=address, locale=locale))


def follower_in(token: str) -> MailFollower | None:
    """Who stops with this link, as long as it follows."""
    try:
        return db.session.get(MailFollower, uuid.UUID(notices.ends_following().loads(token)))
    except BadSignature:
        return None


@housekeeping
def unfollow_by_mail(follower: MailFollower) -> None:
    """The address is forgotten."""
    db.session.delete(follower)


def _asked() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="follow prices")
