"""The close of a bond: every account at zero, nothing under way, and nothing happens any more."""

import uuid
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Instant, Root, words
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.states import CLOSING_FLOW, ClosingState


class Closing(DeskRow, Root):
    """Prepared by one person of the intermediary, approved by another.

    `key_deleted_by`, `files_deleted_by`: the days that the DPIA gives for destroying the key of codes and names, and
    the documents. `bank_seen`: the statement of the bank, by number and day, that shows every payment and an empty
    account, where none is read in here: both people state it. `figures`: each kind of account (minor units) as it stood
    before the closing entries.
    """

    __tablename__ = "closing"
    __table_args__ = (
        Index(
            "uq_closing_standing",
            "programme_id",
            unique=True,
            sqlite_where=text("state <> 'rejected'"),
            postgresql_where=text("state <> 'rejected'"),
        ),
    )
    FLOW = CLOSING_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    key_deleted_by: Mapped[date]
    files_deleted_by: Mapped[date]
    lessons: Mapped[str]
    bank_seen: Mapped[str | None]
    state: Mapped[ClosingState] = words(ClosingState, default=ClosingState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")
    figures: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    programme: Mapped[Programme] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return _("Close of the bond")
