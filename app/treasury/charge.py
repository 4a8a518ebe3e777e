"""What the bank takes for itself, and what it pays: booked from a line of the bank, which stands for the second person.
What was booked wrongly is reversed by somebody else, and its line goes back to the work list."""

import uuid
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Amount, Root, words
from app.programmes.models import Programme
from app.treasury.desk_row import DeskRow
from app.treasury.states import ChargeKind


class BankCharge(DeskRow, Root):
    """`amount_minor` that left the account of the bond (costs) or came on it (interest) on the day `on`; the books took
    it back on `reversed_on`."""

    __tablename__ = "bank_charge"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programme.id"), index=True)
    kind: Mapped[ChargeKind] = words(ChargeKind)
    amount_minor: Mapped[Amount]
    on: Mapped[date] = mapped_column("on_day")
    description: Mapped[str]
    reversed_on: Mapped[date | None]
    reversed_because: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship(lazy="joined")

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def signed_minor(self) -> int:
        """Above zero when money came in."""
        return self.amount_minor if self.kind == ChargeKind.INTEREST else -self.amount_minor

    @property
    def party(self) -> str:
        return _("The bank")
