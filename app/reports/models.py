import uuid
from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.calls.models import Call
from app.core.models import Row, append_only
from app.people.models import User


@append_only
class CallFile(Row):
    """The file of a call as it left the portal once: by these digests (SHA-256, hex) it is known again, also when
    somebody rewrites an archive together with its manifest. `kept_until`: the day before which nothing is deleted."""

    __tablename__ = "call_file"

    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("call.id"), index=True)
    manifest_sha256: Mapped[str] = mapped_column(index=True)
    archive_sha256: Mapped[str] = mapped_column(index=True)
    kept_until: Mapped[date]
    exported_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))

    call: Mapped[Call] = relationship()
    exported_by: Mapped[User] = relationship()
