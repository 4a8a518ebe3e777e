"""The term sheet as a file, beside what the round says of it in words; its fingerprint is part of what is signed."""

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.capital.models import Round
from app.core.models import Row


class TermSheet(Row):
    """One file for a round, kept as it was laid with it. `sha256`: 64 hex digits, shown wherever it is offered."""

    __tablename__ = "term_sheet"

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("investor_round.id"), unique=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)

    round: Mapped[Round] = relationship()
