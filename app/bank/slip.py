"""Costs of the bank, or interest, of a bond for which no statement of the bank is imported: a document stands for the
line that is lacking, and a second person for the bank."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.bank.models import OfABond
from app.bank.states import SLIP_FLOW, SlipState
from app.core.models import Amount, Instant, Root, words
from app.programmes.models import Programme
from app.treasury.charge import BankCharge
from app.treasury.states import ChargeKind


class ChargeSlip(OfABond, Root):
    """`amount_minor` that left the account (costs) or came on it (interest) on the day `on`, as the document says whose
    SHA-256 this is. `charge`: what was booked of it when a second person approved."""

    __tablename__ = "charge_slip"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    FLOW = SLIP_FLOW

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[ChargeKind] = words(ChargeKind)
    amount_minor: Mapped[Amount]
    on: Mapped[date] = mapped_column("on_day")
    description: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(deferred=True)
    state: Mapped[SlipState] = words(SlipState, default=SlipState.PREPARED)
    decided_at: Mapped[Instant | None]
    rejected_because: Mapped[str] = mapped_column(default="")
    charge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_charge.id"))

    programme: Mapped[Programme] = relationship(lazy="joined")
    charge: Mapped[BankCharge | None] = relationship()

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def signed_minor(self) -> int:
        """Above zero when money came in."""
        return self.amount_minor if self.kind == ChargeKind.INTEREST else -self.amount_minor
