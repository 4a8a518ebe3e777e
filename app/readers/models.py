import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, Select, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.actions import Action
from app.access.roles import Role
from app.audit.models import AuditEntry
from app.core.models import Instant, Root, Row, append_only, words
from app.extensions import db
from app.people.models import User
from app.programmes.models import Part, Programme, programmes_of
from app.readers.agreement import Agreement
from app.readers.states import FLOW, ReaderTestState


class ReaderTest(Root):
    """One test of one definition. `definition` is a copy of what the effect said, `digest` its SHA-256.

    The four counts are the 2 x 2 table, known once both have read.
    """

    __tablename__ = "reader_test"
    __table_args__ = (Index("ix_reader_test_effect", "programme_id", "effect_code"),)
    FLOW = FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"))
    effect_code: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]
    state: Mapped[ReaderTestState] = words(ReaderTestState, default=ReaderTestState.DRAFT)
    first_reader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    second_reader_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    done_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("user.id"))
    withdrawn_why: Mapped[str] = mapped_column(default="")
    both_yes: Mapped[int] = mapped_column(default=0)
    first_only: Mapped[int] = mapped_column(default=0)
    second_only: Mapped[int] = mapped_column(default=0)
    both_no: Mapped[int] = mapped_column(default=0)

    programme: Mapped[Programme] = relationship(lazy="joined")
    first_reader: Mapped[User | None] = relationship(foreign_keys=first_reader_id)
    second_reader: Mapped[User | None] = relationship(foreign_keys=second_reader_id)
    withdrawn_by: Mapped[User | None] = relationship(foreign_keys=withdrawn_by_id)
    files: Mapped[list["ReaderFile"]] = relationship(back_populates="test", order_by="ReaderFile.position")

    @property
    def title(self) -> str:
        return _("Two-reader test of “%(effect)s”", effect=self.definition["name"])

    @property
    def agreement(self) -> Agreement:
        return Agreement(self.both_yes, self.first_only, self.second_only, self.both_no)

    @property
    def author(self) -> User | None:
        """Who wrote the files."""
        drafted = AuditEntry.subject_id == self.id, AuditEntry.action == Action.READER_TEST_DRAFT
        return db.session.scalars(select(User).join(AuditEntry, AuditEntry.actor_id == User.id).where(*drafted)).first()

    @property
    def reader_ids(self) -> tuple[uuid.UUID | None, uuid.UUID | None]:
        return self.first_reader_id, self.second_reader_id

    def has_judged(self, user_id: uuid.UUID | None) -> bool:
        found = select(ReaderVerdict.id).join(ReaderFile).where(ReaderFile.test_id == self.id)
        return db.session.scalar(found.where(ReaderVerdict.reader_id == user_id).limit(1)) is not None

    @classmethod
    def visible_to(cls, user: Any) -> Select["ReaderTest"]:
        """The governments and the auditor of the bond, and the two who read. The public sees the outcome only."""
        reads = or_(cls.first_reader_id == user.id, cls.second_reader_id == user.id)
        return select(cls).where(or_(cls.programme_id.in_(programmes_of(user, Part.GOVERNMENT, Part.AUDITOR)), reads))

    def roles_of(self, user: Any) -> set[Role]:
        """Who reads does nothing else here: an official who reads neither asks readers nor withdraws the test."""
        if user.id is not None and user.id in self.reader_ids:
            return {Role.READER}
        return self.programme.roles_of(user)


class ReaderFile(Row):
    """One invented file, about nobody."""

    __tablename__ = "reader_file"
    __table_args__ = (UniqueConstraint("test_id", "position"),)

    test_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reader_test.id"))
    position: Mapped[int]
    text: Mapped[str]

    test: Mapped[ReaderTest] = relationship(back_populates="files")
    verdicts: Mapped[list["ReaderVerdict"]] = relationship(back_populates="file")


@append_only
class ReaderVerdict(Row):
    """What one reader said of one file: does it prove the effect?"""

    __tablename__ = "reader_verdict"
    __table_args__ = (UniqueConstraint("file_id", "reader_id"),)

    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reader_file.id"))
    reader_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("user.id"))
    meets: Mapped[bool]

    file: Mapped[ReaderFile] = relationship(back_populates="verdicts")


def digest_of(definition: Mapping[str, Any]) -> str:
    """The SHA-256 of what an effect says; a test counts for exactly this definition."""
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
