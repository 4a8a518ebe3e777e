import uuid

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Row
from app.people.models import User


class ImportedFile(Row):
    """A file with participants that a provider imported into a bond: its fingerprint (SHA-256, 64 hex digits), never a
    word of it. `id` is that of the form, from which its rows are found again (`imported`)."""

    __tablename__ = "imported_file"
    __table_args__ = (Index("ix_imported_file_same", "programme_id", "provider_id", "sha256"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    imported_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    sha256: Mapped[str]

    imported_by: Mapped[User] = relationship(lazy="joined")
