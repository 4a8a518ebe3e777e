"""Waiting mail goes out: claim a row, send, note what came of it; each in a transaction of its own.

A claim is a lease: the row is due again when it ends, so a worker that is killed loses nothing. Killed between the
server's yes and our note, the mail is sent again; its Message-ID is the same. Two workers never claim the same row
(`FOR UPDATE SKIP LOCKED` on PostgreSQL; on SQLite the writers take turns).
"""

import smtplib
import uuid
from datetime import timedelta

import structlog
from sqlalchemy import select

from app.core import clock
from app.core.operation import housekeeping
from app.extensions import db
from app.notifications.mail import message
from app.notifications.models import MailState, Notification
from app.notifications.post import Post, WrongMailUrl

log = structlog.get_logger()

LEASE = timedelta(minutes=3)  # longer than a slow server may take
LONGEST_WAIT = timedelta(days=1)


def deliver(post: Post, at_most: int = 1000) -> int:
    """Send what is due, oldest first. Answers how many were tried."""
    tried = 0
    while tried < at_most:
        key = claim()
        if key is None:
            break
        tried += 1
        _send(post, key)
    return tried


@housekeeping
def claim() -> uuid.UUID | None:
    """Take the next due mail for as long as the lease lasts."""
    due = (
        select(Notification)
        .where(Notification.mail_state == MailState.WAITING, Notification.next_attempt_at <= clock.now())
        .order_by(Notification.next_attempt_at, Notification.created_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=Notification)
    )
    notice = db.session.scalar(due)
    if notice is None:
        return None
    notice.next_attempt_at = clock.now() + LEASE
    return notice.id


def _send(post: Post, key: uuid.UUID) -> None:
    notice = db.session.get_one(Notification, key)
    try:
        post.send(message(notice), notice.address)
    except Exception as error:
        failed(key, _why(error), is_final(error))
    else:
        sent(key)


@housekeeping
def sent(key: uuid.UUID) -> None:
    notice = db.session.get_one(Notification, key)
    notice.mail_state = MailState.SENT
    notice.sent_at = clock.now()
    notice.attempts += 1
    notice.last_error = ""
    _forget_secret(notice)


@housekeeping
def failed(key: uuid.UUID, why: str, final: bool) -> None:
    """Try again after 1, 2, 4 ... minutes, up to a day; after that, or after a final no, give up and note it."""
    notice = db.session.get_one(Notification, key)
    notice.attempts += 1
    notice.last_error = why
    wait = timedelta(minutes=2 ** (notice.attempts - 1))
    if final or wait > LONGEST_WAIT:
        notice.mail_state = MailState.FAILED
        notice.next_attempt_at = None
        _forget_secret(notice)
        log.warning("mail failed", notification=str(key), attempts=notice.attempts, why=why)
    else:
        notice.next_attempt_at = clock.now() + wait
        log.info("mail waits", notification=str(key), attempts=notice.attempts, why=why)


def _forget_secret(notice: Notification) -> None:
    """A link that lets somebody in stands in the database no longer than it takes to mail it."""
    if notice.user_id is None:
        notice.path = ""


def is_final(error: Exception) -> bool:
    """A 5xx about this mail or its address (RFC 5321, 4.2.1), or a mail that cannot be written at all."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _reason in error.recipients.values())
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return False  # the server refuses us, not this mail
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, smtplib.SMTPNotSupportedError | ValueError) and not isinstance(error, WrongMailUrl)


def _why(error: Exception) -> str:
    """Kind and code; what the server said may hold an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _reason in error.recipients.values()})
        return f"{type(error).__name__} {', '.join(map(str, codes))}"
    code = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {code}".strip()
