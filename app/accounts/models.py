import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core import clock
from app.core.models import Instant, Row
from app.people.models import Organisation, User

INVITATION_TERM = timedelta(days=7)
KEPT_TERM = timedelta(minutes=30)
ANSWERED_TERM = timedelta(days=1)


class Invitation(Row):
    """A way into an organisation for whoever reads the mail at `address`; works once. Only a digest of it is stored."""

    __tablename__ = "invitation"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    address: Mapped[str]
    as_manager: Mapped[bool] = mapped_column(default=False)
    token_digest: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[Instant] = mapped_column(default=lambda: clock.now() + INVITATION_TERM)
    accepted_at: Mapped[Instant | None]
    accepted_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    invited_by: Mapped[User] = relationship(foreign_keys=[invited_by_id], lazy="joined")

    @property
    def title(self) -> str:
        return self.organisation.name

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and clock.now() < self.expires_at

    @classmethod
    def open_of(cls, organisation: Organisation) -> Select["Invitation"]:
        found = select(cls).where(cls.organisation_id == organisation.id, cls.accepted_at.is_(None))
        return found.where(cls.expires_at > clock.now()).order_by(cls.created_at)


class KeptForm(Row):
    """What somebody typed in a form that came in after the session had ended: `sealed` is ciphertext."""

    __tablename__ = "kept_form"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"), index=True)
    path: Mapped[str]
    sealed: Mapped[bytes]

    @property
    def bound_to(self) -> bytes:
        """Ciphertext that is moved to another person, form or row no longer opens."""
        return f"{self.user_id} {self.path} {self.id}".encode()

    @classmethod
    def expired(cls) -> Any:
        return cls.created_at < clock.now() - KEPT_TERM


class AnsweredForm(Row):
    """A form whose act was done. Its id is a keyed digest of who sent it, where to, and all that it held."""

    __tablename__ = "answered_form"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    location: Mapped[str | None]  # where the answer led; none as long as it is being given
    message: Mapped[str | None]  # what it said there

    @classmethod
    def expired(cls) -> Any:
        return cls.created_at < clock.now() - ANSWERED_TERM


from app.accounts import signing_authority  # noqa: E402, F401
