import uuid
from typing import Any

from sqlalchemy import ForeignKey, Select, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access.roles import Role
from app.core.models import Instant, Row, append_only, words
from app.intake.states import PublishedKind
from app.programmes.models import Programme

CLOSED = "closed"  # instead of a month: what a bond came to


@append_only
class Publication(Row):
    """What everybody may read of one bond is reckoned from this for a month: as it stood at `as_of`, cell by cell.

    One of each `kind` for each `month` (2026-11), and one for `closed`. The cells themselves are shown to nobody; which
    sums of them are is decided anew by whoever reads (`app/outcomes/disclosure.py`). Source: the domain, section 9.
    """

    __tablename__ = "publication"
    __table_args__ = (UniqueConstraint("programme_id", "kind", "month"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[PublishedKind] = words(PublishedKind)
    month: Mapped[str]
    as_of: Mapped[Instant]
    cells: Mapped[str] = mapped_column(Text)  # JSON

    programme: Mapped[Programme] = relationship()

    @classmethod
    def visible_to(cls, user: Any) -> Select["Publication"]:
        """Nobody opens one; what may be read of it stands on the pages."""
        return select(cls).where(cls.id.is_(None))

    def roles_of(self, user: Any) -> set[Role]:
        return self.programme.roles_of(user)
