import uuid
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.flow import Labelled
from app.core.models import Instant, Row, words
from app.people.models import User


class MailState(Labelled):
    WAITING = "waiting", _l("waiting to be sent"), "info"
    SENT = "sent", _l("sent"), "good"
    CAUGHT = "caught", _l("caught, not sent"), "info"
    FAILED = "failed", _l("could not be delivered"), "bad"


class Notification(Row):
    """One reader, one notice: what stands in the inbox is what is mailed."""

    __tablename__ = "notification"
    __table_args__ = (
        Index("ix_notification_inbox", "user_id", "created_at"),
        Index("ix_notification_due", "mail_state", "next_attempt_at"),
    )

    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))  # none: somebody not yet on the portal
    address: Mapped[str]
    programme_id: Mapped[uuid.UUID | None]
    action: Mapped[str]
    subject_id: Mapped[uuid.UUID | None]
    title: Mapped[str]
    body: Mapped[str]  # paragraphs, separated by a blank line
    path: Mapped[str]  # where the notice lands, e.g. /calls/…
    locale: Mapped[str]
    read_at: Mapped[Instant | None]
    mail_state: Mapped[MailState] = words(MailState, default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]
    last_error: Mapped[str] = mapped_column(default="")

    user: Mapped[User | None] = relationship()

    @property
    def message_id(self) -> str:
        """Stable, so that a mail program recognises a repeat."""
        return f"<{self.id}@bewezen>"

    @classmethod
    def visible_to(cls, user: Any) -> Select["Notification"]:
        return select(cls).where(cls.user_id == getattr(user, "id", None))

    def roles_of(self, user: Any) -> set[Role]:
        return {Role.SELF} if user.id is not None and user.id == self.user_id else set()


class WorkerSign(Row):
    """The worker's last sign of life; `/readyz` reads it."""

    __tablename__ = "worker_sign"

    name: Mapped[str] = mapped_column(unique=True)
    seen_at: Mapped[Instant]
