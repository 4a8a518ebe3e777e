import uuid
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Instant, append_only
from app.extensions import Model
from app.people.models import User


@append_only
class AuditEntry(Model):
    """One act. `hash` = SHA-256 over all columns before it and `previous_hash`."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_id", "action"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant]
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    programme_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    facts_digest: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)

    actor: Mapped[User | None] = relationship()
    facts: Mapped["AuditFacts | None"] = relationship(back_populates="entry")


class AuditFacts(Model):
    """What an entry said in words and numbers; deleted when its retention term ends."""

    __tablename__ = "audit_facts"

    seq: Mapped[int] = mapped_column(ForeignKey("audit_entry.seq"), primary_key=True, autoincrement=False)
    salt: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)

    entry: Mapped[AuditEntry] = relationship(back_populates="facts")
