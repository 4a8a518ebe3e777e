"""Money that came in and is no more there: the bank took it back, or its line was matched with the wrong thing."""

import uuid
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.bank.models import BankEntry, OfABond
from app.bank.states import TAKEN_BACK_FLOW, SlipState
from app.core.models import Amount, Instant, Root, words
from app.ledger.models import Transfer
from app.programmes.models import Programme


class TakenBack(OfABond, Root):
    """What was booked of the line `entry` (minor units), or by hand, of no line, with the transfer `booked`, is booked
    back when a second person approves.

    `taken_by`: the line of the bank that took the money; none: it is still there, but is something else, so that
    `entry` stands on the work list again. `undone`: [table, id, minor units, day on which it had been booked] of each
    receipt that the line had been.
    """

    __tablename__ = "taken_back"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(entry_id IS NULL) <> (transfer_id IS NULL)", name="of_one"),
    )
    FLOW = TAKEN_BACK_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_entry.id"), index=True)
    transfer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("transfer.id"), index=True)
    taken_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_entry.id"), index=True)
    amount_minor: Mapped[Amount]
    reason: Mapped[str]
    undone: Mapped[list[Any]] = mapped_column(JSON, default=list)
    state: Mapped[SlipState] = words(SlipState, default=SlipState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")
    entry: Mapped[BankEntry | None] = relationship(foreign_keys=[entry_id], lazy="joined")
    booked: Mapped[Transfer | None] = relationship(foreign_keys=[transfer_id])
    taken_by: Mapped[BankEntry | None] = relationship(foreign_keys=[taken_by_id], lazy="joined")

    @property
    def title(self) -> str:
        if self.entry_id is None:
            return _("A receipt that was booked by hand and never came")
        if self.taken_by_id is not None:
            return _("Money that came in was taken back")
        return _("A receipt that was matched wrongly")
