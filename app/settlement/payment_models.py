import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.models import Amount, Row, append_only
from app.settlement.models import Statement


@append_only
class StatementPayment(Row):
    """Money of a municipality on the bank account of the bond, for one statement (minor units).

    A statement may be paid in parts. The id is that of the transfer that booked it.
    """

    __tablename__ = "statement_payment"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)

    statement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("statement.id"), index=True)
    amount_minor: Mapped[Amount]
    received_on: Mapped[date]

    statement: Mapped[Statement] = relationship(back_populates="payments")
